"""What a run writes down: the values of the result files, and nothing that shows them.

Lowest of all rooms and standard library only: the suite and the load profiles write these records, everything else reads them.
A run of the suite is a stream of JSON lines, ``run.jsonl``: one header, one line a check, one footer. Lines are written as they
happen; a file without its footer is the record of a run that did not finish, and readers say so (`RunFile.complete`).

Whoever fills in a record masks it first: no key material, password or token ever reaches these values.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import IO, TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FORMAT = 1
"""The number of this format. Fields are only ever added to it, and readers ignore those that they do not know."""

T = TypeVar("T")


class Verdict(StrEnum):
    """What a check came to (house style, the table of verdicts)."""

    PASS = "pass"  # noqa: S105 - no password
    NON_STRICT = "non-strict"
    FAIL = "fail"
    UNSUPPORTED = "unsupported"
    SKIPPED = "skipped"
    ERROR = "error"


GRAVITY = (Verdict.ERROR, Verdict.FAIL, Verdict.NON_STRICT, Verdict.PASS, Verdict.UNSUPPORTED, Verdict.SKIPPED)
"""Verdicts, gravest first: a check that ran under several versions has the gravest verdict of them."""


class Level(StrEnum):
    """How strongly the standard puts a requirement (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a requirement is written: ``document`` "KMIP 1.4", ``clause`` "4.21 Destroy", and a short quotation, if that helps."""

    document: str
    clause: str
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a check did not pass: the rule, the reactions that would have been lawful, and the smallest excerpt of what came instead."""

    requirement: str
    expected: tuple[str, ...]
    observed: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what answered it, already masked: bytes as hex (masked bytes read ``**``) and as trees for people.

    A tree has an item a line, two blanks a level ("Batch Count (Integer): 1"); the XML rendering is derived from it.

    ``response_hex`` is empty when nothing came; ``note`` then says what did ("connection closed", "no answer within 5 s").
    """

    title: str
    request_hex: str
    request_tree: str
    response_hex: str = ""
    response_tree: str = ""
    note: str = ""
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """One named step of a scenario. ``mark`` says how its traffic is known: observed, reported or inferred."""

    title: str
    mark: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A check under one KMIP version. ``reason`` says in a sentence why it was skipped, unsupported, non-strict or in error.

    ``variations`` names what a published test case lets differ and the target made use of, a name each time (docs/oasis.md).
    """

    kmip_version: str
    verdict: Verdict
    seconds: float
    reason: str = ""
    finding: Finding | None = None
    transcript: tuple[Exchange, ...] = ()
    steps: tuple[Step, ...] = ()
    variations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """A check and what it came to, over all the versions it ran under.

    ``baseline`` is "" (not in the baseline), "expected" (a known deviation for the known reason), "changed" (it deviates for
    another reason: new) or "stale" (it no longer deviates). ``replay`` is the command that runs just this check again.
    """

    id: str
    title: str
    family: str
    level: Level
    citations: tuple[Citation, ...]
    attempts: tuple[Attempt, ...]
    profiles: tuple[str, ...] = ()
    baseline: str = ""
    baseline_note: str = ""
    mutants: tuple[str, ...] = ()
    replay: str = ""

    @property
    def verdict(self) -> Verdict:
        """The gravest verdict of the attempts."""
        return min((attempt.verdict for attempt in self.attempts), key=GRAVITY.index, default=Verdict.SKIPPED)

    @property
    def seconds(self) -> float:
        """Wall time over all attempts."""
        return sum(attempt.seconds for attempt in self.attempts)

    @property
    def is_new_failure(self) -> bool:
        """Does this check fail the run: a failure or an error that the baseline does not expect."""
        return self.verdict in {Verdict.FAIL, Verdict.ERROR} and self.baseline != "expected"


@dataclass(frozen=True, slots=True)
class RunHeader:
    """How a run began: when (RFC 3339, UTC), by which version of this tool, against what, with which selection."""

    started_at: str
    tool: str
    target: dict[str, Any]
    """``{"name", "address", "vendor", "kmip_versions", "operations", "tls"}``, as far as they are known."""
    selection: dict[str, Any]
    """The options that chose the checks: ``{"kmip_versions", "profiles", "select", "strict", "jobs"}``."""
    command: str = ""


@dataclass(frozen=True, slots=True)
class RunFooter:
    """How a run ended. ``exit_code`` is the process's own (design, Contracts)."""

    finished_at: str
    seconds: float
    exit_code: int
    counts: dict[str, int]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """A whole ``run.jsonl``, read back. ``footer`` is None when the run did not finish."""

    header: RunHeader
    checks: list[CheckRecord] = field(default_factory=list)
    footer: RunFooter | None = None

    @property
    def complete(self) -> bool:
        """Did the run reach its end?"""
        return self.footer is not None


class RecordError(Exception):
    """A result file cannot be read or written; ``hint`` says what to do."""

    exit_code = 4

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


def count(checks: Iterable[CheckRecord]) -> dict[str, int]:
    """How many checks came to each verdict; every verdict is named, also those with none."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for check in checks:
        counts[check.verdict.value] += 1
    return counts


def write_file(path: Path, text: str) -> None:
    """Write a result file whole or not at all: a reader never meets half of one. Raises `RecordError` when the disk refuses."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise RecordError(f"{path} cannot be written: {error.strerror}", "name a folder that you may write to.") from error


def write_line(stream: IO[str], kind: str, record: RunHeader | CheckRecord | RunFooter) -> None:
    """Write one record as one JSON line and flush it, so that a killed run keeps what it had."""
    line: dict[str, Any] = {"kind": kind}
    if isinstance(record, RunHeader):
        line["format"] = FORMAT
    line |= asdict(record)
    if isinstance(record, CheckRecord):
        line |= {"verdict": record.verdict.value, "seconds": round(record.seconds, 6)}
    stream.write(json.dumps(line) + "\n")  # ASCII: whatever a server sent (lone surrogates, line separators) stays one readable line
    stream.flush()


def known(kind: type[T], entry: dict[str, Any]) -> T:
    """Build a value from those entries of a JSON object that this version of the format knows; later versions may have added some."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]  # every kind here is a dataclass
    return kind(**{name: value for name, value in entry.items() if name in names})


def read_run(path: Path) -> Run:
    """Read ``run.jsonl``. A missing footer or a half-written last line gives an incomplete run; anything else unreadable is refused."""
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path} cannot be read: {error}", "name a report folder that `kmiplab check` wrote.") from error
    if lines == [""]:
        raise RecordError(f"{path} is empty", "the run that should have written it never began; run `kmiplab check` again.")
    run: Run | None = None
    for number, text in enumerate(lines, 1):
        try:
            run = _take(run, json.loads(text))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            if number == len(lines) and run is not None:
                return run
            raise RecordError(f"{path}, line {number}, is not a record of a run: {error!r}", "was the file edited or cut?") from error
    assert run is not None  # the first line was taken, or refused
    return run


def _take(run: Run | None, line: dict[str, Any]) -> Run:
    kind = line.pop("kind")
    if (kind == "header") != (run is None):
        raise ValueError("a run has one header, and it is the first line")
    if run is None:
        return Run(known(RunHeader, line))
    if kind == "check":
        run.checks.append(_check_from(line))
    elif kind == "footer":
        run.footer = known(RunFooter, {**line, "notes": tuple(line.get("notes", ()))})
    return run


def _check_from(line: dict[str, Any]) -> CheckRecord:
    line = {name: value for name, value in line.items() if name not in {"verdict", "seconds"}}  # both are properties
    return known(
        CheckRecord,
        {
            **line,
            "level": Level(line["level"]),
            "citations": tuple(known(Citation, citation) for citation in line["citations"]),
            "attempts": tuple(attempt_from(attempt) for attempt in line["attempts"]),
            "profiles": tuple(line.get("profiles", ())),
            "mutants": tuple(line.get("mutants", ())),
        },
    )


def attempt_from(line: dict[str, Any]) -> Attempt:
    """Build an attempt from its JSON object, as it stands in ``run.jsonl``."""
    finding = line.get("finding")
    return known(
        Attempt,
        {
            **line,
            "verdict": Verdict(line["verdict"]),
            "seconds": float(line["seconds"]),
            "finding": known(Finding, {**finding, "expected": tuple(finding["expected"])}) if finding else None,
            "transcript": tuple(known(Exchange, exchange) for exchange in line.get("transcript", ())),
            "steps": tuple(known(Step, {**step, "verdict": Verdict(step["verdict"])}) for step in line.get("steps", ())),
            "variations": tuple(line.get("variations", ())),
        },
    )
