"""summary.md: a run for the summary page of a CI workflow (GitHub caps one at 1 MiB, so long runs are told short)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kmip_reports.figures import BROKEN, outcomes, versions_text
from kmip_reports.records import Verdict
from kmip_reports.render.text import one_line
from kmip_reports.render.words import BASELINES, INCOMPLETE, VERDICTS, exit_meaning, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kmip_reports.figures import Figures, Outcome
    from kmip_reports.records import CheckRecord, Run

DETAILED_AT_MOST = 40
"""Checks told in full; the rest is in index.html."""

EXCERPT = 600
"""Characters of an observation or a reason."""


def run_markdown(run: Run, numbers: Figures) -> str:
    """The whole document."""
    return "\n".join((*_head(run, numbers), *_families(numbers), *_details(numbers), *_legend())) + "\n"


def escape(text: str) -> str:
    """Text as one line of Markdown that means nothing but itself, in tables too."""
    text = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]#|~@])", r"\\\1", text)


def code(text: str) -> str:
    """Text as inline code, whatever backticks are in it."""
    text = one_line(text)
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    edge = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{edge}{text}{edge}{fence}"


def _head(run: Run, numbers: Figures) -> Iterator[str]:
    target = run.header.target
    yield f"## {_sign(run, numbers)} KMIP conformance of {escape(str(target.get('name') or target.get('address') or 'a server'))}"
    yield ""
    if not run.complete:
        yield f"> [!WARNING]\n> **Incomplete.** {INCOMPLETE}\n"
    address = target.get("address") if target.get("name") not in {None, "", target.get("address")} else None  # it stands in the heading
    facts = [target.get("vendor"), address, versions_text(numbers.versions), run.header.tool, run.header.started_at]
    yield " · ".join(escape(str(fact)) for fact in facts if fact)
    yield ""
    yield f"**{numbers.musts.percent}** of {plural(numbers.musts.whole, 'applicable MUST')} pass."
    if numbers.optional_operations:
        yield f"**{numbers.optional_operations.part} of {numbers.optional_operations.whole}** optional operations are there."
    yield ""
    if run.footer:
        yield f"Exit code {run.footer.exit_code}: {exit_meaning(run.footer.exit_code, run.header.selection)}."
        yield from (f"\n> {escape(note)}" for note in run.footer.notes)
        yield ""


def _families(numbers: Figures) -> Iterator[str]:
    yield "| family | " + " | ".join(f"{word.symbol} {verdict.value}" for verdict, word in VERDICTS.items()) + " |"
    yield "|---|" + "---:|" * len(VERDICTS)
    for family in numbers.families:
        yield f"| {escape(family.name)} | " + " | ".join(str(family.counts[verdict] or "") for verdict in VERDICTS) + " |"
    yield "| **all** | " + " | ".join(f"**{numbers.counts[verdict]}**" for verdict in VERDICTS) + " |"
    yield ""


def _details(numbers: Figures) -> Iterator[str]:
    for title, checks in (("New failures", numbers.new_failures), ("Stale in the baseline", numbers.stale)):
        if checks:
            yield f"### {title}\n"
            for check in checks[:DETAILED_AT_MOST]:
                yield from _check(check)
            if len(checks) > DETAILED_AT_MOST:
                yield f"… and {len(checks) - DETAILED_AT_MOST} more; `index.html` has them all.\n"
    if numbers.expected:
        yield f"### Expected by the baseline\n\n{plural(len(numbers.expected), 'known deviation')}:"
        yield ", ".join(code(check.id) for check in numbers.expected)
        yield ""


def _check(check: CheckRecord) -> Iterator[str]:
    word = VERDICTS[check.verdict]
    yield f"<details><summary>{word.symbol} <b>{_html(check.id)}</b> {check.level.value} – {_html(check.title)}</summary>\n"
    for outcome in outcomes(check):
        if outcome.attempt.verdict in BROKEN or outcome.attempt.verdict is Verdict.NON_STRICT:
            yield from _outcome(outcome)
    for cited in check.citations:
        yield f"- **cited** {escape(f'{cited.document}, {cited.clause}')}" + (f": “{escape(cited.quote)}”" if cited.quote else "")
    if check.baseline:
        yield f"- **baseline** {escape(f'{BASELINES.get(check.baseline, check.baseline)}. {check.baseline_note}')}"
    if check.replay:
        yield f"- **replay** {code(check.replay)}"
    yield "\n</details>\n"


def _outcome(outcome: Outcome) -> Iterator[str]:
    attempt = outcome.attempt
    yield f"- **{VERDICTS[attempt.verdict].symbol} {attempt.verdict.value}** {escape(outcome.versions_text)}"
    if attempt.reason:
        yield f"  - {escape(_excerpt(attempt.reason))}"
    if attempt.finding:
        yield f"  - **required** {escape(attempt.finding.requirement)}"
        yield from (f"  - **expected** {escape(reaction)}" for reaction in attempt.finding.expected)
        yield f"  - **observed** {code(_excerpt(attempt.finding.observed))}"


def _legend() -> Iterator[str]:
    yield "<details><summary>What the verdicts mean</summary>\n"
    yield from (f"- {word.symbol} **{verdict.value}**: {escape(word.meaning)}" for verdict, word in VERDICTS.items())
    yield "\n</details>"


def _sign(run: Run, numbers: Figures) -> str:
    if not run.complete:
        return "⚠"
    return VERDICTS[Verdict.FAIL if numbers.new_failures else Verdict.PASS].symbol


def _excerpt(text: str) -> str:
    return text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…"


def _html(text: str) -> str:
    text = one_line(text)
    for raw, escaped in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("`", "&#96;")):
        text = text.replace(raw, escaped)
    return text
