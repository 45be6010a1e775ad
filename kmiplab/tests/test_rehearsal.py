"""The rehearsal of a migration: everything moves, what would be lost is known at each stage, and what goes wrong is told."""

from __future__ import annotations

import json
import secrets
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from kmip_server.directory.pki import read_certificate
from kmip_server.directory.sqlite import SqliteDirectory
from labs import kmiplab

from kmiplab.errors import LabError
from kmiplab.rehearsal import ACCIDENTS, Settings, rehearse
from kmiplab.rehearsal.estate import Kind, make_estate
from kmiplab.rehearsal.sealing import KeyRef, WrongKey, seal
from kmiplab.rehearsal.stages import STAGES

if TYPE_CHECKING:
    from pathlib import Path

    from kmip_reports.records_rehearsal import Rehearsal

SMALL = Settings(machines=3, hosts=4, clusters=1, seed=9, trials=False)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rehearsal, Path]:
    """A small one with its closing section, and the folder that it left."""
    folder = tmp_path_factory.mktemp("rehearsal") / "state"
    return rehearse(replace(SMALL, state_dir=folder, trials=True)), folder


def test_everything_moves_and_nothing_is_lost(rehearsed: tuple[Rehearsal, Path]) -> None:
    rehearsal, _ = rehearsed
    assert (rehearsal.exit_code, rehearsal.problems, rehearsal.lost, rehearsal.refers_to_old) == (0, (), (), ())
    assert [stage.name for stage in rehearsal.stages] == [stage.name for stage in STAGES]
    assert {moved.kind: (moved.moved, moved.of) for moved in rehearsal.moved} == {
        Kind.MACHINE: (3, 3),
        Kind.CORE_DUMPS: (4, 4),
        Kind.DISK_GROUP: (3, 3),
    }


def test_each_stage_says_what_a_deletion_would_have_cost(rehearsed: tuple[Rehearsal, Path]) -> None:
    rehearsal, _ = rehearsed
    costs = {stage.name: now for stage in rehearsal.stages if (now := stage.if_deleted_now)}
    off = sum(not machine.is_on for machine in make_estate(9, machines=3, hosts=4, clusters=1).machines)
    assert {name: now.safe for name, now in costs.items()} == {
        "encrypted": 0,
        "adapter": 0,
        "trust": 0,
        "default": 0,
        "machines": 3,
        "hosts": 4,
        "clusters": 10,
        "retire": 10,
    }
    assert all(now.safe + now.until_reboot + now.lost == 10 for now in costs.values())
    assert {name: now.tried for name, now in costs.items() if now.tried is not None} == {"encrypted": 0, "machines": 3}
    assert costs["default"].lost == off == 1, "machines that are off are in no host's memory"


def test_the_traffic_is_vcenters(rehearsed: tuple[Rehearsal, Path]) -> None:
    stages = {stage.name: stage for stage in rehearsed[0].stages}
    keys = 3 + 1 + 2
    for requests in (stages["encrypted"].requests, sum_of(rehearsed[0], "machines", "hosts", "clusters")):
        assert requests is not None
        assert (requests["Create"], requests["Activate"]) == (keys, keys)
        assert not requests.keys() & {"Locate", "Revoke", "Destroy", "Re-key"}
    assert stages["retire"].requests == {"Discover Versions": keys, "Revoke": keys}
    assert all(
        stage.connections == (stage.requests or {}).get("Discover Versions", 0) for name, stage in stages.items() if name == "machines"
    )


def sum_of(rehearsal: Rehearsal, *names: str) -> dict[str, int]:
    summed: dict[str, int] = {}
    for stage in rehearsal.stages:
        if stage.name in names:
            for name, count in (stage.requests or {}).items():
                summed[name] = summed.get(name, 0) + count
    return summed


def test_the_closing_section_has_every_accident(rehearsed: tuple[Rehearsal, Path]) -> None:
    accidents = {accident.name: accident for accident in rehearsed[0].accidents}
    assert list(accidents) == list(ACCIDENTS)
    assert {name: accident.lost for name, accident in accidents.items()} == {
        "not-registered": (),
        "host-off": ("core dumps of esx-01", "disk group of esx-01"),
        "old-key-in-use": ("vm-0001-clone",),
    }
    opens = "after that the service is deleted without force, every host reboots, and every data key opens"
    assert {name: accident.averted for name, accident in accidents.items() if accident.averted} == {
        "host-off": ("esx-01 is started, and vsan-1 rekeyed while old and new keys can both be had", opens),
        "old-key-in-use": ("vm-0001-clone is re-encrypted", opens),
    }
    told = {name: " ".join(accident.happened) for name, accident in accidents.items()}
    assert "trust fails" in told["not-registered"]
    assert all("refuses to be deleted" in told[name] and "by force" in told[name] for name in ("host-off", "old-key-in-use"))


def test_no_secret_is_in_the_record(rehearsed: tuple[Rehearsal, Path]) -> None:
    rehearsal, folder = rehearsed
    api_key = (folder / "native" / "api-key").read_text(encoding="ascii")
    assert api_key not in repr(rehearsal)
    assert "BEGIN" not in repr(rehearsal)


