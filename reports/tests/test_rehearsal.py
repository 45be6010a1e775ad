"""A rehearsal shown: its file is read back whole, its page tells of each stage in a real browser, its table fits a log."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from kmip_reports.merge import merge
from kmip_reports.records import RecordError
from kmip_reports.records_rehearsal import AccidentRecord, IfDeletedNow, Moved, Rehearsal, StageRecord, read_rehearsal
from kmip_reports.render.rehearsal import rehearsal_page, write_rehearsal_report
from kmip_reports.render.rehearsal_console import print_rehearsal
from page_reader import Reader
from selenium.webdriver.common.by import By

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver import Chrome

FIRST = IfDeletedNow(0, 3, 1, tried=0, names=("vm-0001", "vm-0002", "vm-0003", "core dumps of esx-01"))
GOOD = Rehearsal(
    started_at="2026-11-25T12:00:00Z",
    finished_at="2026-11-25T12:00:04Z",
    tool="kmiplab 0.1.0",
    seed=7,
    machines=3,
    hosts=1,
    clusters=0,
    data_keys=4,
    old_provider="kmip-for-vmware",
    new_provider="key-protect",
    seconds=4.2,
    stages=(
        StageRecord(
            "encrypted", "The estate on the classic service", "observed", 1.25, ("4 data keys",), 12, {"Create": 4, "Get": 4}, FIRST
        ),
        StageRecord("machines", "Virtual machines re-encrypted", "inferred", 0.5, (), 9, {"Create": 3}, IfDeletedNow(3, 1, 0)),
        StageRecord("hosts", "Hosts rekeyed", "inferred", 0.001, ("<b>1</b> host\x1b[31m",), 3, {"Create": 1}, IfDeletedNow(4, 0, 0)),
        StageRecord("delete", "The old service deleted", "reported", 0.02, ("deleted without force",)),
    ),
    moved=(Moved("virtual machines", 3, 3), Moved("core dumps", 1, 1), Moved("vSAN disk groups", 0, 0)),
    refers_to_old=(),
    lost=(),
    accidents=(
        AccidentRecord("not-registered", "the certificate is not registered", "a small estate", ("trust fails",), "Register it.", (), 0.3),
        AccidentRecord(
            "host-off",
            "a host was off",
            "a small estate",
            ("esx-01 is off",),
            "Start it.",
            ("disk group of esx-01",),
            0.4,
            ("it is started",),
        ),
    ),
    command="kmiplab rehearse migration --seed 7",
)
BAD = replace(GOOD, lost=("vm-0002",), refers_to_old=("vm-0002",), moved=(Moved("virtual machines", 2, 3),), problems=("Trust: none",))


def test_a_rehearsal_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    for rehearsal in (GOOD, BAD):
        assert read_rehearsal(write_rehearsal_report(rehearsal, tmp_path)[0]) == rehearsal
    assert merge([tmp_path]).written == [tmp_path / "rehearsal.json", tmp_path / "index.html"]
    (tmp_path / "rehearsal.json").write_text("{}")
    with pytest.raises(RecordError, match="not the record of a rehearsal"):
        merge([tmp_path])


@pytest.mark.parametrize(
    ("rehearsal", "code"),
    [
        (GOOD, 0),
        (BAD, 1),
        (replace(GOOD, lost=("vm-0001",)), 1),
        (replace(GOOD, refers_to_old=("vm-0001",)), 1),
        (replace(GOOD, problems=("no trust",)), 1),
        (replace(GOOD, complete=False), 2),
    ],
)
def test_whatever_is_not_whole_is_no_success(rehearsal: Rehearsal, code: int) -> None:
    assert (rehearsal.exit_code, rehearsal.succeeded) == (code, code == 0)


def test_the_table(golden: Callable[[str, str], None]) -> None:
    for name, rehearsal in (("rehearsal.txt", GOOD), ("rehearsal-lost.txt", BAD)):
        stream = io.StringIO()
        print_rehearsal(rehearsal, stream=stream, width=110)
        golden(name, stream.getvalue())
        assert "\x1b" not in stream.getvalue()


def test_the_page(browser: Chrome, tmp_path: Path) -> None:
    reader = Reader(browser, write_rehearsal_report(GOOD, tmp_path)[1]).opens()
    assert reader.find("h1").text == "Everything moved, nothing was lost"
    stages = browser.find_elements(By.CSS_SELECTOR, ".timeline > li")
    assert [stage.find_element(By.TAG_NAME, "h3").text for stage in stages] == [stage.title for stage in GOOD.stages]
    bars = [stage.find_elements(By.CSS_SELECTOR, ".fate rect") for stage in stages]
    assert [[(rect.get_dom_attribute("class"), rect.get_dom_attribute("width")) for rect in bar] for bar in bars] == [
        [("non-strict", "750.00"), ("fail", "250.00")],
        [("pass", "750.00"), ("non-strict", "250.00")],
        [("pass", "1000.00")],
        [],
    ]
    assert "Tried on a copy: 0 opened" in stages[0].text
    assert "<b>1</b> host\\x1b[31m" in stages[2].text, "what a server said stays text"
    assert [one.text for one in browser.find_elements(By.CSS_SELECTOR, ".accident h3")] == [
        "The certificate is not registered",
        "A host was off",
    ]
    assert "and so tried\nit is started" in browser.find_elements(By.CSS_SELECTOR, ".accident")[1].text
    assert reader.requests() == {reader.url}
    assert reader.complaints() == []
    for theme in ("dark", "light"):
        browser.execute_script(f"document.documentElement.dataset.theme = '{theme}'")  # type: ignore[no-untyped-call]
        assert reader.contrast(".timeline li .wire", ".panel") > 4.5


def test_the_page_of_a_loss_says_so() -> None:
    page = rehearsal_page(BAD)
    assert "1 data key lost" in page
    assert "Incomplete." in rehearsal_page(replace(GOOD, complete=False))
    assert '<div class="alarm" role="alert"><strong>Stopped.</strong> Trust: none</div>' in page
