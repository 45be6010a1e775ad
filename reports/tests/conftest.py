"""What the tests of this room share: a sample run with every verdict, golden files, and a real browser.

The browser is Debian's chromium with its chromedriver, or whatever ``CHROMIUM`` and ``CHROMEDRIVER`` name. Where it is missing the
tests that need it are skipped, but not in CI: there a missing browser is a failure, so that nobody believes that the pages were seen.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.append(str(Path(__file__).parent))  # importlib mode puts no test folder on the path; the samples are a module of their own

import report_samples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kmip_reports.records import Run
    from selenium.webdriver import Chrome

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def sample_run() -> Run:
    """150 checks over five versions, with every verdict, scenarios, and a baseline."""
    return report_samples.sample_run()


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compare a text with a file in golden/; ``UPDATE_GOLDEN=1`` writes it anew, for a reviewer to read in the diff."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """A headless Chromium that logs its console and every request it makes."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    chromedriver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not (chromium and chromedriver):
        reason = "no chromium and chromedriver: install them (Debian: chromium, chromium-driver), or name them in CHROMIUM and CHROMEDRIVER"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    for argument in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=1280,1000",
        f"--user-data-dir={tmp_path_factory.mktemp('chromium')}",
    ):
        options.add_argument(argument)
    driver = Chrome(options=options, service=Service(chromedriver))
    yield driver
    driver.quit()
