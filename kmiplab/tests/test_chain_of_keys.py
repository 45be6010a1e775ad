"""KMIP keys, the root key that wraps them, and Key Protect: what holds when the root key changes, and when Key Protect has a bad day."""

from __future__ import annotations

import time
from base64 import b64encode
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_conformance.client import Target, connect
from kmip_conformance.requests import activate, create_symmetric_key, get, get_attribute_list, locate, register_secret_data
from kmip_conformance.tables import ResultReason, ResultStatus
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.settings import KeyProtectSettings
from kmip_server.store.contract import LocateQuery
from kmip_server.store.sqlite import SqliteStore
from kmip_server.testing import running_server
from labs import Lab, ask, create, material, up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kmip_conformance.client import Connection
    from kmip_server.wrapping.contract import Envelope


def envelopes(lab: Lab) -> list[Envelope]:
    """What wraps the client's keys at rest, oldest first."""
    with closing(SqliteDirectory(lab.state_dir / "kmip.db")) as directory, closing(SqliteStore(lab.state_dir / "kmip.db")) as store:
        client = directory.client("client")
        assert client is not None
        rows = [store.get(client.id, identifier) for identifier in reversed(store.locate(client.id, LocateQuery()))]
    return [row.envelope for row in rows if row is not None and row.envelope is not None]


def forms(secret: bytes) -> list[bytes]:
    """A secret as it could lie about: raw, hexadecimal, base64 (whatever stands before it)."""
    encoded = [b64encode(bytes(shift) + secret)[4 if shift else 0 : -4] for shift in range(3)]
    return [secret, secret.hex().encode(), secret.hex().upper().encode(), *encoded]


def test_every_key_is_wrapped_by_the_root_key_and_lies_nowhere_in_the_clear(tmp_path: Path) -> None:
    with up(tmp_path, "--log-level", "debug", "--log-format", "json") as lab:
        secret = b"a secret of thirty-two octets...."
        with connect(lab.target) as connection:
            keys = [material(connection, create(connection)) for _ in range(5)]
            assert ask(connection, register_secret_data(secret)).result_status == ResultStatus.SUCCESS
        assert {(envelope.provider, envelope.key_id) for envelope in envelopes(lab)} == {
            ("key_protect", lab.ready["key_protect"]["crk_id"])
        }
        assert len(envelopes(lab)) == 6
        ready_file = lab.ready_file.read_bytes()
        assert lab.end() == 0
        stored = {path.name: path.read_bytes() for path in lab.state_dir.iterdir()} | {"ready": ready_file, "log": lab.log.read_bytes()}
    for key in (*keys, secret):
        assert key is not None
        assert [name for name, content in stored.items() for form in forms(key) if form in content] == []


def test_the_root_key_is_rotated_and_disabled_under_way(tmp_path: Path) -> None:
    with up(tmp_path, "--cache-seconds", "0") as lab, connect(lab.target) as connection:
        identifier = create(connection)
        key = material(connection, identifier)
        [before] = envelopes(lab)
        lab.crk("rotate")
        assert material(connection, identifier) == key
        create(connection)  # a commit behind the one that stores the newer envelope
        after, newest = envelopes(lab)
        assert before.key_version != after.key_version == newest.key_version
        assert material(connection, identifier) == key
        lab.crk("disable")
        for item in (get(identifier), create_symmetric_key()):
            refused = ask(connection, item)
            assert refused.result_reason == ResultReason.PERMISSION_DENIED
            assert "not active" in (refused.result_message or "")
        assert ask(connection, get_attribute_list(identifier)).result_status == ResultStatus.SUCCESS
        assert len(envelopes(lab)) == 2
    with up(tmp_path, "--cache-seconds", "0") as lab, connect(lab.target) as connection:  # it starts with a disabled root key too
        assert material(connection, identifier) is None


