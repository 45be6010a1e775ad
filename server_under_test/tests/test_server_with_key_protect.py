"""The whole server with Key Protect behind it: sockets, TLS, store, and the simulator over HTTP."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest
from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_server.errors import ConfigurationError
from kmip_server.settings import KeyProtectSettings
from kmip_server.store.sqlite import SqliteStore
from kmip_server.testing import RunningServer, running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    enums = pytest.importorskip("kmip.core.enums")
    pie = pytest.importorskip("kmip.pie.client")
    pie_objects = pytest.importorskip("kmip.pie.objects")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


def key_protect(simulator: RunningSimulator, *, cache_seconds: float = 0.0, api_key: str | None = None) -> KeyProtectSettings:
    lab = simulator.lab
    return KeyProtectSettings(
        simulator.url, simulator.iam_url, lab.instance_id, lab.crk_id, api_key or lab.api_key, cache_seconds=cache_seconds
    )


def client_of(server: RunningServer) -> Any:
    return pie.ProxyKmipClient(hostname="localhost", port=server.port, cert=str(server.cert), key=str(server.key), ca=str(server.ca))


def versions_at_rest(server: RunningServer, identifiers: list[str]) -> set[str]:
    store = SqliteStore(server.state_dir / "kmip.db")
    try:
        rows = [store.get(server.client.id, identifier) for identifier in identifiers]
        return {row.envelope.key_version for row in rows if row is not None and row.envelope is not None}
    finally:
        store.close()


def test_keys_are_wrapped_by_the_root_key_and_follow_its_rotation(simulator: RunningSimulator, tmp_path: Path) -> None:
    with running_server(tmp_path, key_protect=key_protect(simulator)) as server, client_of(server) as client:
        identifier = client.create(enums.CryptographicAlgorithm.AES, 256)
        value = client.get(identifier).value
        before = versions_at_rest(server, [identifier])
        assert value not in (tmp_path / "kmip.db").read_bytes() + (tmp_path / "kmip.db-wal").read_bytes()
        simulator.rotate_key()
        assert client.get(identifier).value == value
        client.create(enums.CryptographicAlgorithm.AES, 256)  # a commit behind the lazily stored envelope
        after = versions_at_rest(server, [identifier])
        assert before != after
        assert client.get(identifier).value == value


@pytest.mark.parametrize("value", [b"", b"x", bytes(range(256)) * 256], ids=["nothing", "one byte", "64 KiB"])
def test_an_opaque_object_of_any_size_comes_back(simulator: RunningSimulator, value: bytes) -> None:
    """Key Protect takes an empty plaintext for none, and would wrap a key of its own making."""
    with running_server(key_protect=key_protect(simulator)) as server, client_of(server) as client:
        identifier = client.register(pie_objects.OpaqueObject(value, enums.OpaqueDataType.NONE))
        assert client.get(identifier).value == value


def test_a_disabled_root_key_shuts_the_keys_and_the_server_lives_on(simulator: RunningSimulator) -> None:
    with running_server(key_protect=key_protect(simulator)) as server, client_of(server) as client:
        identifier = client.create(enums.CryptographicAlgorithm.AES, 256)
        simulator.disable_key()
        for _ in range(2):
            with pytest.raises(pie.exceptions.KmipOperationFailure, match=r"PERMISSION_DENIED.*not active"):
                client.get(identifier)
        with pytest.raises(pie.exceptions.KmipOperationFailure, match="PERMISSION_DENIED"):
            client.create(enums.CryptographicAlgorithm.AES, 256)
        assert client.get_attribute_list(identifier)
        simulator.clock.move(seconds=60)
        simulator.enable_key()
        assert len(client.get(identifier).value) == 32


def test_a_wrong_api_key_stops_the_start(simulator: RunningSimulator) -> None:
    with pytest.raises(ConfigurationError, match="API key"), running_server(key_protect=key_protect(simulator, api_key="no-such-key")):
        pass


def test_a_key_protect_that_is_away_is_an_answer_for_each_operation(tmp_path: Path) -> None:
    away = KeyProtectSettings("http://127.0.0.1:9", "http://127.0.0.1:9/identity/token", "i", "c", "key")
    with running_server(tmp_path, key_protect=away) as server, client_of(server) as client:
        for _ in range(2):
            with pytest.raises(pie.exceptions.KmipOperationFailure, match=r"GENERAL_FAILURE.*cannot be reached"):
                client.create(enums.CryptographicAlgorithm.AES, 256)
        assert client.locate() == []
