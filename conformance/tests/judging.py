"""What the judge's own tests share: a check and its record, made of as little as possible."""

from __future__ import annotations

from kmip_conformance.judge.catalogue import JUDGED, Check
from kmip_conformance.tables import V1_0
from kmip_reports.records import Attempt, CheckRecord, Citation, Finding, Level, Verdict

CITATION = Citation("KMIP 1.4", "4.21 Destroy")


def a_check(check_id: str = "destroy.active-object-refused", **fields: object) -> Check:
    values: dict[str, object] = {
        "id": check_id,
        "requirement": "An Active object is not destroyed.",
        "level": Level.MUST,
        "citations": (CITATION,),
        "since": V1_0,
        "until": JUDGED[-1],
        "operations": (),
        "object_types": (),
        "profiles": (),
        "mutants": (),
        "aliases": (),
        "hostile": False,
        "module": "checks.destroy",
        "function": "active_object_cannot_be_destroyed",
        "file": "destroy.py",
        "line": 1,
    }
    return Check(**{**values, **fields})  # type: ignore[arg-type]


def an_attempt(verdict: Verdict, observed: str = "Success", version: str = "1.4") -> Attempt:
    finding = Finding("An Active object is not destroyed.", ("refuses",), observed) if verdict is Verdict.FAIL else None
    return Attempt(version, verdict, 0.1, reason="" if finding or verdict is Verdict.PASS else observed, finding=finding)


def a_record(verdict: Verdict, observed: str = "Success", check_id: str = "destroy.active-object-refused") -> CheckRecord:
    return CheckRecord(check_id, "An Active object is not destroyed.", "destroy", Level.MUST, (CITATION,), (an_attempt(verdict, observed),))
