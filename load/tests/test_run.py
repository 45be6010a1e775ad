"""Whole runs: the generators are real processes, and so is the server."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import psutil
import pytest
from kmip_conformance.client import Target, connect
from kmip_conformance.requests import locate, request
from kmip_conformance.tables import V1_4, Tag
from kmip_conformance.wire import Response, encode
from kmip_load.connection import endpoint_of
from kmip_load.errors import GeneratorLost, SetupFailed, UnusableOption
from kmip_load.messages import Messages
from kmip_load.options import Options
from kmip_load.plan import Plan
from kmip_load.profiles import PROFILES
from kmip_load.run import Outcome, run
from kmip_load.stock import destroy_keys
from kmip_reports.records_load import read_load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kmip_load.tally import Tally

REQUESTS = {
    "steady-get": {"Get", "connect"},
    "vcenter": {"Discover Versions", "Get", "Get Attributes", "connect", "key fetch"},
    "boot-storm": {"Discover Versions", "Get", "connect", "host boot"},
    "encrypt-storm": {
        "Activate",
        "Add Attribute",
        "Create",
        "Discover Versions",
        "Get",
        "Get Attributes",
        "connect",
        "vm encryption",
    },
}


class Quiet:
    """An observer that may do something at every second."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.then = then

    def stage(self, text: str) -> None:
        pass

    def second(self, tally: Tally, users: int) -> None:
        self.then()


def load(target: Target, profile: str = "steady-get", *, observer: Quiet | None = None, **changes: object) -> Outcome:
    options = Options(target, profile, users=2, duration=1.2, keys=4)
    return run(dataclasses.replace(options, **changes), observer or Quiet())  # type: ignore[arg-type]


def keys_on(target: Target) -> int:
    with connect(target) as connection:
        response = connection.exchange(encode(request(V1_4, locate()))).answer
    return len(Response.read(response).batch_items[0].payload.all(Tag.UNIQUE_IDENTIFIER))


def running_generators() -> list[psutil.Process]:
    alive = [child for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "kmip_load.generator" in child.cmdline()]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_runs_without_a_failure_and_leaves_nothing_behind(profile: str, target: Target, tmp_path: Path) -> None:
    record = load(target, profile, report_dir=tmp_path).record

    assert record.failures == 0, record.failure_reasons
    assert record.complete
    assert record.operations.keys() >= REQUESTS[profile]
    assert record.requests == sum(row.requests for name, row in record.operations.items() if name[0].isupper())
    assert record.requests == sum(second.requests for second in record.series) == record.distribution[-1].count
    assert record.latency_ms.p50 <= record.latency_ms.p99 <= record.latency_ms.max
    assert record.duration_seconds == pytest.approx(1.2, abs=1.0)
    assert read_load(tmp_path / "load.json") == record
    assert keys_on(target) == 0


def test_keys_are_left_when_that_is_asked_for(target: Target) -> None:
    outcome = load(target, keys=3, keep=True, duration=0.2)

    assert len(outcome.left) == keys_on(target) == 3
    assert outcome.record.notes[-1] == "3 keys were left on the target, as asked"
    ready = Messages(Plan(target, "steady-get", 1, 1.0, 1.0, 10.0, (1, 4)))
    assert destroy_keys(endpoint_of(target, 10.0), ready, outcome.left) == []
    assert keys_on(target) == 0


def test_two_generators_are_one_run(target: Target) -> None:
    record = load(target, users=3, processes=2).record

    assert (record.users, record.processes) == (3, 2)
    assert record.operations["connect"].requests == 3
    assert {second.users for second in record.series} == {3}
    assert [second.second for second in record.series] == [0, 1]


def test_users_come_at_the_rate_that_is_asked_for(target: Target) -> None:
    record = load(target, users=4, spawn_rate=1.0, duration=2.5).record

    assert record.series[0].users in {1, 2}
    assert record.operations["connect"].requests in {2, 3}


@pytest.mark.parametrize(
    ("vice", "reason"),
    [
        ("refuses", "Item Not Found"),
        ("is_silent", "no answer in time"),
        ("hangs_up", "connection closed without an answer"),
        ("answers_byte_by_byte", "Item Not Found"),
        ("talks_too_much", "more bytes came than one answer"),
    ],
)
def test_failures_are_seen_and_named(vice: str, reason: str, bad_server: Callable[[str], Target]) -> None:
    record = load(bad_server(vice), timeout=0.5).record

    assert record.requests == record.failures > 0
    assert {(failure.operation, failure.reason) for failure in record.failure_reasons} == {("Get", reason)}
    assert record.operations["Get"].failures == record.failures
    assert record.complete


def test_a_server_that_goes_away_is_seen(server_to_kill: tuple[Target, psutil.Process]) -> None:
    target, process = server_to_kill
    outcome = load(target, observer=Quiet(process.kill), timeout=1.0, duration=3.0)

    assert "connection refused" in {failure.reason for failure in outcome.record.failure_reasons if failure.operation == "connect"}
    assert outcome.record.requests > outcome.record.failures > 0
    assert len(outcome.left) == 4
    assert outcome.record.notes[-1].endswith("they could not be destroyed")


def test_a_lost_generator_ends_the_run_and_keeps_what_was_measured(target: Target, tmp_path: Path) -> None:
    def kill_one() -> None:
        if len(generators := running_generators()) == 2:
            generators[0].kill()

    outcome = load(target, users=2, processes=2, duration=30.0, observer=Quiet(kill_one), report_dir=tmp_path)

    assert isinstance(outcome.lost, GeneratorLost)
    assert (outcome.lost.exit_code, outcome.record.complete) == (3, False)
    assert read_load(tmp_path / "load.json").requests > 0
    assert running_generators() == []
    assert keys_on(target) == 0


def test_a_target_that_refuses_to_make_keys_is_no_place_for_a_run(target: Target) -> None:
    stranger = dataclasses.replace(target, username="nobody", password="wrong")

    with pytest.raises(SetupFailed) as refusal:
        load(stranger)

    assert refusal.value.exit_code == 4
    assert "Create" in str(refusal.value)


@pytest.mark.parametrize("changes", [{"users": 0}, {"processes": 3}, {"duration": 0.0}, {"keys": 0}])
def test_what_cannot_be_meant_is_refused(changes: dict[str, float], target: Target) -> None:
    with pytest.raises(UnusableOption):
        load(target, **changes)
