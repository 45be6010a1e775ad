"""Write docs/oasis.md: what the player of published cases does, from its tables, and what a run came to.

``python conformance/tools/make_oasis.py docs/oasis.md`` brings the tables up to date; with a report folder of
`kmiplab check --oasis` behind it, also the figures and the list of cases that are not played. A test holds the page to the tables.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kmip_conformance.oasis.figures import counted, document
from kmip_conformance.oasis.files import ALTERNATIVES, FAULTS, FOLLOWS, SOLITARY
from kmip_conformance.oasis.tolerances import TOLERATED
from kmip_conformance.oasis.variations import PERMITTED
from kmip_reports.records import Verdict, read_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kmip_conformance.oasis.relaxing import Relaxation
    from kmip_reports.records import CheckRecord, Run

LISTED = {
    "Cases that are not played, and why:": Verdict.SKIPPED,
    "Cases that ask for what this server leaves out, or answers as lawfully in another way:": Verdict.UNSUPPORTED,
    "Cases that pass in the relaxed count only:": Verdict.NON_STRICT,
    "Cases that fail:": Verdict.FAIL,
}

RUN = "## A run against the reference server\n"

HEAD = """# OASIS's published test cases

OASIS publishes some nine hundred test cases for KMIP 1.0 to 3.0 as XML: requests, each with the answer that is expected. They belong
to OASIS and are not part of this project: get them at docs.oasis-open.org/kmip (the folders `mandatory` and `optional` of the *Profiles*
documents, and the *Test Cases* documents), keep the folders `v1.4/mandatory/…` or name a single file, and play them against any server:

```
kmiplab check --oasis FOLDER --target kms:5696 --ca ca.pem --cert client.pem --key client.key
kmiplab check --oasis FOLDER                                # a lab of its own
kmiplab check --oasis FOLDER --select AKLC --select 'TC-OTP-*' --select '!1.0'
kmiplab check --oasis FOLDER --kmip-version 2.1 --list
```

`--oasis` replaces the suite's own checks for that run; everything else (`--select`, `--jobs`, `--baseline`, `--strict`, the report, the
exit code) is as in [checks.md](checks.md). A case is a check with the id `oasis.1.4.TC-ECC-1-14`.

## Two counts

| verdict | means |
|---|---|
| ✔ pass | the *strict* count: every answer was the expected one, but for what the profiles permit to differ |
| ~ non-strict | only the *relaxed* count: something else differed that is named in the result, and Result Status never |
| ✘ fail | the first step that differs otherwise: step, line of the file, expected and observed, and the exchange |
| ∅ unsupported | the target says that it does not do this (below) |
| ○ skipped | not played, and whose fault that is |

*Unsupported* takes evidence: Discover Versions leaves the version out; Query leaves an operation out and it is refused honestly; the TLS of
a profile (Suite B, Quantum Safe) is not spoken; or the target has been seen to behave as another case has it that is as lawful.

The profiles say what may vary, and that "other variations not explicitly noted in this Profile SHALL be deemed non-conformant" (Symmetric
Key Lifecycle Profile 1.0, 4.7; the others have the same list). Where the list is looser than it has to be, the player is not: a value that
an earlier message of the same case has settled (a bound identifier, a date that a request fixed, the plaintext of what the server
encrypted) may not vary.

## How a case is played

* **Placeholders.** `$UNIQUE_IDENTIFIER_0` and the like take the value that stands in their place in the first answer; later they are sent,
  or have to come again. `$NOW` is one moment per case. A literal that an answer may vary (a signature, a key that the server made) is
  remembered with what came, and sent so where a request repeats it. Correlation values and tickets begin anew where a conversation does.
* **Names.** Each play puts a prefix before Names and test identifiers (4.7.1 permits "additional vendor or application prefixes"), so that
  cases, runs and other clients of the server never meet. What a case created is revoked and destroyed at its end, also when it failed.
* **Several clients.** `[Client-A]` is the target's own client. `--oasis-client B=CERT,KEY` names the others, who have to share its
  objects; the lab has them.
