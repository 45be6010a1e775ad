"""index.html of a run: what a reader sees first, and the way down to the last byte.

Everything but the exchanges is in the markup, so the page can be read, searched and printed without a script. The exchanges are most
of a run (every request and answer, three ways, for every version), and few are ever looked at: they are packed for each check and
unpacked by the page's script when a reader opens that check. That keeps a page of 500 checks over five versions small enough to mail.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, Any

from kmip_reports.figures import versions_of
from kmip_reports.records import Verdict
from kmip_reports.render.html import render
from kmip_reports.render.ttlv_xml import ttlv_xml

if TYPE_CHECKING:
    from kmip_reports.figures import Figures
    from kmip_reports.records import Attempt, CheckRecord, Exchange, Run

SHOWN_HEX = 2 * 16 * 1024
"""Characters of hex that the page shows of one message: 16 KiB of bytes. Hostile input is longer; run.jsonl has it whole."""

SHOWN_TEXT = 64 * 1024
"""Characters of a tree or an XML rendering."""


def run_page(run: Run, numbers: Figures) -> str:
    """The whole document."""
    return render(
        "run.html.j2",
        ("theme.js", "filters.js", "exchange.js"),
        run=run,
        target={"name": "", "address": "", **run.header.target},
        selection={"profiles": [], "select": [], "strict": False, **run.header.selection},
        numbers=numbers,
        title=title(run),
        tls=facts(run.header.target.get("tls")),
        packed=packed,
        anchor=anchor,
        by_version=by_version(run.checks),
    )


def title(run: Run) -> str:
    """Who was checked: the vendor's own words, else the name, else the address."""
    target = run.header.target
    return str(target.get("vendor") or target.get("name") or target.get("address") or "A KMIP server")


def facts(value: object) -> str:
    """For people: a text as it is, the values of an object joined."""
    return " · ".join(str(fact) for fact in value.values() if fact) if isinstance(value, dict) else str(value or "")


def anchor(check_id: str) -> str:
    """The id as the fragment of a deep link; HTML forbids blanks in one."""
    return "-".join(check_id.split())


def by_version(checks: list[CheckRecord]) -> dict[str, dict[Verdict, int]]:
    """Verdicts counted for each KMIP version alone."""
    counted = {version: dict.fromkeys(Verdict, 0) for version in versions_of(checks)}
    for check in checks:
        for attempt in check.attempts:
            if attempt.kmip_version:
                counted[attempt.kmip_version][attempt.verdict] += 1
    return counted


def packed(check: CheckRecord) -> str:
    """The exchanges of a check, deflated and in base64; "" when there are none."""
    attempts = [_attempt(attempt) for attempt in check.attempts if attempt.transcript]
    if not attempts:
        return ""
    text = json.dumps(attempts, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode(), 6)).decode()


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "version": attempt.kmip_version,
        "verdict": attempt.verdict.value,
        "exchanges": [_exchange(exchange) for exchange in attempt.transcript],
    }


def _exchange(exchange: Exchange) -> dict[str, Any]:
    return {
        "title": exchange.title,
        "note": exchange.note,
        "milliseconds": round(exchange.milliseconds, 3),
        "request": _message(exchange.request_tree, exchange.request_hex),
        "response": _message(exchange.response_tree, exchange.response_hex),
    }


def _message(tree: str, hexadecimal: str) -> dict[str, str]:
    return {"tree": _cut(tree, SHOWN_TEXT), "hex": "".join(hexadecimal.split())[:SHOWN_HEX], "xml": _cut(ttlv_xml(tree), SHOWN_TEXT)}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\n… {len(text) - limit} more characters; run.jsonl has them."
