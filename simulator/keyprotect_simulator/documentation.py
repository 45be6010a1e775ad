"""The tables of docs/simulator.md, written from the tables of the code.

    python -m keyprotect_simulator.documentation docs/simulator.md

replaces what stands between the two marks of the file, and writes the OpenAPI document, key-protect-openapi.json, beside it; tests hold
both files to the code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from keyprotect_simulator.behaviours import BEHAVIOURS, DIFFERENCES
from keyprotect_simulator.control_api import CONTROL_ROUTES
from keyprotect_simulator.faults import ERROR_CODES
from keyprotect_simulator.iam.faults import IAM_ERRORS
from keyprotect_simulator.iam.service import IAM_ROUTES
from keyprotect_simulator.keys.lifecycle import STATE_NAMES, STATE_RULES, TIMING_RULES
from keyprotect_simulator.messages import CONTROL
from keyprotect_simulator.openapi import openapi_document
from keyprotect_simulator.refusals import EVERY_CALL, NEVER, OWN, refusals_of
from keyprotect_simulator.roles import PERMISSIONS, Role
from keyprotect_simulator.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OPENAPI = "key-protect-openapi.json"
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def openapi_text() -> str:
    """The OpenAPI document as its file has it."""
    return json.dumps(openapi_document(), indent=1, ensure_ascii=False) + "\n"


def tables() -> str:
    """All tables, as Markdown."""
    return "\n\n".join("\n".join(section) for section in sections())


def sections() -> Iterable[list[str]]:
    """Each table with its heading."""
    yield ["## Calls", "", *table(("call", "roles", "answer's type", "provenance"), calls())]
    control = [(f"`{method} {CONTROL}{path}`", what) for method, path, _, what in CONTROL_ROUTES]
    yield ["## Calls of the control API", "", *table(("call", "what for"), control)]
    yield ["## Calls of IAM", "", *table(("call", "changes something"), iam_calls())]
    yield ["## Behaviours"]
    for area, behaviours in BEHAVIOURS.items():
        yield [
            f"### {area}",
            "",
            *table(("behaviour", "provenance", "source"), [(b.what, b.provenance.value, b.source) for b in behaviours]),
        ]
    yield ["## Key states", "", *table(("action", *STATE_NAMES.values(), "root keys only", "provenance"), states())]
    yield ["## Waiting times", "", *table(("action", "seconds", "after", "code", "provenance"), waits())]
    yield ["## Errors of Key Protect", "", *table(("code", "status", "message", "provenance"), errors())]
    everywhere = ", ".join(told(refusal) for refusal in EVERY_CALL)
    yield ["## Refusals of each call", "", f"Every call can give {everywhere}; beyond these:", "", *table(("call", "refusals"), refused())]
    never = [(f"`{code}`", why) for code, why in NEVER.items()]
    yield ["### Documented errors that no call gives", "", *table(("code", "why"), never)]
    yield ["## Errors of IAM", "", *table(("code", "status", "message", "provenance"), iam_errors())]
    yield ["## What differs from the service", "", *(f"* {difference}" for difference in DIFFERENCES)]


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    return [line(heads), line(["---"] * len(heads)), *(line(row) for row in rows)]


def line(cells: Sequence[str]) -> str:
    """One row of a table."""
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def calls() -> Iterable[Sequence[str]]:
    """The routes; the deprecated form of an action stands below its own."""
    for route in ROUTES:
        roles = ", ".join(role.value for role in Role if role in PERMISSIONS[route.action])
        yield f"`{route.method} {route.path}`", roles, route.produces if route.method != "HEAD" else "no body", route.provenance.value
        if route.old_action:
            yield f"`POST /api/v2/keys/{{id}}?action={route.old_action}` (deprecated)", roles, "the same", route.provenance.value


def iam_calls() -> Iterable[Sequence[str]]:
    """The routes of IAM."""
    for route in IAM_ROUTES:
        yield f"`{route.method} {route.path}`", "yes" if route.writes else ""


def states() -> Iterable[Sequence[str]]:
    """Which action has which states."""
    for action, rule in STATE_RULES.items():
        marks = ["✔" if state in rule.states else "" for state in STATE_NAMES]
        yield action, *marks, "yes" if rule.root_key_only else "", rule.provenance.value


def waits() -> Iterable[Sequence[str]]:
    """Which action has to wait for how long."""
    moments = {
        "last_action": "the last action",
        "deleted": "the deletion",
        "rotated": "the last rotation",
        "notified": "the last notification",
    }
    for action, rule in TIMING_RULES.items():
        yield action, f"{rule.seconds:g}", moments[rule.after], f"`{rule.code}`", rule.provenance.value


def errors() -> Iterable[Sequence[str]]:
    """The reason codes."""
    for code, known in ERROR_CODES.items():
        yield f"`{code}`", str(known.status), known.message, known.provenance.value


def told(refusal: str) -> str:
    """A reason code, or the status of a refusal without one."""
    return refusal if refusal.isdigit() else f"`{refusal}`"


def refused() -> Iterable[Sequence[str]]:
    """The refusals of each call."""
    for call in OWN:
        own = [told(refusal) for refusal in refusals_of(call) if refusal not in EVERY_CALL]
        yield f"`{call}`", ", ".join(own)


def iam_errors() -> Iterable[Sequence[str]]:
    """IAM's codes."""
    for code, known in IAM_ERRORS.items():
        yield f"`{code}`", str(known.status), known.message, known.provenance.value


def renewed(document: str) -> str:
    """The document with fresh tables between its marks. Raises ValueError when it has no marks."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
    page.with_name(OPENAPI).write_text(openapi_text(), encoding="utf-8")
