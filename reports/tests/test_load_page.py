"""The page of a load run: scales that do not lie, gaps that stay gaps, and the page itself in a real browser."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import hostile_samples
import load_samples
import pytest
from kmip_reports.records_load import FailureReason, Latency, LoadRun, OperationLoad, PercentilePoint, Second, write_load
from kmip_reports.render.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Line, chart, linear, logarithmic, percentiles
from kmip_reports.render.load import columns_of, joined, load_page, throughput, write_load_report
from kmip_reports.render.numbers import change, grouped, milliseconds, short
from selenium.webdriver.common.by import By

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from selenium.webdriver import Chrome


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (0.0841, "0.0841"),
        (0.5, "0.5"),
        (1.256, "1.26"),
        (48.0, "48"),
        (999.6, "1000"),
        (12345.6, "12\u202f346"),
        (1000, "1\u202f000"),
    ],
)
def test_numbers_are_short(number: float, text: str) -> None:
    assert short(number) == text


def test_figures_for_people() -> None:
    assert grouped(1234567) == "1\u202f234\u202f567"
    assert milliseconds(None) == "–"
    assert [change(100, 100.01), change(100, 140), change(100, 97), change(0, 5), change(None, 5)] == ["±0 %", "+40 %", "−3.0 %", "–", "–"]


def test_an_axis_of_seconds_is_marked_at_whole_ones() -> None:
    assert [label for _, label in linear([4.0], ticks=8, whole=True).ticks] == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("values", "highest"), [([], 1.0), ([0.0], 1.0), ([7.0], 8.0), ([533.0], 600.0), ([1000.0], 1000.0), ([0.003], 0.003)]
)
def test_a_linear_scale_begins_at_zero_and_ends_at_a_round_number(values: list[float], highest: float) -> None:
    scale = linear(values)
    assert scale.ticks[0][0] == 0.0
    assert scale.ticks[-1][0] == pytest.approx(highest)
    assert [scale.place(0.0), scale.place(highest)] == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize("values", [[], [0.0], [1.0], [0.2, 80.0], [0.001, 90000.0], [5.0, 5.0]])
def test_a_logarithmic_scale_holds_every_value(values: list[float]) -> None:
    scale = logarithmic(values)
    assert len(scale.ticks) >= 2
    assert all(0.0 <= scale.place(value) <= 1.0 + 1e-9 for value in values)


def test_nines_are_evenly_spaced() -> None:
    scale = percentiles(99.99)
    assert [round(scale.place(mark), 6) for mark in (0.0, 90.0, 99.0, 99.9, 99.99, 100.0)] == [0.0, 0.25, 0.5, 0.75, 1.0, 1.0]


def test_a_second_without_an_answer_is_a_gap_and_a_lone_second_a_dot() -> None:
    points = [(0.0, 1.0), (1.0, 2.0), (2.0, None), (3.0, 1.0)]
    drawn = chart("t", "d", "ms", "second", [Line("l", "c", points)], x=linear([3.0]), y=linear([2.0])).lines[0].path
    assert drawn.count("M") == 2
    assert drawn.count("L") == 1
    assert chart("t", "d", "ms", "s", [Line("l", "c", [(0.0, 1.0)])], x=linear([3.0]), y=linear([2.0])).lines[0].path.endswith("h0.01")
    assert chart("t", "d", "ms", "s", [Line("l", "c", [(0.0, None)])], x=linear([3.0]), y=linear([2.0])).lines[0].path == ""


def test_the_corners_of_the_frame_are_the_ends_of_the_scales() -> None:
    drawn = chart("t", "d", "", "x", [Line("l", "c", [(0.0, 0.0), (4.0, 8.0)])], x=linear([4.0]), y=linear([8.0])).lines[0].path
    assert drawn == f"M{LEFT:.1f} {HEIGHT - BOTTOM:.1f}L{WIDTH - RIGHT:.1f} {TOP:.1f}"


def test_a_long_run_is_joined_without_losing_a_request_or_a_peak() -> None:
    series = [Second(n, 10, n % 2, 1.0, 2.0, 3.0, 100.0 if n == 777 else 4.0) for n in range(1000)]
    points, width = joined(series)
    assert width == 5
    assert len(points) == 200
    assert sum(point.requests for point in points) == 10000
    assert max(point.max or 0 for point in points) == 100.0


def test_a_long_run_is_drawn_with_few_points_at_the_height_of_a_second() -> None:
    series = tuple(Second(n, 10, 0, 1.0, 2.0, 3.0, 4.0) for n in range(1000))
    drawn = throughput(columns_of([replace(load_samples.sample_load(failures=0), series=series)]))
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", drawn.lines[0].path)
    assert len(points) == 200
    assert {float(down) for _, down in points} == {TOP}  # ten a second is the top of a scale that ends at ten


def test_golden_summaries(tmp_path: Path, golden: Callable[[str, str], None]) -> None:
    before, after = load_samples.sample_load(), load_samples.sample_load(factor=0.8, failures=0)
    write_load_report([before], tmp_path / "one")
    write_load_report([before, after], tmp_path / "two", ["8.4", "8.5"])
    golden("load.md", (tmp_path / "one" / "summary.md").read_text())
    golden("load-two.md", (tmp_path / "two" / "summary.md").read_text())


def opened(browser: Chrome, folder: Path) -> None:
    browser.get("about:blank")
    browser.get_log("browser")  # type: ignore[no-untyped-call]
    browser.get((folder / "index.html").as_uri())
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_the_page_of_a_run(browser: Chrome, tmp_path: Path) -> None:
    write_load_report([load_samples.sample_load()], tmp_path)
    opened(browser, tmp_path)
    drawings = browser.find_elements(By.CSS_SELECTOR, "svg.drawing")
    names = ["Throughput", "Latency over time", "Latency distribution", "Latency distribution by operation"]
    assert [drawing.accessible_name for drawing in drawings] == names
    described = drawings[0].find_element(By.TAG_NAME, "desc").get_property("textContent")
    assert "533 requests a second, median 0.628 ms, 99th percentile 10.3 ms" in str(described)
    text = browser.find_element(By.TAG_NAME, "main").text
    for part in ("37\nfailures", "Operation Failed: Item Not Found", "Discover Versions", "Second by second"):
        assert part in text
    stroke = browser.find_element(By.CSS_SELECTOR, ".drawing > path.line-0").value_of_css_property("stroke")
    assert stroke not in {"none", "rgb(0, 0, 0)"}


def test_two_runs_side_by_side(browser: Chrome, tmp_path: Path) -> None:
    write_load_report([load_samples.sample_load(), load_samples.sample_load(factor=1.4)], tmp_path, ["before", "after"])
    opened(browser, tmp_path)
    rows = {row.text.split()[0]: row for row in browser.find_elements(By.CSS_SELECTOR, "[aria-labelledby=page-comparison] tbody tr")}
    assert rows["p50"].text == "p50 0.628 ms 0.879 ms +40 %"
    assert "fail" in (rows["p50"].find_element(By.CSS_SELECTOR, "td:last-child").get_dom_attribute("class") or "")


def test_runs_that_cannot_be_compared_say_so(tmp_path: Path) -> None:
    page = load_page(columns_of([load_samples.sample_load(), replace(load_samples.sample_load(), users=2)]))
    assert "compare with care" in page


def test_a_run_that_answered_nothing_is_still_a_page() -> None:
    nothing = Latency(0.0, 0.0, 0.0, 0.0)
    run = LoadRun("2026-11-20T10:00:00Z", "", "kmiplab", {}, "steady-get", 1, 1, 0.0, 0, 0, 0.0, nothing, {}, complete=False)
    page = load_page(columns_of([run]))
    assert "Incomplete run." in page
    assert '<svg class="drawing"' not in page


def test_whatever_a_server_sent_stays_text(browser: Chrome, tmp_path: Path) -> None:
    attack = hostile_samples.ATTACK
    latency = Latency(1.0, 2.0, 3.0, 4.0)
    run = replace(
        load_samples.sample_load(),
        target=dict.fromkeys(("name", "vendor", "address"), attack),
        operations={attack: OperationLoad(1, 1, 1.0, latency, (PercentilePoint(50.0, 1.0),)), "Get": OperationLoad(1, 0, 1.0, latency)},
        failure_reasons=(FailureReason(attack, attack, 1),),
        profile=attack,
        profile_summary=attack,
        command=attack,
        notes=(attack,),
        versions={attack: attack},
    )
    write_load(run, tmp_path / "load.json")
    write_load_report([run, run], tmp_path, [attack, attack])
    opened(browser, tmp_path)
    assert browser.execute_script("return [typeof pwned, document.scripts.length, document.images.length]") == ["undefined", 1, 0]  # type: ignore[no-untyped-call]
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert not set(page) & set("\x00\x1b\u202e\u2028")
    drawing = page[page.index('<svg class="drawing"') :]
    ET.fromstring(drawing[: drawing.index("</svg>") + len("</svg>")])