* **Waiting.** `[REPEAT] until …` polls. A case that waits for a date of its own begins that much in the past: it comes within seconds.
* **Encodings.** The MSGENC cases go over HTTPS in TTLV, XML and JSON (`--oasis-https-port` if that is not the target's port), SUITEB under
  its cipher suite, QS under TLS 1.3.
* **The server's own requests** (Put, Notify) are awaited on the same connection, compared, and answered. How a server comes to send them is
  its own affair: `--oasis-client P=CERT,KEY` names a client that yours sends them to, and that plays these cases; the lab has one.
* **The credential** of the target is added to requests that have none of their own (4.7.2).
"""


def page(figures: Sequence[str]) -> str:
    """The whole page; ``figures`` are the lines of the part about a run."""
    parts = [HEAD, *_table("What the profiles permit", PERMITTED), *_table("What only the relaxed count lets pass", TOLERATED), *_files()]
    return "\n".join([*parts, RUN, *figures]) + "\n"


def _table(title: str, rows: Sequence[Relaxation]) -> Iterator[str]:
    yield f"## {title}\n"
    yield "| name | what may differ | where that is written |\n|---|---|---|"
    yield from (f"| `{row.name}` | {row.text} | {row.citation} |" for row in rows)
    yield ""


def _files() -> Iterator[str]:
    yield "## What is known about files\n"
    yield "Faults are named in the result of the case; nothing is repaired silently.\n"
    yield "| case | fault |\n|---|---|"
    yield from (f"| `{case_id}` | {fault} |" for case_id, fault in sorted(FAULTS.items()))
    yield "\nCases that begin with what others left behind; those are played first:\n"
    yield "| case | behind |\n|---|---|"
    yield from (f"| {name} | {', '.join(earlier)} |" for name, earlier in FOLLOWS.items())
    several = "; ".join(", ".join(group) for group in ALTERNATIVES)
    yield f"\nCases of which a server can go by one only: {several}.\n"
    yield f"Cases that search by what others may have too, so that nothing is played beside them: {', '.join(sorted(SOLITARY))}.\n"
    yield "KMIP 3.0 is a draft (csd01): its names come from a copy of its tables, and its identifiers are taken for texts of new types.\n"


def figures_in(written: str) -> list[str]:
    """The lines of the part about a run in a page that was written before."""
    return written.partition(RUN)[2].strip("\n").split("\n")


def figures_of(run: Run) -> list[str]:
    """The lines of the part about this run."""
    rows = counted(run.checks)
    columns = list(next(iter(rows.values())))
    lines = [f"{run.header.tool}, {run.header.target.get('vendor', '')}; {run.header.started_at[:10]}.\n"]
    lines += [f"| document | {' | '.join(columns)} |", "|" + "---|" * (len(columns) + 1)]
    lines += [f"| {name} | {' | '.join(str(row[column]) for column in columns)} |" for name, row in rows.items()]
    lines += [f"| all | {' | '.join(str(sum(row[column] for row in rows.values())) for column in columns)} |", ""]
    for title, verdict in LISTED.items():
        lines += _reasons(title, [record for record in run.checks if record.verdict is verdict])
    return lines[:-1]


def _reasons(title: str, records: Sequence[CheckRecord]) -> list[str]:
    """A table of these cases by what is said of them; nothing where there are none."""
    reasons: dict[str, list[str]] = {}
    for record in records:
        reason = record.attempts[0].reason.replace(f"{record.id.removeprefix(f'oasis.{document(record.id)}.')}.xml, ", "")
        reasons.setdefault(reason, []).append(record.id.removeprefix("oasis."))
    rows = [f"| {', '.join(sorted(ids))} | {reason} |" for reason, ids in sorted(reasons.items(), key=lambda row: sorted(row[1]))]
    return [title, "", "| cases | reason |", "|---|---|", *rows, ""] if rows else []


if __name__ == "__main__":
    target = Path(sys.argv[1])
    runs = [read_run(Path(folder) / "run.jsonl") for folder in sys.argv[2:3]]
    about = figures_of(runs[0]) if runs else figures_in(target.read_text(encoding="utf-8"))
    target.write_text(page(about), encoding="utf-8")