@contextmanager
def lab(folder: Path, *, cache_seconds: float = 0.0, deadline_seconds: float = 5.0) -> Iterator[tuple[RunningSimulator, Connection]]:
    """A simulator with its controls, and one connection to a server whose keys it wraps."""
    with running_simulator() as simulator:
        told = simulator.lab
        key_protect = KeyProtectSettings(
            simulator.url,
            simulator.iam_url,
            told.instance_id,
            told.crk_id,
            told.api_key,
            cache_seconds=cache_seconds,
            deadline_seconds=deadline_seconds,
        )
        with (
            running_server(folder, key_protect=key_protect) as server,
            connect(Target(server.host, server.port, server.ca, server.cert, server.key)) as connection,
        ):
            yield simulator, connection


def test_a_disabled_root_key_shuts_the_keys_within_the_caches_time_and_an_enabled_one_opens_them(tmp_path: Path) -> None:
    with lab(tmp_path, cache_seconds=0.5) as (simulator, connection):
        identifier = create(connection)
        key = material(connection, identifier)
        simulator.disable_key()
        disabled = time.monotonic()
        while material(connection, identifier) is not None:
            assert time.monotonic() < disabled + 5
        assert time.monotonic() < disabled + 2
        simulator.clock.move(seconds=60)
        simulator.enable_key()
        assert material(connection, identifier) == key


def test_a_revoked_api_key_shuts_the_keys_once_its_token_is_over(tmp_path: Path) -> None:
    with lab(tmp_path) as (simulator, connection):
        identifier = create(connection)
        simulator.revoke_api_key()
        simulator.iam_clock.move(hours=2)
        refused = ask(connection, get(identifier))
        assert (refused.result_status, material(connection, identifier)) == (ResultStatus.OPERATION_FAILED, None)
        assert "API key" in (refused.result_message or "")
        assert simulator.lab.api_key not in (refused.result_message or "")
        assert ask(connection, activate(identifier)).result_status == ResultStatus.SUCCESS


BAD_DAYS = {
    "503": Disturbance(status=503),
    "429": Disturbance(status=429, retry_after=30),
    "slow": Disturbance(delay=30.0),
    "IAM 500": Disturbance(status=500, path="/identity"),
}


def refused_fast_while_others_go_on(connection: Connection, identifier: str) -> None:
    began = time.monotonic()
    for item in (get(identifier), create_symmetric_key(), get(identifier)):
        assert ask(connection, item).result_reason == ResultReason.GENERAL_FAILURE
    assert time.monotonic() - began < 2.9, "whoever asks next does not wait for the deadline again"
    for item in (locate(), get_attribute_list(identifier)):
        assert ask(connection, item).result_status == ResultStatus.SUCCESS


@pytest.mark.parametrize("day", BAD_DAYS)
def test_a_bad_day_of_key_protect_is_a_clean_failure_for_whom_it_concerns(tmp_path: Path, day: str) -> None:
    with lab(tmp_path, deadline_seconds=1.0) as (simulator, connection):
        identifiers = [create(connection) for _ in range(3)]
        if day.startswith("IAM"):
            simulator.iam_clock.move(hours=2)
        with simulator.disturbed(BAD_DAYS[day]):
            refused_fast_while_others_go_on(connection, identifiers[0])
        until_it_answers(connection, identifiers)


def test_a_key_protect_that_is_away_and_comes_back(tmp_path: Path) -> None:
    with lab(tmp_path, deadline_seconds=1.0) as (simulator, connection):
        identifiers = [create(connection) for _ in range(3)]
        with simulator.unreachable():
            refused_fast_while_others_go_on(connection, identifiers[0])
        until_it_answers(connection, identifiers)


def until_it_answers(connection: Connection, identifiers: list[str]) -> None:
    """Within a moment of its return every key is there again, and nothing else is."""
    deadline = time.monotonic() + 10
    while material(connection, identifiers[0]) is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert all(material(connection, identifier) for identifier in identifiers)
    found = ask(connection, locate()).payload.children
    assert sorted(str(item.value) for item in found if isinstance(item.value, str)) == sorted(identifiers)
