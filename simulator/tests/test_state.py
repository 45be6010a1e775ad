"""What is remembered: tables in memory, sealed documents on disk, and folders that cannot be used."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from keyprotect_simulator.control import Refused
from keyprotect_simulator.errors import StateFolderCorrupt, StateFolderInUse, StateFolderUnusable
from keyprotect_simulator.lab import new_lab
from keyprotect_simulator.records import (
    KINDS,
    Clocks,
    ImportToken,
    Instance,
    InstancePolicy,
    Key,
    KeyPolicy,
    KeyRing,
    KeyVersion,
    KmipCertificate,
    KmipEvent,
    KmipObject,
    Put,
    Registration,
    Remove,
    Secret,
    SigningKey,
)
from keyprotect_simulator.roles import Role
from keyprotect_simulator.settings import Settings
from keyprotect_simulator.simulator import Simulator
from keyprotect_simulator.state.folder import DATABASE, MASTER_KEY, FolderJournal
from keyprotect_simulator.state.sealing import Sealer, Unsealable, place_of
from keyprotect_simulator.state.tables import State
from keyprotect_simulator.testing import running_simulator

EVERY_ROLE = (Role.READER_PLUS, Role.WRITER, Role.MANAGER)
BODY = {"metadata": {"collectionType": "x", "collectionTotal": 1}, "resources": [{"name": "rival", "aliases": ["the-one"]}]}


@pytest.fixture
def records():
    """One record of every kind, a root key with every field set among them."""
    lab = new_lab(region="eu-de", now=1000.25, random=os.urandom)
    (root_key,) = [record for record in lab if isinstance(record, Key)]
    versions = (*root_key.versions, KeyVersion("v2", 5, Secret(b"2" * 32)))
    full = replace(root_key, versions=versions, aliases=("a1", "a2"), tags=("t",), expires=9.5, rotated=7.0, deleted=8.0, deleted_by="x")
    policies = (
        KeyPolicy("p1", "rotation", enabled=True, created=1.0, created_by="x", updated=2.0, updated_by="y", interval_month=3),
        KeyPolicy("p2", "dualAuthDelete", enabled=False, created=1.0, created_by="x", updated=2.0, updated_by="y"),
    )
    full = replace(full, notified=1.0, authorized=2.0, authorized_by="z", policies=policies)
    event = KmipEvent(1.5, "certificate", "x")
    return [
        *(full if record is root_key else record for record in lab),
        SigningKey("kid", Secret(b"a key")),
        Clocks("clocks", 1.5, -2.0),
        InstancePolicy(
            "i metrics", "i", "metrics", enabled=True, attributes="{}", created=1.0, created_by="x", updated=2.0, updated_by="y"
        ),
        KeyRing("i team", "i", "team", 1.0, "x"),
        ImportToken("i", Secret(b"a key"), Secret(b"a nonce"), 1.0, 2.0, 3, 2),
        Registration("r", "i", "k", "crn:v1:x", 1.0, "x", 2.0, "y", "k", "about", prevent_key_deletion=True),
        KmipCertificate("c", "a", "host", "PEM", "ff", 1.0, "x"),
        KmipObject("o", "a", 5, event, event, event),
    ]


def test_every_kind_of_record_is_tried(records):
    assert {type(record) for record in records} == set(KINDS.values())


# -- in memory


def test_records_are_found_by_id_kind_and_index(records):
    state = State(records)
    for record in records:
        assert state.get(type(record), record.id) is record
        assert state.all(type(record)) == [record]
        for index, value in record.index():
            assert state.find(type(record), index, value) == [record]
    assert state.get(Instance, records[0].id) is None
    assert state.find(Key, "instance", "another") == []


def test_a_changed_record_leaves_its_old_indexes(records):
    state = State(records)
    (key,) = state.all(Key)
    state.apply([Put(replace(key, aliases=("a2", "a3")))])
    found = {alias: len(state.find(Key, "alias", f"{key.instance_id} {alias}")) for alias in ("a1", "a2", "a3")}
    assert found == {"a1": 0, "a2": 1, "a3": 1}
    state.apply([Remove(key)])
    assert state.all(Key) == state.find(Key, "instance", key.instance_id) == state.find(Key, "alias", f"{key.instance_id} a3") == []


def test_secrets_do_not_show_themselves():
    secret = Secret(b"very secret")
    for shown in (repr(secret), str(secret), f"{secret}", repr(KeyVersion("v", 0, secret))):
        assert "very" not in shown


# -- on disk


def test_a_record_survives_its_document(records):
    sealer = Sealer(bytes(32), os.urandom)
    names = {kind: name for name, kind in KINDS.items()}
    for record in records:
        document = json.loads(json.dumps(sealer.document(record)))
        assert sealer.record(names[type(record)], record.id, document) == record


def test_a_secret_is_bound_to_its_record_and_master_key(records):
    key = next(record for record in records if isinstance(record, Key))
    document = Sealer(bytes(32), os.urandom).document(key)
    assert bytes(key.versions[0].material).hex() not in json.dumps(document)
    with pytest.raises(Unsealable):
        Sealer(b"1" * 32, os.urandom).record("key", key.id, document)
    with pytest.raises(Unsealable):
        Sealer(bytes(32), os.urandom).record("key", "another", {**document, "id": "another"})
    with pytest.raises(Unsealable):
        Sealer(bytes(32), os.urandom).record("key", key.id, {**document, "colour": "red"})


def test_a_folder_keeps_everything(tmp_path):
    folder = tmp_path / "deep" / "state"
    with running_simulator(state_dir=folder) as simulator:
        lab = simulator.lab
        token = simulator.token()
        ciphertext = simulator.operate("POST", f"/api/v2/keys/{lab.crk_id}/actions/wrap", body={"plaintext": "AAAA"}).json()["ciphertext"]
        simulator.rotate_key()
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {DATABASE: 0o600, MASTER_KEY: 0o600}
    with running_simulator(state_dir=folder) as simulator:
        assert simulator.lab == lab
        assert simulator.simulator.core._issuer.subject(token, now=simulator.iam_clock()) == f"iam-{lab.service_id}"
        answer = simulator.operate("POST", f"/api/v2/keys/{lab.crk_id}/actions/unwrap", body={"ciphertext": ciphertext}).json()
        assert answer["plaintext"] == "AAAA"
        assert "rewrappedKeyVersion" in answer


def test_no_secret_is_in_the_clear_on_disk(tmp_path):
    with running_simulator(state_dir=tmp_path) as simulator:
        key = simulator.simulator.state.get(Key, simulator.crk_id)
        secrets = [simulator.api_key.encode(), bytes(key.newest.material), b"PRIVATE KEY"]
        during = [path.read_bytes() for path in tmp_path.iterdir() if path.name != MASTER_KEY]
    after = [path.read_bytes() for path in tmp_path.iterdir() if path.name != MASTER_KEY]
    for content in (*during, *after):
        for secret in secrets:
            assert secret not in content
            assert secret.hex().encode() not in content


def test_what_could_not_be_kept_is_not_answered_and_not_visible(tmp_path, core_api):
    simulator = core_api.simulator.simulator

    class Full:
        def load(self):
            return ()

        def commit(self, changes):
            raise sqlite3.OperationalError("database or disk is full")

        def close(self):
            pass

    key = core_api.create_id()
    working, simulator.core._journal = simulator.core._journal, Full()
    try:
        assert core_api.act(key, "disable").status == 500
    finally:
        simulator.core._journal = working
    assert core_api.metadata(key)["state"] == 1


def test_changes_are_worked_out_one_after_the_other(core_api):
    core = core_api.simulator.simulator.core
    both_inside = threading.Barrier(2)

    class Watchful:
        def load(self):
            return ()

        def commit(self, changes):
            with contextlib.suppress(threading.BrokenBarrierError):
                both_inside.wait(0.3)
                pytest.fail("two requests were in the journal at once")

        def close(self):
            pass

    core_api.token(*EVERY_ROLE)
    working, core._journal = core._journal, Watchful()
    try:
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda _: core_api.call("POST", "/keys", BODY), range(2)))
    finally:
        core._journal = working
    assert sorted(answer.status for answer in answers) == [201, 409]


# -- folders that cannot be used


def opened(folder):
    return Simulator.open(Settings(state_dir=folder))


@pytest.fixture
def used(tmp_path):
    """A folder with a state in it."""
    folder = tmp_path / "state"
    with opened(folder) as simulator:
        simulator.ensure_lab()
    return folder


def test_one_simulator_at_a_time(used):
    with opened(used):
        with pytest.raises(StateFolderInUse, match="in use by another kmiplab") as refusal:
            opened(used)
        assert "--state-dir" in refusal.value.hint
    opened(used).close()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StateFolderUnusable):
            opened(folder)


def test_a_database_that_is_none(used):
    (used / DATABASE).write_bytes(b"this is no database, and long enough to be seen as none" * 100)
    with pytest.raises(StateFolderCorrupt, match="not a database"):
        opened(used)


def test_a_database_that_was_cut_short(used):
    whole = (used / DATABASE).read_bytes()
    (used / DATABASE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StateFolderCorrupt):
        opened(used)


def test_a_database_of_another_program(tmp_path):
    with sqlite3.connect(tmp_path / DATABASE) as database:
        database.execute("PRAGMA user_version = 7")
    database.close()
    (tmp_path / MASTER_KEY).write_bytes(bytes(32))
    with pytest.raises(StateFolderCorrupt, match="another program"):
        opened(tmp_path)


def test_a_database_of_a_newer_version(used):
    with sqlite3.connect(used / DATABASE) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    with pytest.raises(StateFolderCorrupt, match="newer version"):
        opened(used)


@pytest.mark.parametrize("content", [None, b"short", b"1" * 32], ids=["missing", "short", "another"])
def test_a_wrong_master_key(used, content):
    (used / MASTER_KEY).unlink()
    if content is not None:
        (used / MASTER_KEY).write_bytes(content)
    with pytest.raises(StateFolderCorrupt) as refusal:
        opened(used)
    assert refusal.value.hint
    assert (used / MASTER_KEY).exists() is (content is not None)


def test_a_record_of_an_unknown_kind(used):
    with sqlite3.connect(used / DATABASE) as database:
        database.execute("INSERT INTO record (kind, id, document) VALUES ('unicorn', 'u', '{}')")
    database.close()
    with pytest.raises(StateFolderCorrupt, match="unicorn"):
        opened(used)


def test_a_commit_is_whole_or_not_at_all(tmp_path, records):
    journal = FolderJournal.open(tmp_path, random=os.urandom)
    with pytest.raises(KeyError):
        journal.commit([Put(records[0]), Put("no record")])  # type: ignore[arg-type]
    assert list(journal.load()) == []
    journal.commit([Put(record) for record in records])
    journal.commit([Remove(records[0])])
    assert list(journal.load()) == records[1:]
    journal.close()


# -- kill -9


CHILD = """
import sys
from pathlib import Path
from keyprotect_simulator.control import Control
from keyprotect_simulator.roles import Role
from keyprotect_simulator.settings import Settings
from keyprotect_simulator.simulator import Simulator
control = Control(Simulator.open(Settings(state_dir=Path(sys.argv[1]))))
body = {"metadata": {"collectionType": "x", "collectionTotal": 1}, "resources": [{"name": "kept"}]}
while True:
    print(control.operate("POST", "/api/v2/keys", body=body).json()["resources"][0]["id"], flush=True)
