"""Log lines, metrics, health."""

from __future__ import annotations

import asyncio
import io
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from kmip_server.conversation import ItemRecord
from kmip_server.directory.contract import Client
from kmip_server.enums import Operation, ResultReason, ResultStatus
from kmip_server.listener.causes import UNKNOWN_CERTIFICATE
from kmip_server.observability.journal import Journal, Level
from kmip_server.observability.metrics import Metrics
from kmip_server.observability.observer import FAILURES_A_SECOND, Observer
from kmip_server.testing import running_server

if TYPE_CHECKING:
    from pathlib import Path

ALICE = Client("id", 'alice "the first"')
DONE = ItemRecord(ALICE, "192.0.2.1:4711", Operation.CREATE, "one", ResultStatus.SUCCESS, None, None, 314)
REFUSED = ItemRecord(
    ALICE, "192.0.2.1:4711", Operation.GET, None, ResultStatus.OPERATION_FAILED, ResultReason.ITEM_NOT_FOUND, "no\nsuch “object”\x1b[31m", 7
)
UNKNOWN = DONE._replace(operation=0x7E)


def lines_of(*records: ItemRecord, form: str = "json", level: Level = Level.INFO) -> list[str]:
    stream = io.StringIO()
    journal = Journal(stream, form=form, level=level, clock=lambda: 1_700_000_000.25)
    for record in records:
        journal.item(record)
    journal.flush()
    return stream.getvalue().splitlines()


def test_json_lines() -> None:
    done, refused, unknown = map(json.loads, lines_of(DONE, REFUSED, UNKNOWN))
    assert done == {
        "time": "2023-11-14T22:13:20.250Z",
        "level": "info",
        "event": "item",
        "client": ALICE.name,
        "address": "192.0.2.1:4711",
        "operation": "create",
        "id": "one",
        "result": "success",
        "microseconds": 314,
    }
    assert (refused["operation"], refused["id"], refused["result"]) == ("get", None, "operation-failed")
    assert (refused["reason"], refused["message"]) == ("item-not-found", REFUSED.message)
    assert unknown["operation"] == "0x7e"


def test_human_lines_are_one_line_each_and_harmless() -> None:
    done, refused = lines_of(DONE, REFUSED, form="human")
    assert done.split()[0] == "22:13:20.250"
    assert "create" in done
    assert "314 µs  success" in done
    assert "item-not-found: no\\nsuch" in refused
    assert "\x1b" not in refused


def test_levels() -> None:
    assert lines_of(DONE, level=Level.WARNING) == []


def test_a_log_that_nobody_reads_stops_nobody() -> None:
    stream = io.StringIO()
    journal = Journal(stream, form="json")
    stream.close()
    journal.item(DONE)
    journal.item(DONE)


def test_a_flood_of_bad_handshakes_is_summed_up() -> None:
    stream, now = io.StringIO(), [100.0]
    journal = Journal(stream, form="json")
    observer = Observer(journal, Metrics(), lambda: now[0])
    for _ in range(1000):
        observer.handshake_failed("192.0.2.1:1", UNKNOWN_CERTIFICATE)
    now[0] += 1
    observer.handshake_failed("192.0.2.1:1", UNKNOWN_CERTIFICATE)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == FAILURES_A_SECOND + 2
    assert lines[-2]["message"] == f"{1000 - FAILURES_A_SECOND} more failed within a second"


def test_metrics_count_by_operation_and_result() -> None:
    metrics = Metrics()
    for record in (DONE, DONE, REFUSED, UNKNOWN):
        metrics.item(record)

    def value(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(name, labels)

    assert value("kmip_requests_total", operation="create", result="success") == 2
    assert value("kmip_requests_total", operation="get", result="item_not_found") == 1
    assert value("kmip_requests_total", operation="unknown", result="success") == 1
    assert value("kmip_request_seconds_sum", operation="create") == pytest.approx(628e-6)


async def test_items_are_counted_together_and_at_the_latest_when_somebody_asks() -> None:
    metrics = Metrics()
    for record in (DONE, DONE, REFUSED):
        metrics.item(record)
    assert metrics.publish().get_sample_value("kmip_requests_total", {"operation": "create", "result": "success"}) == 2
    metrics.item(DONE)
    while metrics.registry.get_sample_value("kmip_requests_total", {"operation": "create", "result": "success"}) != 3:  # noqa: ASYNC110 - no event
        await asyncio.sleep(0)
    assert metrics.registry.get_sample_value("kmip_request_seconds_count", {"operation": "create"}) == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_the_admin_port(tmp_path: Path, workers: int) -> None:
    with running_server(tmp_path, admin_port=0, workers=workers) as server:
        address = f"http://127.0.0.1:{server.admin_port}"
        with urllib.request.urlopen(f"{address}/healthz") as answer:
            health = json.load(answer)
        assert health["status"] == health["store"] == health["wrapping"] == "ok"
        with urllib.request.urlopen(f"{address}/metrics") as answer:
            text = answer.read().decode()
        assert "kmip_connections_accepted_total" in text
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/").close()
