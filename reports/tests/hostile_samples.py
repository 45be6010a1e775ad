"""A run in which every text is an attack: what a hostile server might send, in every place where a report shows a text."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from kmip_reports.records import Run, RunFooter, RunHeader, count
from report_samples import small_run

ATTACK = "<script>pwned=1</script><img src=x onerror=pwned=1> ]]> --> \" ' & {{ 7*7 }} `|` \x00\x1b[31m\u202e\u2028\ud800 </script>\nx"
"""What a hostile server might put into any text that it sends."""


def hostile_run() -> Run:
    """A run in which every text is an attack; only the ids of checks differ, by a number."""
    run = small_run()
    checks = [replace(_hostile(check), id=f"{ATTACK}{number}", baseline=check.baseline) for number, check in enumerate(run.checks)]
    target: dict[str, object] = dict.fromkeys(("name", "address", "vendor", "tls"), ATTACK)
    target |= {"kmip_versions": [ATTACK], "operations": [ATTACK], "optional_operations": [ATTACK]}
    header = RunHeader("2026-11-20T09:30:00Z", ATTACK, target, {"profiles": [ATTACK], "select": [ATTACK]}, ATTACK)
    return Run(header, checks, RunFooter("2026-11-20T09:30:05Z", 5.5, 1, count(checks), (ATTACK,)))


def _hostile(value: Any) -> Any:
    if type(value) is str:
        return ATTACK
    if isinstance(value, tuple):
        return tuple(_hostile(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _hostile(getattr(value, field.name)) for field in fields(value)})
    return value
