"""The baseline: deviations of a target that its people know about, as a TOML file that overlays the verdicts and never rewrites them.

::

    [[deviation]]
    id = "destroy.active-object-refused"
    verdict = "fail"
    observed = ["Success"]              # what was seen, with changing values as "…"; left out: whatever it is
    reason = "fixed in our release 4.2"
    link = "https://tracker.example/17"
    until = 2027-03-31                  # the last day on which it is expected

A deviation with another verdict, for another reason or after its day is *changed*, and fails the run like a new one. An entry whose check
passes is *stale*. An entry for a check that was not selected, or did not apply, says nothing.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from kmip_reports.records import Verdict

from kmip_conformance.judge.catalogue import whole_catalogue
from kmip_conformance.judge.errors import RunRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kmip_reports.records import CheckRecord

    from kmip_conformance.judge.catalogue import Catalogue

DEVIATING = frozenset({Verdict.FAIL, Verdict.ERROR, Verdict.NON_STRICT})
CONFORMING = frozenset({Verdict.PASS})

_VOLATILE = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{20,}|[0-9a-fA-F]{12,}|\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\d{5,}|\b\d+(\.\d+)? ?m?s\b")


@dataclass(frozen=True, slots=True)
class Deviation:
    """One entry: the check, the verdict it is expected to have, what is seen (none: whatever), why, and until which day."""

    id: str
    verdict: Verdict
    observed: tuple[str, ...] = ()
    reason: str = ""
    link: str = ""
    until: date | None = None


Baseline = dict[str, Deviation]


def settled(text: str) -> str:
    """An observation without what changes from run to run: identifiers, times, long numbers."""
    return _VOLATILE.sub("…", text)


def observations(record: CheckRecord) -> tuple[str, ...]:
    """What the deviating attempts of a check saw, each once, settled."""
    seen = (attempt.finding.observed if attempt.finding else attempt.reason for attempt in record.attempts if attempt.verdict in DEVIATING)
    return tuple(dict.fromkeys(settled(text) for text in seen))


def overlay(record: CheckRecord, baseline: Mapping[str, Deviation], today: date) -> CheckRecord:
    """The record with what the baseline says about it."""
    entry = baseline.get(record.id)
    if entry is None:
        return record
    if record.verdict in DEVIATING:
        change = _change(record, entry, today)
        known = " ".join(part for part in (entry.reason, entry.link) if part)
        return replace(record, baseline="changed" if change else "expected", baseline_note=change or known)
    if record.verdict in CONFORMING:
        return replace(record, baseline="stale", baseline_note=f"the baseline expects {entry.verdict}: take the entry out")
    return record


def _change(record: CheckRecord, entry: Deviation, today: date) -> str:
    """In what a deviation differs from its entry; "" when it is the one that is expected."""
    if record.verdict is not entry.verdict:
        return f"the baseline expects {entry.verdict}"
    if entry.until is not None and today > entry.until:
        return f"the baseline expected this until {entry.until}"
    if entry.observed and not set(observations(record)) <= set(entry.observed):
        return f"the baseline expects another reason: {' or '.join(entry.observed)}"
    return ""


def read_baseline(path: Path, catalogue: Catalogue) -> Baseline:
    """Read a baseline; old ids stand for the checks that bear new ones. Raises RunRefused with what is wrong and where."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RunRefused(
            f"the baseline {path} cannot be read: {error}", "`kmiplab check --write-baseline FILE` writes a new one."
        ) from error
    entries = document.get("deviation", [])
    if set(document) - {"deviation"} or not isinstance(entries, list):
        raise RunRefused(f"the baseline {path} holds more than [[deviation]] entries", "each known deviation is one [[deviation]] table.")
    deviations = [_deviation(entry, number, path, catalogue) for number, entry in enumerate(entries, 1)]
    return {deviation.id: deviation for deviation in deviations}


def _deviation(entry: Any, number: int, path: Path, catalogue: Catalogue) -> Deviation:
    where = f"{path}, [[deviation]] {number}"
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str) or "verdict" not in entry:
        raise RunRefused(f"{where}: an entry needs an id and a verdict", 'for example id = "get.returns-the-key", verdict = "fail".')
    unknown = set(entry) - {"id", "verdict", "observed", "reason", "link", "until"}
    if unknown:
        raise RunRefused(
            f"{where}: {', '.join(sorted(unknown))} is no field of an entry", "fields: id, verdict, observed, reason, link, until."
        )
    check = catalogue.find(entry["id"])
    if check is None and not _may_be_of_another_run(entry["id"]):
        close = ", ".join(catalogue.resembling(entry["id"])) or "see `kmiplab check --list`"
        raise RunRefused(f"{where}: there is no check {entry['id']!r}", f"did you mean {close}?")
    if entry["verdict"] not in DEVIATING:
        raise RunRefused(f"{where}: {entry['verdict']!r} is no deviation", "a deviation is fail, error or non-strict.")
    observed = entry.get("observed", ())
    until = entry.get("until")
    if until is not None and type(until) is not date:
        raise RunRefused(f"{where}: until has to be a date", "write until = 2027-03-31, without quotation marks.")
    return Deviation(
        id=check.id if check else entry["id"],
        verdict=Verdict(entry["verdict"]),
        observed=(observed,) if isinstance(observed, str) else tuple(map(str, observed)),
        reason=str(entry.get("reason", "")),
        link=str(entry.get("link", "")),
        until=until,
    )


def _may_be_of_another_run(check_id: str) -> bool:
    """One file may hold what is known of the suite's own checks and of published cases; a run has either."""
    return check_id.startswith("oasis.") or whole_catalogue().find(check_id) is not None


def can_be_written(path: Path) -> None:
    """See, before anything is judged, whether a baseline can be written there. Raises RunRefused."""
    folder = path.absolute().parent
    if not folder.is_dir():
        problem = f"there is no folder {folder}"
    elif not os.access(path if path.exists() else folder, os.W_OK):
        problem = "this user may not write there"
    else:
        return
    raise RunRefused(f"the baseline {path} cannot be written: {problem}", "name another file with --write-baseline.")


def baseline_text(records: Iterable[CheckRecord], previous: Mapping[str, Deviation], *, strict: bool) -> str:
    """A baseline that expects what these records came to. Reasons, links and days of the previous one are kept.

    Entries of the previous baseline for checks that are not among the records stay as they are.
    """
    records = list(records)
    wanted = DEVIATING if strict else DEVIATING - {Verdict.NON_STRICT}
    kept = {entry_id: entry for entry_id, entry in previous.items() if entry_id not in {record.id for record in records}}
    for record in (record for record in records if record.verdict in wanted):
        known = previous.get(record.id, Deviation(record.id, record.verdict))
        kept[record.id] = replace(known, verdict=record.verdict, observed=observations(record))
    head = "# Known deviations. `kmiplab check --baseline FILE` fails on any other, and says when one of these is gone.\n"
    return head + "".join(_entry_text(kept[entry_id]) for entry_id in sorted(kept))


def _entry_text(entry: Deviation) -> str:
    lines = ["", "[[deviation]]", f"id = {_quoted(entry.id)}", f"verdict = {_quoted(entry.verdict)}"]
    lines += [f"observed = [{', '.join(map(_quoted, entry.observed))}]"] if entry.observed else []
    lines += [f"reason = {_quoted(entry.reason)}"]
    lines += [f"link = {_quoted(entry.link)}"] if entry.link else []
    lines += [f"until = {entry.until}"] if entry.until else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's, but for the one character that TOML wants escaped and JSON does not."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
