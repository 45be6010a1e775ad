"""`kmiplab report`: one folder again, several as a matrix or side by side, and clear words for everything else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import hostile_samples
import load_samples
import pytest
import report_samples
from click.testing import CliRunner
from kmip_reports.matrix import matrix
from kmip_reports.merge import merge
from kmip_reports.records import Attempt, RecordError, Run, Verdict
from kmip_reports.records_load import write_load
from selenium.webdriver.common.by import By

from kmiplab.commands.report import command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver import Chrome


def named(run: Run, name: str) -> Run:
    return replace(run, header=replace(run.header, target=run.header.target | {"name": name, "vendor": f"{name} 1.0"}))


def mended(run: Run) -> Run:
    """The same run where everything that failed passes, and one check is gone."""
    attempts = (Attempt("1.4", Verdict.PASS, 0.1),)
    checks = [replace(check, attempts=attempts) if check.verdict is Verdict.FAIL else check for check in run.checks]
    return replace(run, checks=checks[1:])


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """check-1, check-2 and cut of the suite, load-1 and load-2; the current folder."""
    monkeypatch.chdir(tmp_path)
    run = report_samples.small_run()
    report_samples.write_folder(tmp_path / "check-1", named(run, "KMS 1"))
    report_samples.write_folder(tmp_path / "check-2", named(mended(run), "KMS 2"))
    report_samples.write_folder(tmp_path / "cut", report_samples.sample_run(complete=False))
    for number in (1, 2):
        (tmp_path / f"load-{number}").mkdir()
        write_load(load_samples.sample_load(factor=number), tmp_path / f"load-{number}" / "load.json")
    return tmp_path


def test_one_folder_is_rendered_into_itself(folders: Path) -> None:
    merged = merge([folders / "check-1"])
    assert {path.name for path in merged.written} == {"summary.json", "junit.xml", "summary.md", "badge.json", "index.html"}
    assert all(path.parent == folders / "check-1" for path in merged.written)
    assert merged.warnings == ()


def test_or_somewhere_else(folders: Path) -> None:
    merge([folders / "load-1"], folders / "there" / "deep")
    assert (folders / "there" / "deep" / "index.html").exists()
    assert not (folders / "load-1" / "index.html").exists()


def test_a_result_file_may_be_named_itself(folders: Path) -> None:
    assert merge([folders / "check-1" / "run.jsonl"]).written[0].parent == folders / "check-1"


def test_several_runs_become_a_matrix(folders: Path, golden: Callable[[str, str], None]) -> None:
    merged = merge([folders / "check-1", folders / "check-2"], folders / "out")
    assert [path.name for path in merged.written] == ["index.html", "summary.md", "matrix.json"]
    document = json.loads((folders / "out" / "matrix.json").read_text())
    assert [server["name"] for server in document["servers"]] == ["KMS 1", "KMS 2"]
    failing = {check.id for check in report_samples.small_run().checks if check.verdict is Verdict.FAIL}
    assert {check_id for check_id, row in document["checks"].items() if row["differs"]} == failing
    first = report_samples.small_run().checks[0]
    assert document["checks"][first.id]["verdicts"] == [first.verdict.value, None]
    for server in document["servers"]:
        assert (folders / "out" / server["report"]).exists()
    golden("matrix.md", (folders / "out" / "summary.md").read_text())


def test_several_go_to_a_folder_of_their_own(folders: Path) -> None:
    merge([folders / "load-1", folders / "load-2"])
    assert (folders / "kmiplab-comparison" / "index.html").exists()


def test_two_runs_of_one_server_are_told_apart_by_their_folders() -> None:
    run = report_samples.small_run()
    assert [server.name for server in matrix([("monday", run), ("tuesday", run)]).servers] == [
        "Example KMS (monday)",
        "Example KMS (tuesday)",
    ]


def test_a_run_that_did_not_finish_is_rendered_with_a_warning(folders: Path) -> None:
    result = CliRunner().invoke(command, ["cut", "check-1", "--out", "out"], standalone_mode=False)
    assert result.return_value == 0
    assert "warning: the run in cut did not finish" in result.stderr
    assert "Incomplete run of" in (folders / "out" / "index.html").read_text()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["check-1", "load-1"], "two kinds"),
        (["nowhere"], "is not there"),
        (["empty"], "holds neither"),
        (["both"], "holds both"),
        (["broken"], "line 2"),
        (["broken-load"], "cannot be read"),
        (["a-file"], "is not a folder"),
        (["check-1", "check-1"], "named twice"),
        (["load-1", "load-2", "load-3", "load-4", "load-5"], "do not fit side by side"),
    ],
)
def test_what_cannot_be_rendered_is_refused_with_what_to_do(folders: Path, names: list[str], message: str) -> None:
    (folders / "empty").mkdir()
    report_samples.write_folder(folders / "both", report_samples.small_run())
    (folders / "both" / "load.json").write_text("{}")
    report_samples.write_folder(folders / "broken", report_samples.small_run())
    lines = (folders / "broken" / "run.jsonl").read_text().splitlines()
    (folders / "broken" / "run.jsonl").write_text("\n".join([lines[0], lines[1][:40], *lines[2:]]))
    (folders / "broken-load").mkdir()
    (folders / "broken-load" / "load.json").write_text('{"requests": 3')
    (folders / "a-file").write_text("")
    for number in (3, 4, 5):
        (folders / f"load-{number}").mkdir()
        write_load(load_samples.sample_load(), folders / f"load-{number}" / "load.json")
    with pytest.raises(RecordError, match=message) as caught:
        merge([folders / name for name in names])
    assert caught.value.hint
    assert not (folders / "kmiplab-comparison").exists()


def test_the_command_names_what_it_wrote(folders: Path) -> None:
    result = CliRunner().invoke(command, ["check-1"], standalone_mode=False)
    assert result.return_value == 0
    assert "check-1/index.html" in result.stdout.splitlines()


def test_the_command_shows_a_run_again(folders: Path) -> None:
    result = CliRunner().invoke(command, ["check-1", "--console"], standalone_mode=False)
    assert "Failures" in result.stdout
    assert "of 8 applicable MUSTs pass" in result.stdout


def test_the_matrix_in_a_browser(browser: Chrome, folders: Path) -> None:
    merge([folders / "check-1", folders / "check-2"], folders / "out")
    browser.get("about:blank")
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    browser.get((folders / "out" / "index.html").as_uri())
    rows = browser.find_elements(By.CSS_SELECTOR, "[data-row]")
    assert len(rows) == len(report_samples.small_run().checks)
    browser.find_element(By.NAME, "differences").click()
    shown = [row for row in rows if row.is_displayed()]
    assert len(shown) == 3
    assert browser.execute_script("return location.search") == "?differences=only"  # type: ignore[no-untyped-call]
    browser.refresh()
    assert sum(row.is_displayed() for row in browser.find_elements(By.CSS_SELECTOR, "[data-row]")) == 3
    cell = next(row for row in browser.find_elements(By.CSS_SELECTOR, "[data-row]") if row.is_displayed()).find_element(
        By.CSS_SELECTOR, "a.fail"
    )
    cell.click()
    assert "/out/1-kms-1/index.html#" in browser.current_url
    assert browser.find_elements(By.CSS_SELECTOR, ".check[open]")
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("width", [390, 1280])
def test_on_every_screen_a_verdict_stands_under_its_server(browser: Chrome, folders: Path, width: int) -> None:
    merge([folders / "check-1", folders / "check-2"], folders / "out")
    size = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)  # type: ignore[no-untyped-call]
    try:
        browser.get((folders / "out" / "index.html").as_uri())
        heads = browser.find_elements(By.CSS_SELECTOR, ".matrix thead th")[-2:]
        cells = browser.find_element(By.CSS_SELECTOR, ".matrix [data-row]").find_elements(By.CSS_SELECTOR, ".cell")
        for head, cell in zip(heads, cells, strict=True):
            assert head.rect["x"] == pytest.approx(cell.rect["x"], abs=2)
            assert head.rect["width"] == pytest.approx(cell.rect["width"], abs=2)
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width  # type: ignore[no-untyped-call]
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})  # type: ignore[no-untyped-call]


def test_whatever_a_server_sent_stays_text(browser: Chrome, tmp_path: Path) -> None:
    for name in ("a", "b"):
        report_samples.write_folder(tmp_path / name, hostile_samples.hostile_run())
    merge([tmp_path / "a", tmp_path / "b"], tmp_path / "out")
    browser.get((tmp_path / "out" / "index.html").as_uri())
    assert browser.execute_script("return [typeof pwned, document.scripts.length, document.images.length]") == ["undefined", 1, 0]  # type: ignore[no-untyped-call]
    assert all(path.resolve().is_relative_to(tmp_path) for path in (tmp_path / "out").rglob("*"))
