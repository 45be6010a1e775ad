"""Clients with keepers of their own: the whole server, and Key Protect's standard keys beside its rows."""

from __future__ import annotations

import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.roles import Role
from keyprotect_simulator.testing import RunningSimulator, running_simulator
from kmip_server.directory.contract import Keeper
from kmip_server.directory.sqlite import SqliteDirectory
from kmip_server.store.sqlite import SqliteStore
from kmip_server.store.sqlite_file import connect
from kmip_server.testing import ClientFiles, RunningServer, add_client, running_server, running_server_process
from kmip_server.wrapping import begun
from kmip_server.wrapping.leavings import LEFT, kept_of
from kmip_server.wrapping.standard_keys import NAME_PREFIX, description_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kmip_server.wrapping.leavings import Kept

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    enums = pytest.importorskip("kmip.core.enums")
    pie = pytest.importorskip("kmip.pie.client")
    kmip_protocol = pytest.importorskip("kmip.services.kmip_protocol")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
SECONDS = 10.0


@pytest.fixture
def simulator() -> Iterator[RunningSimulator]:
    with running_simulator() as running:
        yield running


def put_keeper(folder: Path, simulator: RunningSimulator, *, name: str = "kmip-ab", keeps_keys: bool = True, api_key: str = "") -> Keeper:
    lab = simulator.lab
    keeper = Keeper(name, simulator.url, simulator.iam_url, lab.instance_id, lab.crk_id, api_key or lab.api_key, keeps_keys)
    with closing(SqliteDirectory(folder / "kmip.db")) as directory:
        directory.put_keeper(keeper)
    return keeper


@contextmanager
def talking(server: RunningServer, files: ClientFiles) -> Iterator[Any]:
    with pie.ProxyKmipClient(hostname="localhost", port=server.port, cert=str(files.cert), key=str(files.key), ca=str(server.ca)) as client:
        yield client


@contextmanager
def kept(folder: Path, simulator: RunningSimulator, **settings: Any) -> Iterator[tuple[RunningServer, ClientFiles, Any]]:
    """A server that wraps locally, and a connected client whose keeper keeps its keys."""
    put_keeper(folder, simulator)
    files = add_client(folder, "vcenter", keeper="kmip-ab")
    with running_server(folder, **{"keeper_cache_seconds": 0.0} | settings) as server, talking(server, files) as client:
        yield server, files, client


def create(client: Any) -> str:
    identifier: str = client.create(enums.CryptographicAlgorithm.AES, 256)
    return identifier


def all_standing(simulator: RunningSimulator) -> list[tuple[str, str]]:
    """The standard keys of KMIP keys in Key Protect that are not deleted: each one's name and id."""
    token = httpx.post(
        simulator.iam_url, data={"grant_type": "urn:ibm:params:oauth:grant-type:apikey", "apikey": simulator.lab.api_key}
    ).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Bluemix-Instance": simulator.lab.instance_id}
    found = httpx.get(f"{simulator.url}/api/v2/keys", headers=headers).json().get("resources", [])
    ours = (key for key in found if key["name"].startswith(NAME_PREFIX) and key["description"] == description_of("kmip-ab"))
    return [(key["name"], key["id"]) for key in ours]


def standing(simulator: RunningSimulator) -> dict[str, str]:
    """Their ids by name."""
    return dict(all_standing(simulator))


def kept_at_rest(folder: Path, files: ClientFiles, identifier: str) -> Kept | None:
    with closing(SqliteStore(folder / "kmip.db")) as store:
        row = store.get(files.client.id, identifier)
        assert row is not None
        return kept_of(row.envelope)


def left(folder: Path) -> list[str]:
    """The standard keys that the server has noted as left over."""
    with closing(SqliteStore(folder / "kmip.db")) as store:
        return LEFT.of_stage(store, 0)


def until(condition: Any) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it took too long"


def refusal(client: Any, identifier: str) -> str:
    with pytest.raises(pie.exceptions.KmipOperationFailure) as raised:
        client.get(identifier)
    return str(raised.value)


def test_each_key_is_a_standard_key_in_key_protect_until_it_is_destroyed(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator) as (_, files, client):
        identifiers = [create(client) for _ in range(3)]
        assert set(standing(simulator)) == {f"vmware_kmip-{identifier}" for identifier in identifiers}
        at_rest = kept_at_rest(tmp_path, files, identifiers[0])
        assert at_rest is not None
        assert at_rest.key_id == standing(simulator)[f"vmware_kmip-{identifiers[0]}"]
        assert len(client.get(identifiers[0]).value) == 32
        client.destroy(identifiers[0])
        until(lambda: len(standing(simulator)) == 2)
        assert f"vmware_kmip-{identifiers[0]}" not in standing(simulator)


