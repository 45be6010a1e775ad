"""run.jsonl: read back equal, honest about a run that did not finish, and refused with a hint when it is something else."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from kmip_reports.records import (
    Attempt,
    CheckRecord,
    Citation,
    Exchange,
    Finding,
    Level,
    RecordError,
    Run,
    RunFooter,
    RunHeader,
    Step,
    Verdict,
    count,
    read_run,
    write_line,
)

if TYPE_CHECKING:
    from pathlib import Path

HEADER = RunHeader("2026-11-20T10:00:00Z", "kmiplab 0.1.0", {"address": "kms:5696"}, {"strict": False}, "kmiplab check --target kms:5696")
FINDING = Finding("an active object is not destroyed", ("Operation Failed",), "Success \u2028 \x85 \ud800 </script>")
CHECK = CheckRecord(
    id="destroy.active-object-refused",
    title="Destroy of an active object is refused",
    family="destroy",
    level=Level.MUST,
    citations=(Citation("KMIP 1.4", "4.21 Destroy", "…"),),
    attempts=(
        Attempt("1.0", Verdict.PASS, 0.25),
        Attempt("1.4", Verdict.FAIL, 0.5, "", FINDING, (Exchange("Destroy", "42", "Tree"),), (Step("a", "observed", Verdict.PASS),)),
    ),
    profiles=("baseline",),
    mutants=("destroys-active",),
)
FOOTER = RunFooter("2026-11-20T10:00:09Z", 9.0, 1, count([CHECK]), ("liveness: fine",))


def written(*records: RunHeader | CheckRecord | RunFooter) -> str:
    stream = io.StringIO()
    for record in records:
        kind = {RunHeader: "header", CheckRecord: "check", RunFooter: "footer"}[type(record)]
        write_line(stream, kind, record)
    return stream.getvalue()


def test_what_is_written_is_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(written(HEADER, CHECK, FOOTER), encoding="ascii")
    assert read_run(path) == Run(HEADER, [CHECK], FOOTER)


def test_a_line_carries_its_verdict_for_readers_without_this_package() -> None:
    line = json.loads(written(CHECK))
    assert (line["verdict"], line["seconds"]) == ("fail", 0.75)


def test_a_run_cut_anywhere_is_incomplete_or_refused_but_never_complete(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    whole = written(HEADER, CHECK, FOOTER)
    header_length = len(written(HEADER))
    for length in range(len(whole) - 1):
        path.write_text(whole[:length])
        if length < header_length - 1:
            with pytest.raises(RecordError):
                read_run(path)
        else:
            assert not read_run(path).complete


def test_a_field_of_a_later_version_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    lines = [json.loads(line) | {"mood": "calm"} for line in written(HEADER, CHECK, FOOTER).splitlines()]
    lines[1]["attempts"][1]["transcript"][0]["request_json"] = "{}"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    assert read_run(path) == Run(HEADER, [CHECK], FOOTER)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "nonsense\n",
        "[]\n",
        '"text"\n',
        "{}\n",
        written(CHECK),
        written(HEADER) + "nonsense\n" + written(CHECK),
        written(HEADER, HEADER, CHECK),
    ],
    ids=["empty", "blank", "no JSON", "list", "text", "no kind", "no header", "a broken line", "two headers"],
)
def test_a_file_that_is_something_else_is_refused_with_a_hint(tmp_path: Path, text: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    with pytest.raises(RecordError) as caught:
        read_run(path)
    assert caught.value.hint


def test_the_gravest_version_speaks_for_the_check() -> None:
    assert CHECK.verdict is Verdict.FAIL
    assert count([CHECK])["fail"] == 1
