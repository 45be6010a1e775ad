"""The terminal: golden files, families as they finish, colours only where someone looks, and nothing that a server could steer."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import hostile_samples
import pytest
import report_samples
from kmip_reports.records import Run, RunFooter
from kmip_reports.render.console import ConsoleReport

if TYPE_CHECKING:
    from collections.abc import Callable

ESCAPE = "\x1b["


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def printed(run: Run, stream: IO[str] | None = None, *, progress: IO[str] | None = None, verbose: bool = False, width: int = 100) -> str:
    stream = stream or io.StringIO()
    console = ConsoleReport(stream, progress or io.StringIO(), Path("/report"), verbose=verbose, width=width)
    console.begin(run.header)
    for check in run.checks:
        console.check(check)
    console.end(run.footer)
    return stream.getvalue() if isinstance(stream, io.StringIO) else ""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize(
    ("name", "options"), [("console.txt", {}), ("console-verbose.txt", {"verbose": True}), ("console-narrow.txt", {"width": 60})]
)
def test_golden_files(golden: Callable[[str, str], None], name: str, options: dict[str, int]) -> None:
    golden(name, printed(report_samples.small_run(), **options))


def test_a_terminal_gets_colours_and_the_same_words() -> None:
    coloured = printed(report_samples.small_run(), Terminal())
    assert ESCAPE in coloured
    bare = [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()]
    assert bare == printed(report_samples.small_run()).splitlines()


def test_colour_is_for_signs_and_counts_so_that_names_and_commands_stay_calm() -> None:
    coloured = printed(report_samples.small_run(), Terminal())
    assert "\x1b[1m ttlv.answers-text-string\x1b[0m" in coloured
    assert "\x1b[1mkmiplab check --target" in coloured
    assert "\x1b[1;31m✘\x1b[0m" in coloured


def test_no_color_takes_the_colours_and_leaves_the_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(report_samples.small_run(), Terminal())
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", text)
    assert "✘" in text


def test_a_log_that_knows_ascii_alone_gets_ascii() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    printed(report_samples.small_run(), stream)
    stream.flush()
    text = raw.getvalue().decode("ascii")
    assert re.search(r"^  x \w+", text, re.MULTILINE)
    assert "+-- x vmware" in text or "`-- x vmware" in text


def test_a_family_is_printed_the_moment_it_is_whole() -> None:
    run = report_samples.sample_run()
    stream = io.StringIO()
    console = ConsoleReport(stream, io.StringIO())
    console.begin(run.header)
    for check in run.checks[:9]:
        console.check(check)
    assert "ttlv" not in stream.getvalue()
    console.check(run.checks[9])
    assert " ttlv " in stream.getvalue()


def test_the_order_in_which_checks_finish_does_not_matter_without_a_plan() -> None:
    run = report_samples.small_run()
    del run.header.selection["planned"]
    backwards = replace(run, checks=run.checks[::-1])
    assert printed(run) == printed(backwards)


def test_progress_is_for_terminals_and_is_gone_before_the_report_goes_on() -> None:
    run = report_samples.small_run()
    log, terminal = io.StringIO(), Terminal()
    printed(run, progress=log)
    printed(run, progress=terminal)
    assert log.getvalue() == ""
    assert f"1 of {len(run.checks)}" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[2K")


def test_a_run_without_failures_is_calm() -> None:
    run = report_samples.sample_run()
    passed = [check for check in run.checks if check.family == "locate" and check.verdict == "pass" and not check.baseline]
    text = printed(Run(replace(run.header, selection={}), passed, RunFooter("", 1.0, 0, {"pass": len(passed)})))
    assert "Failures" not in text
    assert "100 % of" in text
    assert text.rstrip().endswith("0: no new failure")
    assert len(text.splitlines()) < 15


def test_a_run_that_did_not_finish_says_so() -> None:
    assert "INCOMPLETE" in printed(report_samples.sample_run(complete=False))


def test_a_server_cannot_steer_the_terminal() -> None:
    text = printed(hostile_samples.hostile_run())
    assert not set(text) & set("\x00\x1b\u202e\u2028\ud800")
    assert r"\x1b[31m" in text


def test_a_command_is_never_broken_so_that_it_can_be_copied() -> None:
    run = report_samples.small_run()
    lines = printed(run, width=60).splitlines()
    replays = [line for line in lines if line.strip().startswith("replay")]
    assert replays
    assert all(line.rstrip().split()[-2] == "--select" for line in replays)


def test_many_failures_are_told_short_where_a_report_has_them_all() -> None:
    checks = [report_samples.a_check(id=f"destroy.rule-{n}") for n in range(50)]
    run = Run(replace(report_samples.HEADER, selection={}), checks, RunFooter("", 1.0, 1, {"fail": 50}))
    assert "… and 20 more failures; the report has them all." in printed(run)