def test_deleting_a_standard_key_revokes_that_key_alone_and_restoring_it_brings_it_back(
    simulator: RunningSimulator, tmp_path: Path
) -> None:
    with kept(tmp_path, simulator) as (_, _, client):
        one, other = create(client), create(client)
        value = client.get(one).value
        key_id = standing(simulator)[f"vmware_kmip-{one}"]
        simulator.delete_key(key_id)
        assert "CRYPTOGRAPHIC_FAILURE" in refusal(client, one)
        assert "revoked" in refusal(client, one)
        assert len(client.get(other).value) == 32
        simulator.clock.move(minutes=1)
        simulator.restore_key(key_id)
        assert client.get(one).value == value


def test_a_rotated_root_key_replaces_the_standard_key_when_it_is_used(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator) as (_, files, client):
        identifier, untouched = create(client), create(client)
        value, before = client.get(identifier).value, standing(simulator)
        simulator.rotate_key()
        assert client.get(identifier).value == value
        until(
            lambda: (
                standing(simulator)[f"vmware_kmip-{identifier}"] != before[f"vmware_kmip-{identifier}"]
                and len(all_standing(simulator)) == 2
            )
        )
        after = standing(simulator)
        assert after[f"vmware_kmip-{untouched}"] == before[f"vmware_kmip-{untouched}"]
        at_rest = kept_at_rest(tmp_path, files, identifier)
        assert at_rest is not None
        assert at_rest.key_id == after[f"vmware_kmip-{identifier}"]
        assert client.get(identifier).value == value


def test_what_key_protect_does_not_delete_now_is_deleted_after_a_kill(simulator: RunningSimulator, tmp_path: Path) -> None:
    put_keeper(tmp_path, simulator)
    files = add_client(tmp_path, "vcenter", keeper="kmip-ab")
    with running_server_process(tmp_path) as server, talking(server, files) as client:
        identifier, other = create(client), create(client)
        with simulator.disturbed(Disturbance(status=503, method="DELETE")):
            client.destroy(identifier)
            assert server.process is not None
            server.process.kill()
            server.process.wait()
            assert len(standing(simulator)) == 2
    assert len(left(tmp_path)) == 1
    with running_server(tmp_path) as server, talking(server, files) as client:
        until(lambda: set(standing(simulator)) == {f"vmware_kmip-{other}"})
        assert len(client.get(other).value) == 32
        until(lambda: left(tmp_path) == [])


def test_a_create_that_is_refused_leaves_no_standard_key(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator) as (_, _, client):
        client.create(enums.CryptographicAlgorithm.AES, 256, name="taken")
        with pytest.raises(pie.exceptions.KmipOperationFailure, match="Name"):
            client.create(enums.CryptographicAlgorithm.AES, 256, name="taken")
        until(lambda: len(standing(simulator)) == 1)


def test_a_writer_may_not_delete_and_the_destroyed_key_is_gone_all_the_same(simulator: RunningSimulator, tmp_path: Path) -> None:
    writer = simulator.add_service_id(Role.WRITER)
    put_keeper(tmp_path, simulator, api_key=writer.api_key)
    files = add_client(tmp_path, "vcenter", keeper="kmip-ab")
    with running_server(tmp_path) as server, talking(server, files) as client:
        identifier = create(client)
        client.destroy(identifier)
        assert "destroyed" in refusal(client, identifier).lower()
        assert kept_at_rest(tmp_path, files, identifier) is None
        assert len(standing(simulator)) == 1
        put_keeper(tmp_path, simulator)  # a Manager now
        client.destroy(create(client))
        until(lambda: standing(simulator) == {})


def test_keepers_come_and_change_while_the_server_runs(simulator: RunningSimulator, tmp_path: Path) -> None:
    with running_server(tmp_path, keeper_cache_seconds=60.0) as server, running_simulator() as elsewhere:
        keeper = put_keeper(tmp_path, simulator, keeps_keys=False)
        files = add_client(tmp_path, "vcenter", keeper="kmip-ab")
        with talking(server, files) as client, talking(server, ClientFiles(server.client, server.cert, server.key)) as local:
            identifier, own = create(client), create(local)
            value = client.get(identifier).value
            assert standing(simulator) == {}
            with closing(SqliteDirectory(tmp_path / "kmip.db")) as directory:
                directory.put_keeper(replace(keeper, url=elsewhere.url, iam_url=elsewhere.iam_url, api_key=elsewhere.lab.api_key))
            create_refused = pytest.raises(pie.exceptions.KmipOperationFailure)
            with create_refused:
                create(client)
            with pytest.raises(pie.exceptions.KmipOperationFailure):
                client.get(identifier)
            assert len(local.get(own).value) == 32
            with closing(SqliteDirectory(tmp_path / "kmip.db")) as directory:
                directory.put_keeper(keeper)
            assert client.get(identifier).value == value