"""


@pytest.mark.parametrize("answers", [1, 7, 40])
def test_what_was_answered_survives_kill_9(tmp_path, answers):
    command = [sys.executable, "-c", CHILD, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        seen = [process.stdout.readline().strip() for _ in range(answers)]
        process.kill()
        seen += process.stdout.read().split("\n")[:-1]
    assert all(seen)
    with opened(tmp_path) as simulator:
        kept = {key.id for key in simulator.state.all(Key)}
        assert kept.issuperset(seen)
        assert simulator.ensure_lab().crk_id in kept


# -- the end of a key

SEALED = re.compile(rb"[A-Za-z0-9+/]{80}")
"""Thirty-two sealed bytes, as they lie in a file."""


def materials_in(folder, key_id):
    """Every material of this key that whoever has the folder can get at: from rows, free pages or the write-ahead log."""
    cipher, place = AESGCM((folder / MASTER_KEY).read_bytes()), place_of("key", key_id)
    found = set()
    for path in folder.iterdir():
        for match in SEALED.findall(path.read_bytes()):
            sealed = base64.b64decode(match)
            with contextlib.suppress(InvalidTag):
                found.add(cipher.decrypt(sealed[:12], sealed[12:], place))
    return found


@pytest.mark.parametrize("end", ["purged", "beyond restoring"])
def test_of_a_key_that_has_ended_no_material_is_left_in_the_folder(tmp_path, end):
    with running_simulator(state_dir=tmp_path) as simulator:
        simulator.rotate_key()
        key = simulator.simulator.state.get(Key, simulator.crk_id)
        materials = {version.material for version in key.versions}
        assert materials_in(tmp_path, key.id) == materials != set()
        simulator.delete_key()
        simulator.clock.move(days=30)
        simulator.operate("GET", "/api/v2/keys")
        assert materials_in(tmp_path, key.id) == materials, "it can still be restored"
        if end == "purged":
            simulator.operate("DELETE", f"/api/v2/keys/{key.id}/purge")
        else:
            simulator.clock.move(minutes=1)
            simulator.operate("GET", "/api/v2/keys")
        assert materials_in(tmp_path, key.id) == set()
        secrets = [base64.b64encode(material).decode() for material in materials]
        assert not [secret for secret in secrets if secret in json.dumps(simulator.export())]
        simulator.clock.move(days=-20)
        with pytest.raises(Refused, match="KEY_NOT_FOUND_ERR" if end == "purged" else "KEY_RESTORE_EXPIRED"):
            simulator.restore_key()
