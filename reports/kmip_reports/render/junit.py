"""junit.xml: a run for the test panes of CI systems, one test case for each check and version.

The mapping: fail is ``<failure>``, error is ``<error>``, skipped and unsupported are ``<skipped>``, non-strict passes (``--strict``
makes it a failure) and says so in its output. JUnit has no place for a known deviation, so one that the baseline expects is
``<skipped>`` as expected failures are in pytest's own files; the property ``verdict`` always holds what really came of it. A run
that did not finish carries an ``<error>`` of its own, so that it cannot look like a short green one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only written here, never parsed

from kmip_reports.figures import fails_the_run
from kmip_reports.records import Verdict
from kmip_reports.render.words import BASELINES, INCOMPLETE

if TYPE_CHECKING:
    from kmip_reports.figures import Family, Figures
    from kmip_reports.records import Attempt, CheckRecord, Run, RunHeader


def junit_xml(run: Run, numbers: Figures) -> str:
    """The whole document."""
    root = ET.Element("testsuites", name="kmiplab")
    for family in numbers.families:
        root.append(_suite(family, run.header))
    if not run.complete:
        root.append(_unfinished(run.header))
    _total(root, list(root))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(family: Family, header: RunHeader) -> ET.Element:
    suite = ET.Element(
        "testsuite", name=f"kmip.{family.name}", timestamp=_timestamp(header), hostname=str(header.target.get("address", ""))
    )
    _properties(suite, {"tool": header.tool, "vendor": str(header.target.get("vendor", ""))})
    for check in family.checks:
        suite.extend(_case(check, attempt, header) for attempt in check.attempts)
    _count(suite)
    return suite


def _case(check: CheckRecord, attempt: Attempt, header: RunHeader) -> ET.Element:
    name = f"{check.id} [KMIP {attempt.kmip_version}]" if attempt.kmip_version else check.id
    case = ET.Element("testcase", name=name, classname=f"kmip.{check.family}", time=f"{attempt.seconds:.6f}")
    facts = {"verdict": attempt.verdict.value, "level": check.level.value, "kmip_version": attempt.kmip_version, "baseline": check.baseline}
    _properties(case, {"requirement": check.title, **facts, **{f"citation.{n}": text for n, text in enumerate(_citations(check), 1)}})
    _outcome(case, check, attempt, header)
    if text := _account(check, attempt):
        ET.SubElement(case, "system-out").text = text
    return case


def _outcome(case: ET.Element, check: CheckRecord, attempt: Attempt, header: RunHeader) -> None:
    message = attempt.finding.observed if attempt.finding else attempt.reason
    broken = attempt.verdict in {Verdict.FAIL, Verdict.ERROR} or (attempt.verdict is Verdict.NON_STRICT and fails_the_run(check, header))
    if attempt.verdict in {Verdict.SKIPPED, Verdict.UNSUPPORTED}:
        ET.SubElement(case, "skipped", type=attempt.verdict.value, message=message or attempt.verdict.value)
    elif broken and check.baseline == "expected":
        ET.SubElement(case, "skipped", type="expected", message=f"{BASELINES['expected']}: {check.baseline_note or message}")
    elif broken:
        kind = "error" if attempt.verdict is Verdict.ERROR else "failure"
        element = ET.SubElement(case, kind, type=attempt.verdict.value, message=message or attempt.verdict.value)
        element.text = _account(check, attempt)


def _account(check: CheckRecord, attempt: Attempt) -> str:
    """What there is to tell about an attempt that did not simply pass, a fact a line."""
    lines = [f"{attempt.verdict.value}: {attempt.reason}"] if attempt.reason else []
    if attempt.finding:
        lines.append(f"requirement: {attempt.finding.requirement}")
        lines += [f"expected: {reaction}" for reaction in attempt.finding.expected]
        lines.append(f"observed: {attempt.finding.observed}")
    lines += [f"step ({step.mark}) {step.verdict.value}: {step.title}{' – ' if step.detail else ''}{step.detail}" for step in attempt.steps]
    if lines or check.baseline:
        lines += [f"cited: {text}" for text in _citations(check)]
        lines += [f"baseline: {check.baseline}. {check.baseline_note}"] if check.baseline else []
        lines += [f"replay: {check.replay}"] if check.replay else []
    return "\n".join(lines)


def _citations(check: CheckRecord) -> list[str]:
    return [f"{cited.document}, {cited.clause}" + (f": “{cited.quote}”" if cited.quote else "") for cited in check.citations]


def _unfinished(header: RunHeader) -> ET.Element:
    suite = ET.Element("testsuite", name="kmip.run", timestamp=_timestamp(header), hostname=str(header.target.get("address", "")))
    case = ET.SubElement(suite, "testcase", name="the run finished", classname="kmip.run", time="0.000000")
    ET.SubElement(case, "error", type="incomplete", message=INCOMPLETE)
    _count(suite)
    return suite


def _properties(element: ET.Element, named: dict[str, str]) -> None:
    properties = ET.SubElement(element, "properties")
    for name, value in named.items():
        if value:
            ET.SubElement(properties, "property", name=name, value=value)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in suite.findall('testcase')):.6f}")


def _total(root: ET.Element, suites: list[ET.Element]) -> None:
    for attribute in ("tests", "failures", "errors", "skipped"):
        root.set(attribute, str(sum(int(suite.get(attribute, 0)) for suite in suites)))
    root.set("time", f"{sum(float(suite.get('time', 0)) for suite in suites):.6f}")


def _timestamp(header: RunHeader) -> str:
    return header.started_at.removesuffix("Z").split("+")[0].split(".")[0]