def test_the_same_seed_makes_the_same_estate_and_comes_to_the_same(rehearsed: tuple[Rehearsal, Path]) -> None:
    def places_of(seed: int) -> list[tuple[str, str, str, bool]]:
        return [(item.name, item.uuid, item.host.name, item.is_on) for item in make_estate(seed, machines=9, hosts=4, clusters=1).machines]

    assert places_of(7) == places_of(7) != places_of(8)
    first, again = (
        [
            (stage.name, stage.told, stage.connections, stage.requests, stage.if_deleted_now and replace(stage.if_deleted_now, tried=None))
            for stage in rehearsal.stages
        ]
        for rehearsal in (rehearsed[0], rehearse(replace(SMALL, closing=False)))
    )
    assert first == again


def test_accidents_that_happen_to_the_estate_are_the_end_of_what_they_kept_back() -> None:
    rehearsal = rehearse(replace(SMALL, accidents=frozenset({"host-off", "old-key-in-use"}), closing=False))
    lost = {"vm-0001-clone", "core dumps of esx-01", "disk group of esx-01"}
    assert (rehearsal.exit_code, set(rehearsal.lost), set(rehearsal.refers_to_old)) == (1, lost, lost)
    assert {accident.name: accident.on for accident in rehearsal.accidents} == dict.fromkeys(("host-off", "old-key-in-use"), "the estate")


class Meddler:
    """Takes the new certificate away again, when the virtual machines' turn has come."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stage(self, title: str) -> None:
        if title == "Virtual machines re-encrypted":
            pinned = read_certificate((self._folder / "estate-new.pem").read_bytes())
            with closing(SqliteDirectory(self._folder / "native" / "kmip.db")) as directory:
                assert directory.remove_certificate(pinned.fingerprint)

    def step(self, done: int, of: int) -> None:
        pass


def test_what_is_not_moved_is_found_and_the_old_service_stays(tmp_path: Path) -> None:
    rehearsal = rehearse(replace(SMALL, state_dir=tmp_path / "state", closing=False), Meddler(tmp_path / "state"))
    assert (rehearsal.exit_code, rehearsal.lost, len(rehearsal.refers_to_old)) == (1, (), 10)
    assert [stage.name for stage in rehearsal.stages][-1] == "delete"
    assert any("the old service stays" in problem for problem in rehearsal.problems)


class Interrupter:
    """Presses Ctrl-C when the hosts' turn has come."""

    def stage(self, title: str) -> None:
        if title == "Hosts rekeyed":
            raise KeyboardInterrupt

    def step(self, done: int, of: int) -> None:
        pass


def test_what_was_done_before_an_interruption_is_kept() -> None:
    rehearsal = rehearse(replace(SMALL, closing=False), Interrupter())
    assert (rehearsal.exit_code, rehearsal.complete, rehearsal.lost) == (2, False, ())
    assert [stage.name for stage in rehearsal.stages] == ["encrypted", "adapter", "trust", "default", "machines"]
    assert rehearsal.moved[0].moved == 3


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        (Settings(hosts=2, clusters=1), "2 hosts are too few for 1 vSAN clusters"),
        (Settings(machines=0, accidents=frozenset({"old-key-in-use"})), "a clone needs a virtual machine"),
        (Settings(hosts=1, clusters=0, accidents=frozenset({"host-off"})), "the only host"),
        (Settings(accidents=frozenset({"flood"})), "no accident 'flood'"),
    ],
)
def test_settings_that_cannot_be_are_refused_before_anything_starts(settings: Settings, told: str) -> None:
    with pytest.raises(LabError, match=told):
        rehearse(settings)


def test_a_data_key_opens_with_the_key_that_wraps_it_alone() -> None:
    old, new = secrets.token_bytes(32), secrets.token_bytes(32)
    sealed = seal(b"data", KeyRef("old", "1"), old)
    moved = sealed.rewrapped(old, KeyRef("new", "2"), new)
    assert (sealed.opens_with(old), sealed.opens_with(new), moved.opens_with(new), moved.opens_with(old)) == (True, False, True, False)
    assert (moved.ciphertext, moved.key) == (sealed.ciphertext, ("new", "2")), "a shallow re-encryption rewrites no data"
    with pytest.raises(WrongKey, match="does not open"):
        sealed.rewrapped(new, KeyRef("new", "2"), new)
    spoilt = replace(sealed, ciphertext=bytes([sealed.ciphertext[0] ^ 1]) + sealed.ciphertext[1:])
    assert not spoilt.opens_with(old)


def test_the_command_prints_json_writes_the_report_and_ends_with_its_exit_code(tmp_path: Path) -> None:
    estate = ("--vms", "1", "--hosts", "1", "--vsan-clusters", "0", "--no-closing", "--no-trials")
    ended = kmiplab("rehearse", "migration", *estate, "--json", "--report-dir", tmp_path / "report")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == json.loads((tmp_path / "report" / "rehearsal.json").read_text(encoding="utf-8"))
    assert (tmp_path / "report" / "index.html").exists()

    lost = kmiplab("rehearse", "migration", *estate, "--accident", "old-key-in-use", "--report-dir", tmp_path / "report")
    assert lost.returncode == 1
    assert "lost: vm-0001-clone" in lost.stdout

    refused = kmiplab("rehearse", "migration", "--state-dir", tmp_path / "report")
    assert (refused.returncode, "is not empty" in refused.stderr) == (4, True)