def test_a_key_is_had_though_its_newer_wrapping_cannot_be_kept(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator) as (_, files, client):
        identifier = create(client)
        value, before = client.get(identifier).value, kept_at_rest(tmp_path, files, identifier)
        simulator.rotate_key()
        with simulator.disturbed(Disturbance(status=409, method="POST", path="*/v2/keys")):
            assert client.get(identifier).value == value
        assert kept_at_rest(tmp_path, files, identifier) == before


def test_what_is_kept_is_had_and_deleted_after_its_keeper_stopped_keeping(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator) as (_, files, client):
        identifier = create(client)
        value = client.get(identifier).value
        put_keeper(tmp_path, simulator, keeps_keys=False)
        assert kept_at_rest(tmp_path, files, create(client)) is None
        assert client.get(identifier).value == value
        client.destroy(identifier)
        until(lambda: standing(simulator) == {})


def test_what_was_cached_under_a_keeper_goes_with_it(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator, keeper_cache_seconds=60.0) as (_, _, client):
        identifier = create(client)
        value = client.get(identifier).value
        put_keeper(tmp_path, simulator, api_key="revoked")
        assert "API key" in refusal(client, identifier)
        put_keeper(tmp_path, simulator)
        assert client.get(identifier).value == value


def test_health_names_a_keeper_that_is_unwell_and_the_server_is_not_failing(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator, admin_port=0) as (server, _, client):
        create(client)
        address = f"http://127.0.0.1:{server.admin_port}/healthz"
        well = httpx.get(address)
        assert (well.status_code, well.json()["status"], well.json()["keepers"]) == (200, "ok", "ok")
        put_keeper(tmp_path, simulator, name="kmip-cd", api_key="revoked")
        unwell = httpx.get(address)
        assert (unwell.status_code, unwell.json()["status"], unwell.json()["wrapping"]) == (200, "degraded", "ok")
        assert unwell.json()["keepers"].startswith("kmip-cd: IAM refuses")
        assert "kmip-ab" not in unwell.json()["keepers"]


def test_no_standard_key_is_left_wherever_the_server_is_killed(
    simulator: RunningSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the answer to POST /keys, so that nobody knows the id; and before the object is durable, with the id known."""
    put_keeper(tmp_path, simulator)
    files = add_client(tmp_path, "vcenter", keeper="kmip-ab")
    with running_server_process(tmp_path) as server, talking(server, files) as client:
        kept_on = create(client)
        with simulator.disturbed(Disturbance(ending="closed", method="POST", path="*/v2/keys")):
            refused_or_cut_off(client)
        with holding_the_file(tmp_path), ThreadPoolExecutor(1) as pool:
            creating = pool.submit(refused_or_cut_off, client)
            until(lambda: attempts(tmp_path, f"key_id IS NOT NULL AND unique_identifier != '{kept_on}'") == 1)
            assert len(all_standing(simulator)) == 3
            assert server.process is not None
            server.process.kill()
            server.process.wait()
            creating.result()
        client.proxy.socket.close()  # PyKMIP leaves one open that the other side has closed
    assert set(standing(simulator)) > {f"vmware_kmip-{kept_on}"}
    monkeypatch.setattr(begun, "GRACE_SECONDS", -1)
    with running_server(tmp_path) as server, talking(server, files) as client:
        until(lambda: list(standing(simulator)) == [f"vmware_kmip-{kept_on}"])
        until(lambda: attempts(tmp_path, "1") == 0)
        assert len(client.get(kept_on).value) == 32


def test_what_may_be_under_way_is_let_be(simulator: RunningSimulator, tmp_path: Path) -> None:
    with kept(tmp_path, simulator) as (_, _, client):
        with simulator.disturbed(Disturbance(ending="closed", method="POST", path="*/v2/keys")):
            refused_or_cut_off(client)
        identifier = create(client)
        until(lambda: attempts(tmp_path, "1") == 1)  # that of the other one is settled
        assert len(client.get(identifier).value) == 32
        assert len(all_standing(simulator)) == 2


def refused_or_cut_off(client: Any) -> None:
    with pytest.raises((pie.exceptions.KmipOperationFailure, OSError, EOFError, kmip_protocol.RequestLengthMismatch)):
        create(client)


@contextmanager
def holding_the_file(folder: Path) -> Iterator[None]:
    """Nobody else can commit an object within the block."""
    with closing(connect(folder / "kmip.db")) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def attempts(folder: Path, condition: str) -> int:
    """How many standard keys the server has begun to make, and knows nothing of what became of them."""
    with closing(connect(folder / "standard-keys.db")) as connection:
        count: int = connection.execute(f"SELECT count(*) FROM attempts WHERE {condition}").fetchone()[0]
        return count
