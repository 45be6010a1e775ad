"""The files that programs read: summary.json, badge.json, junit.xml and summary.md, for a fair run, a cut one and a hostile one."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import hostile_samples
import pytest
import report_samples
from kmip_reports.records import RecordError, Run, Verdict
from kmip_reports.render import write_report
from markdown_it import MarkdownIt  # rich brings it

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = {"summary.json", "junit.xml", "summary.md", "badge.json", "index.html"}

# What consumers of JUnit files agree on: element → (attributes it must have, attributes it may have, children in this order).
JUNIT = {
    "testsuites": ({"name", "tests", "failures", "errors", "skipped", "time"}, set(), ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname"},
        set(),
        ["properties", "testcase", "system-out"],
    ),
    "testcase": ({"name", "classname", "time"}, set(), ["properties", "skipped", "error", "failure", "system-out"]),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "skipped": ({"message", "type"}, set(), []),
    "error": ({"message", "type"}, set(), []),
    "failure": ({"message", "type"}, set(), []),
    "system-out": (set(), set(), []),
}


def assert_junit(element: ET.Element) -> None:
    must, may, children = JUNIT[element.tag]
    assert must <= element.attrib.keys() <= must | may, element.attrib
    assert all(element.get(name) for name in must if name != "hostname")
    places = [children.index(child.tag) for child in element]
    assert places == sorted(places)
    if element.tag == "testcase":
        assert sum(child.tag in {"skipped", "error", "failure"} for child in element) <= 1
    if element.tag in {"testsuites", "testsuite"}:
        for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.attrib[attribute]) == len(list(element.iter(tag)))
        assert float(element.attrib["time"]) == pytest.approx(
            sum(float(case.attrib["time"]) for case in element.iter("testcase")), abs=1e-3
        )
    for child in element:
        assert_junit(child)


def report(run: Run, folder: Path) -> dict[str, str]:
    written = write_report(run, folder)
    assert {path.name for path in written} == FILES == {path.name for path in folder.iterdir()}
    return {path.name: path.read_text(encoding="utf-8") for path in written}


@pytest.mark.parametrize("name", ["summary.json", "junit.xml", "summary.md", "badge.json"])
def test_golden_files(tmp_path: Path, golden: Callable[[str, str], None], name: str) -> None:
    golden(name, report(report_samples.small_run(), tmp_path)[name])


def test_summary_json_keeps_its_contract(tmp_path: Path) -> None:
    run = report_samples.sample_run()
    document = json.loads(report(run, tmp_path)["summary.json"])
    assert document["complete"] is True
    assert run.footer is not None
    assert document["counts"] == run.footer.counts
    assert document["checks"].keys() == {check.id for check in run.checks}
    one = run.checks[7]
    entry = document["checks"][one.id]
    assert (entry["verdict"], entry["level"], entry["seconds"]) == (one.verdict.value, one.level.value, round(one.seconds, 6))


def test_junit_is_what_consumers_expect_and_tells_each_verdict_as_what_it_is(tmp_path: Path) -> None:
    run = report_samples.sample_run()
    root = ET.fromstring(report(run, tmp_path)["junit.xml"])
    assert_junit(root)
    cases = {(case.attrib["classname"], case.attrib["name"]): case for case in root.iter("testcase")}
    assert len(cases) == len(list(root.iter("testcase"))) == sum(len(check.attempts) for check in run.checks)
    expected = {
        Verdict.PASS: None,
        Verdict.NON_STRICT: None,
        Verdict.UNSUPPORTED: "skipped",
        Verdict.SKIPPED: "skipped",
        Verdict.FAIL: "failure",
    }
    expected[Verdict.ERROR] = "error"
    for check in run.checks:
        for attempt in check.attempts:
            case = cases[f"kmip.{check.family}", f"{check.id} [KMIP {attempt.kmip_version}]"]
            outcome = next((child.tag for child in case if child.tag in {"skipped", "error", "failure"}), None)
            known = check.baseline == "expected" and attempt.verdict is Verdict.FAIL
            assert outcome == ("skipped" if known else expected[attempt.verdict])
            assert case.find("properties/property[@name='verdict']").attrib["value"] == attempt.verdict.value  # type: ignore[union-attr]


def test_strict_turns_a_missed_should_into_a_junit_failure(tmp_path: Path) -> None:
    run = report_samples.small_run()
    run.header.selection["strict"] = True
    root = ET.fromstring(report(run, tmp_path)["junit.xml"])
    assert root.find(".//failure[@type='non-strict']") is not None


def test_a_run_that_did_not_finish_says_so_in_every_file(tmp_path: Path) -> None:
    texts = report(report_samples.sample_run(complete=False), tmp_path)
    assert json.loads(texts["summary.json"])["complete"] is False
    assert json.loads(texts["badge.json"]) == {
        "schemaVersion": 1,
        "label": "KMIP",
        "message": "incomplete run",
        "color": "lightgrey",
        "isError": True,
    }
    root = ET.fromstring(texts["junit.xml"])
    assert_junit(root)
    assert root.find(".//testcase[@name='the run finished']/error") is not None
    assert "**Incomplete.**" in texts["summary.md"]
    assert "Incomplete run." in texts["index.html"]


def test_a_run_of_nothing_is_still_a_report(tmp_path: Path) -> None:
    run = Run(replace(report_samples.HEADER, target={}, selection={}), [], None)
    texts = report(run, tmp_path)
    assert json.loads(texts["summary.json"])["headline"] == {"musts": {"part": 0, "whole": 0, "ratio": None}, "optional_operations": None}
    assert_junit(ET.fromstring(texts["junit.xml"]))


def test_whatever_a_server_sent_stays_text(tmp_path: Path) -> None:
    texts = report(hostile_samples.hostile_run(), tmp_path)
    assert_junit(ET.fromstring(texts["junit.xml"]))
    for name in FILES:
        assert not set(texts[name]) & set("\x00\x1b\u202e\u2028\ud800"), name
    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(texts["summary.md"])
    assert not re.search(r"<(script|img)", rendered)
    ours = {
        "h2",
        "h3",
        "p",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "details",
        "summary",
        "b",
        "ul",
        "li",
        "code",
        "blockquote",
    }
    assert set(re.findall(r"</?(\w+)", rendered)) <= ours
    page = texts["index.html"]
    assert page.count("<script") == page.count("</script") == 1
    assert "<img" not in page
    assert "49" not in page.split("{{ 7*7 }}")[1][:20]


def test_markdown_stays_below_what_a_workflow_summary_takes(tmp_path: Path) -> None:
    run = report_samples.many_checks(1000)
    failing = [
        replace(check, attempts=tuple(replace(attempt, verdict=Verdict.FAIL) for attempt in check.attempts), baseline="")
        for check in run.checks
    ]
    text = report(replace(run, checks=failing), tmp_path)["summary.md"]
    assert len(text.encode()) < 1024 * 1024
    assert "… and 960 more" in text
    assert text.count("<details>") == 41  # forty checks and the legend


def test_a_folder_that_cannot_be_written_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="cannot be made") as caught:
        write_report(report_samples.small_run(), tmp_path / "file" / "report")
    assert caught.value.hint
    (tmp_path / "report" / "index.html" / "x").mkdir(parents=True)
    with pytest.raises(RecordError, match="cannot be written"):
        write_report(report_samples.small_run(), tmp_path / "report")
    assert not [path for path in (tmp_path / "report").iterdir() if path.name.startswith(".")]
