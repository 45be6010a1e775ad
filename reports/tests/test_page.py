"""The page of a run in a real browser: filters and their URL, opening a check, keyboard, themes, no network, and no way in."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import hostile_samples
import pytest
import report_samples
from kmip_reports.figures import figures
from kmip_reports.records import Run, Verdict
from kmip_reports.render import write_report
from kmip_reports.render.page import run_page
from page_reader import Reader
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver import Chrome


@pytest.fixture
def reader(browser: Chrome, sample_run: Run, tmp_path: Path) -> Reader:
    write_report(sample_run, tmp_path)
    return Reader(browser, tmp_path / "index.html")


def ids(run: Run, *verdicts: Verdict) -> set[str]:
    return {check.id for check in run.checks if check.verdict in verdicts}


def a_failure(run: Run) -> str:
    return next(check.id for check in run.checks if check.verdict is Verdict.FAIL and check.family != "vmware")


def test_the_skeleton_is_the_golden_one(golden: Callable[[str, str], None]) -> None:
    run = report_samples.small_run()
    text = run_page(run, figures(run))
    for pattern, instead in (
        (r"(<style>).*?(</style>)", r"\1…\2"),
        (r"(<script>).*?(</script>)", r"\1…\2"),
        (r"sha256-[\w+/=]+", "sha256-…"),
        (r'data-exchanges="[^"]+"', 'data-exchanges="…"'),
    ):
        text = re.sub(pattern, instead, text, flags=re.DOTALL)
    golden("index.html", text)


def test_a_published_case_says_what_was_allowed_to_differ() -> None:
    run = report_samples.small_run()
    check = run.checks[0]
    attempt = replace(check.attempts[0], variations=("time-stamp", "vendor", "time-stamp"))
    run = replace(run, checks=(replace(check, attempts=(attempt,)),))
    assert "Allowed to differ: time-stamp (2 times), vendor." in run_page(run, figures(run))


def test_it_opens_without_a_complaint_and_asks_nothing_of_the_network(reader: Reader, sample_run: Run) -> None:
    reader.opens(f"#{a_failure(sample_run)}")
    reader.waits_for_exchanges(a_failure(sample_run))
    assert reader.complaints() == []
    assert {url.partition("#")[0] for url in reader.requests() if not url.startswith(("data:", "about:"))} == {reader.url}


def test_every_check_is_there_and_each_verdict_is_defined(reader: Reader, sample_run: Run) -> None:
    reader.opens()
    assert set(reader.shown()) == {check.id for check in sample_run.checks}
    cards = reader.browser.find_elements(By.CSS_SELECTOR, ".verdict-card")
    assert [card.find_element(By.CSS_SELECTOR, ".verdict-name").text for card in cards] == [
        "pass",
        "fail",
        "non-strict",
        "unsupported",
        "skipped",
        "error",
    ]
    assert all(card.find_element(By.CSS_SELECTOR, ".verdict-meaning").text for card in cards)


def test_filters_narrow_the_list_and_stay_in_the_url(reader: Reader, sample_run: Run) -> None:
    reader.opens()
    reader.find("[data-verdict-filter=fail]").click()
    reader.find("[data-verdict-filter=error]").click()
    assert set(reader.shown()) == ids(sample_run, Verdict.FAIL, Verdict.ERROR)
    assert reader.query() == "?verdict=fail%2Cerror"
    assert reader.find("[data-verdict-filter=fail]").get_dom_attribute("aria-pressed") == "true"
    reader.find("[name=q]").send_keys("vcenter power")
    assert reader.shown() == ["vmware.vcenter-8.0.2.powers-on-a-vm"]
    assert reader.find("[data-shown]").text == "1 of 156 checks"
    query = reader.query()
    reader.opens(query)
    assert reader.shown() == ["vmware.vcenter-8.0.2.powers-on-a-vm"]
    assert reader.find("[name=q]").get_property("value") == "vcenter power"
    reader.find("[type=reset]").click()
    assert len(reader.shown()) == len(sample_run.checks)
    assert reader.query() == ""


def test_family_and_level_filter(reader: Reader, sample_run: Run) -> None:
    reader.opens("?family=locate&level=SHOULD")
    assert set(reader.shown()) == {check.id for check in sample_run.checks if check.family == "locate" and check.level == "SHOULD"}
    reader.opens("?family=%3Cscript%3E&level=nonsense&verdict=fine&version=9.9")
    assert len(reader.shown()) == len(sample_run.checks)


def test_a_version_shows_its_own_verdicts(reader: Reader, sample_run: Run) -> None:
    reader.opens("?version=1.3&verdict=fail")
    expected = {
        check.id
        for check in sample_run.checks
        for attempt in check.attempts
        if (attempt.kmip_version, attempt.verdict) == ("1.3", Verdict.FAIL)
    }
    assert set(reader.shown()) == expected
    mixed = next(
        check.id
        for check in sample_run.checks
        if check.verdict is Verdict.FAIL and any(a.kmip_version == "1.3" and a.verdict is Verdict.PASS for a in check.attempts)
    )
    reader.opens("?version=1.3")
    assert reader.check(mixed).find_element(By.CSS_SELECTOR, ".check-verdict").text == "pass"
    reader.opens()
    assert reader.check(mixed).find_element(By.CSS_SELECTOR, ".check-verdict").text == "fail"


def test_nothing_found_says_so(reader: Reader) -> None:
    reader.opens("?q=there+is+no+such+check")
    assert reader.shown() == []
    assert reader.find("[data-nothing]").is_displayed()


def test_a_check_opens_to_requirement_observation_citation_and_bytes(reader: Reader, sample_run: Run) -> None:
    wanted = a_failure(sample_run)
    reader.opens()
    row = reader.check(wanted)
    row.find_element(By.TAG_NAME, "summary").click()
    text = reader.waits_for_exchanges(wanted).text
    for part in (
        "Operation Failed, Wrong Key Lifecycle State",
        "Success; the object is gone",
        "KMIP 1.4, ",
        f"--select {wanted}",
        "Request Message",
    ):
        assert part in text
    tabs = row.find_elements(By.CSS_SELECTOR, "[role=tab]")
    assert [tab.text for tab in tabs] == ["Tree", "Hex", "XML"]
    tabs[1].click()
    assert "0000  42 00 78 01 00 00 00 a0  42 00 77" in row.text
    assert "** ** ** **" in row.text
    tabs[1].send_keys(Keys.ARROW_RIGHT)
    assert '<BatchCount type="Integer" value="1"/>' in row.text
    assert reader.browser.switch_to.active_element == tabs[2]
    versions = row.find_elements(By.CSS_SELECTOR, ".choices button")
    assert [button.text for button in versions] == [f"KMIP {version}" for version in report_samples.VERSIONS]


def test_a_scenario_shows_how_each_step_is_known(reader: Reader) -> None:
    reader.opens("#vmware.vcenter-8.0.2.powers-on-a-vm")
    steps = reader.waits_for_exchanges("vmware.vcenter-8.0.2.powers-on-a-vm").find_elements(By.CSS_SELECTOR, ".steps li")
    assert [step.find_element(By.CSS_SELECTOR, ".step-mark").text for step in steps] == [mark for _, mark in report_samples.SCENARIO]


def test_a_deep_link_opens_its_check_and_drops_a_filter_that_hides_it(reader: Reader, sample_run: Run) -> None:
    wanted = a_failure(sample_run)
    reader.opens(f"?verdict=pass#{wanted}")
    row = reader.waits_for_exchanges(wanted)
    assert row.is_displayed()
    assert row.get_dom_attribute("open") is not None
    assert reader.browser.switch_to.active_element == row.find_element(By.TAG_NAME, "summary")


def test_everything_can_be_reached_and_used_with_the_keyboard(reader: Reader, sample_run: Run) -> None:
    reader.opens()
    body = reader.find("body")
    body.send_keys(Keys.TAB)
    skip = reader.browser.switch_to.active_element
    assert skip.text == "Skip to the results"
    skip.send_keys(Keys.ENTER)
    assert reader.browser.switch_to.active_element.tag_name == "main"
    body.send_keys("/")
    search = reader.browser.switch_to.active_element
    assert search.get_dom_attribute("name") == "q"
    search.send_keys(a_failure(sample_run))
    for _ in range(5):
        reader.browser.switch_to.active_element.send_keys(Keys.TAB)
    summary = reader.browser.switch_to.active_element
    assert summary.tag_name == "summary"
    summary.send_keys(Keys.ENTER)
    assert reader.check(a_failure(sample_run)).get_dom_attribute("open") is not None


def test_landmarks_and_names_for_screen_readers(reader: Reader) -> None:
    reader.opens()
    tree = reader.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = [node["role"]["value"] for node in tree if not node.get("ignored")]
    assert {"banner", "main", "contentinfo", "search", "heading"} <= set(roles)
    for node in tree:
        if not node.get("ignored") and node["role"]["value"] in {"button", "searchbox", "combobox", "image", "link"}:
            assert node.get("name", {}).get("value"), node
    duplicates = reader.browser.execute_script(  # type: ignore[no-untyped-call]
        "const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.filter((id, at) => ids.indexOf(id) !== at)"
    )
    assert duplicates == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_themes_follow_the_system_and_can_be_read(reader: Reader, scheme: str) -> None:
    media = [{"name": "prefers-color-scheme", "value": scheme}]
    reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})
    try:
        reader.opens()
        assert (reader.brightness("body", "background-color") > 0.5) == (scheme == "light")
        for verdict in ("pass", "fail", "non-strict", "unsupported", "skipped", "error"):
            assert reader.contrast(f".verdict-card.{verdict} .verdict-name", ".verdicts") >= 4.5, verdict
        assert reader.contrast(".verdict-meaning", ".verdicts") >= 4.5
        assert reader.contrast(".overline", "body") >= 4.5
    finally:
        reader.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_theme_can_be_switched(reader: Reader) -> None:
    reader.opens()
    button = reader.find("[data-theme-switch]")
    while button.text != "Theme: dark":
        button.click()
    assert reader.brightness("body", "background-color") < 0.5
    button.click()
    assert button.text == "Theme: as the system"


def test_no_text_of_a_server_gets_a_foot_in_the_door(browser: Chrome, tmp_path: Path) -> None:
    run = hostile_samples.hostile_run()
    write_report(run, tmp_path)
    reader = Reader(browser, tmp_path / "index.html").opens()
    for summary in browser.find_elements(By.TAG_NAME, "summary"):
        browser.execute_script("arguments[0].click()", summary)  # type: ignore[no-untyped-call]
    unpacked = "return document.querySelectorAll('[data-unpacked]').length"
    with_exchanges = sum(any(attempt.transcript for attempt in check.attempts) for check in run.checks)
    WebDriverWait(browser, 10).until(lambda driver: driver.execute_script(unpacked) == with_exchanges)  # type: ignore[no-untyped-call]
    state = browser.execute_script(  # type: ignore[no-untyped-call]
        "return [typeof pwned, document.scripts.length, document.images.length, document.querySelectorAll('.check').length]"
    )
    assert state == ["undefined", 1, 0, len(run.checks)]
    assert reader.complaints() == []
    assert "<script>pwned=1</script>" in reader.find(".check-title").text


def test_the_policy_lets_nothing_else_run(reader: Reader) -> None:
    reader.opens()
    reader.browser.execute_script(  # type: ignore[no-untyped-call]
        "const s = document.createElement('script'); s.textContent = 'window.pwned = 1'; document.body.append(s);"
        "const i = document.createElement('img'); i.src = 'https://example.invalid/x.png'; document.body.append(i);"
    )
    assert reader.browser.execute_script("return typeof pwned") == "undefined"  # type: ignore[no-untyped-call]
    assert len([entry for entry in reader.complaints() if "Content Security Policy" in entry["message"]]) == 2


def test_an_incomplete_run_says_so_loudly(browser: Chrome, tmp_path: Path) -> None:
    write_report(report_samples.sample_run(complete=False), tmp_path)
    reader = Reader(browser, tmp_path / "index.html").opens()
    assert browser.title.startswith("INCOMPLETE")
    assert "Incomplete run." in reader.find("[role=alert]").text


def test_without_a_script_everything_but_the_exchange_can_be_read(reader: Reader, sample_run: Run) -> None:
    reader.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        reader.opens()
        row = reader.check(a_failure(sample_run))
        row.find_element(By.TAG_NAME, "summary").click()
        assert "Success; the object is gone" in row.text
        assert not reader.find("[data-toolbar]").is_displayed()
    finally:
        reader.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_five_hundred_checks_over_five_versions_stay_quick_and_small(browser: Chrome, tmp_path: Path) -> None:
    run = report_samples.many_checks(500)
    write_report(replace(run), tmp_path)
    path = tmp_path / "index.html"
    assert path.stat().st_size < 4_000_000
    reader = Reader(browser, path).opens()
    began = time.perf_counter()
    reader.find("[data-verdict-filter=fail]").click()
    reader.find("[name=q]").send_keys("destroy")
    assert reader.find("[data-shown]").text.endswith("of 500 checks")
    assert time.perf_counter() - began < 5  # generous: a shared machine; it takes a tenth of that alone
