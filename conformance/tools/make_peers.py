"""Write docs/peers.md: what other people's servers come to under the suite, deviation by deviation, with the clause.

``python conformance/tools/make_peers.py docs/peers.md``. The observations and the explanations are those of the baselines in
``conformance/peers``; the requirements and clauses are the catalogue's. A test of the suite holds the page to it.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from kmip_conformance.judge.catalogue import Check, whole_catalogue
from kmip_reports.records import Level

PEERS = Path(__file__).resolve().parent.parent / "peers"

HEAD = """# Peers under the suite

Generated from the baselines in `conformance/peers` and the catalogue of checks; do not edit.

## PyKMIP 0.11.0

`tox -e peer-pykmip` starts the server that PyKMIP ships (from PyPI, its own SQLite, TLS 1.2, two client certificates) on a free port and
runs the suite against it; the report is in `reports-of-peers/pykmip`. The run ends in 0 as long as the server deviates exactly as
described here. A deviation is a failure only where a clause says so; where the standard leaves room, the checks do too.
"""


def page() -> str:
    """The whole page."""
    entries = tomllib.loads((PEERS / "pykmip.toml").read_text(encoding="utf-8"))["deviation"]
    checks = {check.id: check for check in whole_catalogue()}
    counts = Counter(entry["verdict"] for entry in entries)
    musts = sum(checks[entry["id"]].level is Level.MUST for entry in entries if entry["verdict"] == "fail")
    lines = [HEAD, f"{counts['fail']} checks fail ({musts} of them a MUST), {counts['non-strict']} are non-strict.\n"]
    by_reason: dict[str, list[Any]] = defaultdict(list)
    for entry in entries:
        by_reason[entry["reason"]].append(entry)
    for reason, members in sorted(by_reason.items(), key=lambda item: -len(item[1])):
        lines += [f"### {reason}\n", "| check | requirement | clause | observed |", "|---|---|---|---|"]
        lines += [_row(entry, checks[entry["id"]]) for entry in sorted(members, key=lambda entry: str(entry["id"]))]
        lines.append("")
    return "\n".join(lines)


def _row(entry: dict[str, Any], check: Check) -> str:
    clauses = "; ".join(f"{citation.document}, {citation.clause}" for citation in check.citations)
    observed = " / ".join(entry.get("observed", []))
    verdict = "" if entry["verdict"] == "fail" else f" ({entry['verdict']})"
    cells = [f"`{entry['id']}`{verdict}", check.requirement, clauses, observed]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), encoding="utf-8")
