"""The words and signs that every rendering shares: one table each, so that console, pages and files speak alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from kmip_reports.records import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping


class Word(NamedTuple):
    """How a verdict is shown: a sign, a sign for terminals that know ASCII alone, its colour in a terminal, and what it means."""

    symbol: str
    ascii: str
    colour: str
    meaning: str


VERDICTS = {
    Verdict.PASS: Word("✔", "+", "green", "Every expectation was met."),
    Verdict.FAIL: Word(
        "✘",
        "x",
        "red",
        "A MUST of the standard is broken, or a legal request went unanswered. Open the check: clause, bytes and what was expected.",
    ),
    Verdict.NON_STRICT: Word("~", "~", "yellow", "Every MUST was met; a SHOULD was missed. The server conforms, and could do better here."),
    Verdict.UNSUPPORTED: Word(
        "∅",
        "0",
        "cyan",
        "The server says that it does not do this, refuses it as the standard asks, and claims no profile that demands it. No fault.",
    ),
    Verdict.SKIPPED: Word("○", "o", "bright_black", "Not asked in this run; the reason stands beside it. Says nothing about the server."),
    Verdict.ERROR: Word(
        "!",
        "!",
        "magenta",
        "The suite could not reach a verdict. This is no judgement of the server; the reason says what stood in the way.",
    ),
}
"""In the order in which counts are told."""

MARKS = {
    "observed": "seen on the wire or in logs of the real product",
    "reported": "published by its vendor or by people who run it",
    "inferred": "derived from the standard and from what the product does around it",
}
"""How the traffic of a scenario's step is known."""

BASELINES = {
    "expected": "a known deviation, for the known reason",
    "changed": "the baseline knows a deviation here, but for another reason: this one is new",
    "stale": "the baseline expects a deviation that no longer happens: remove the entry",
}
"""What the baseline says about a check; it never changes the verdict."""

EXIT_CODES = {
    0: "no new failure",
    1: "there are failures that the baseline does not expect",
    2: "the run was interrupted",
    3: "the suite itself has a bug; please report it",
    4: "the command line or the configuration is wrong",
    5: "the selection left nothing to check",
    6: "the target cannot be reached, or does not speak KMIP",
    7: "the baseline has stale entries: what they expect no longer happens",
}
"""The exit codes of `kmiplab check` (docs/checks.md)."""

REHEARSAL_EXIT_CODES = {
    0: "everything moved, and nothing was lost",
    1: "something refers to the old provider, or was lost",
    2: "the rehearsal was interrupted",
}
"""The exit codes of `kmiplab rehearse migration` that come of the rehearsal itself (docs/rehearsal.md)."""

INCOMPLETE = "This run did not finish. What stands here is true, but it is not all: no conclusion can be drawn from what is missing."


def exit_meaning(code: int, selection: Mapping[str, Any]) -> str:
    """What an exit code says about a run with this selection: a baseline and ``--strict`` are named where they have a say."""
    if code != 1:
        return EXIT_CODES.get(code, "unknown")
    meaning = EXIT_CODES[1] if selection.get("baseline") else "there are failures"
    return f"{meaning} (with --strict, a missed SHOULD is one)" if selection.get("strict") else meaning


def plural(number: int, noun: str) -> str:
    """A number with its noun: "1 check", "2 checks"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
