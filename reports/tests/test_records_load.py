"""load.json: written whole, read back equal, and refused with a hint when it is something else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from kmip_reports.records import RecordError
from kmip_reports.records_load import FailureReason, Latency, LoadRun, OperationLoad, PercentilePoint, Second, read_load, write_load

if TYPE_CHECKING:
    from pathlib import Path

LATENCY = Latency(p50=1.25, p95=2.5, p99=4.0, max=9.125)


def a_run() -> LoadRun:
    return LoadRun(
        started_at="2026-11-20T10:00:00Z",
        finished_at="2026-11-20T10:00:30Z",
        tool="kmiplab 0.1.0",
        target={"address": "127.0.0.1:5696"},
        profile="steady-get",
        users=32,
        processes=2,
        duration_seconds=30.0,
        requests=3000,
        failures=1,
        rps=100.0,
        latency_ms=LATENCY,
        operations={"Get": OperationLoad(3000, 1, 100.0, LATENCY, (PercentilePoint(50.0, 1.25, 1500),))},
        series=(Second(0, 100, 0, 1.0, 2.0, 3.0, 4.0), Second(1, 0, 0)),
        distribution=(PercentilePoint(50.0, 1.25, 1500), PercentilePoint(100.0, 9.125, 3000)),
        failure_reasons=(FailureReason("Get", "connection reset", 1, 12.5),),
    )


def test_what_is_written_is_read_back_equal(tmp_path: Path) -> None:
    write_load(a_run(), tmp_path / "load.json")
    assert read_load(tmp_path / "load.json") == a_run()
    assert [path.name for path in tmp_path.iterdir()] == ["load.json"]


def test_the_names_that_scripts_read_stand_at_the_top_and_per_operation(tmp_path: Path) -> None:
    write_load(a_run(), tmp_path / "load.json")
    document = json.loads((tmp_path / "load.json").read_text())
    for place in (document, document["operations"]["Get"]):
        assert (place["requests"], place["failures"], place["rps"]) == (3000, 1, 100.0)
        assert {"p50", "p95", "p99", "max"} <= place["latency_ms"].keys()


def test_a_field_of_a_later_version_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "load.json"
    write_load(a_run(), path)
    document = json.loads(path.read_text())
    document["weather"] = "fair"
    document["operations"]["Get"]["latency_ms"]["p42"] = 1
    path.write_text(json.dumps(document))
    assert read_load(path) == a_run()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"requests": 1}', "null", '"load"', "\x00", '{"latency_ms": 3}'],
    ids=["empty", "cut", "list", "no fields", "few fields", "null", "text", "nul", "wrong type"],
)
def test_a_file_that_is_something_else_is_refused_with_a_hint(tmp_path: Path, text: str) -> None:
    path = tmp_path / "load.json"
    path.write_text(text)
    with pytest.raises(RecordError) as caught:
        read_load(path)
    assert caught.value.hint
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [("requests", "many"), ("rps", None), ("latency_ms", {"p50": "fast"}), ("target", 5), ("operations", [1])]
)
def test_a_figure_that_is_no_number_is_refused_with_a_hint(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "load.json"
    write_load(a_run(), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(RecordError, match="is not the record of a load run"):
        read_load(path)


def test_a_missing_file_is_refused_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be read"):
        read_load(tmp_path / "load.json")


def test_a_folder_that_is_not_there_is_an_error_for_people(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        write_load(a_run(), tmp_path / "missing" / "load.json")
