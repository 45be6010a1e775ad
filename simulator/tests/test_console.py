"""The console page in a real browser: what it shows, that it follows, keyboard, themes, and that nothing in it is a way in or out."""

from __future__ import annotations

import json
import os
import re
import shutil

import httpx
import pytest
from keyprotect_simulator.disturbances import Disturbance
from keyprotect_simulator.records import KmipCertificate, KmipEvent, KmipObject
from keyprotect_simulator.testing import running_simulator
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

SEED = {
    "instances": [
        {
            "name": "payments",
            "region": "eu-de",
            "keys": [
                {"name": "orders", "aliases": ["orders-key"], "rotations": 2},
                {"name": "database password", "extractable": True},
                {"name": "an old one", "state": "destroyed"},
                {"name": "<img src=x onerror=alert(1)>", "state": "suspended"},
            ],
            "kmip_adapters": [{"name": "vcenter", "key": "orders"}],
        }
    ],
    "service_ids": [{"name": "auditor", "roles": {"payments": ["Reader"]}}],
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium, Debian's or what CHROMIUM and CHROMEDRIVER name; missing in CI it is a failure, elsewhere a skip."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    chromedriver = os.environ.get("CHROMEDRIVER") or shutil.which("chromedriver")
    if not (chromium and chromedriver):
        reason = "no chromium and chromedriver: install them (Debian: chromium, chromium-driver), or name them in CHROMIUM and CHROMEDRIVER"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    options = ChromeOptions()
    options.binary_location = chromium
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    quiet = ("--no-first-run", "--disable-background-networking", "--disable-sync", "--disable-component-update")
    folder = tmp_path_factory.mktemp("chromium")
    for argument in ("--headless", "--no-sandbox", "--disable-gpu", "--window-size=1280,1000", f"--user-data-dir={folder}", *quiet):
        options.add_argument(argument)
    driver = Chrome(options=options, service=Service(chromedriver))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def seeded():
    with running_simulator() as running:
        running.seed(SEED)
        running.simulator.remember_start()
        yield running


class Page:
    """Somebody who looks at the console."""

    def __init__(self, browser, simulator):
        self.browser = browser
        self.simulator = simulator

    def opens(self, tab=""):
        self.browser.get("about:blank")
        for log in ("browser", "performance"):
            self.browser.get_log(log)
        self.browser.get(f"{self.simulator.url}/_simulator{tab and '#'}{tab}")
        return self.sees("live", "#live")

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector="#panel"):
        return self.find(selector).text

    def until(self, condition):
        WebDriverWait(self.browser, 15, poll_frequency=0.05).until(lambda _: condition())
        return self

    def sees(self, text, selector="#panel"):
        return self.until(lambda: text in self.text(selector))

    def types(self, keys):
        self.browser.switch_to.active_element.send_keys(keys)
        return self

    def names(self):
        return [opener.text for opener in self.browser.find_elements(By.CSS_SELECTOR, ".opener")]


@pytest.fixture
def page(browser, seeded):
    yield Page(browser, seeded)
    seeded.reset()


def test_it_opens_without_a_complaint_and_asks_the_simulator_alone(page):
    page.opens().sees("orders")
    assert page.browser.get_log("browser") == []
    events = (json.loads(entry["message"])["message"] for entry in page.browser.get_log("performance"))
    asked = {event["params"]["request"]["url"].partition("?")[0] for event in events if event["method"] == "Network.requestWillBeSent"}
    below = f"{page.simulator.url}/_simulator"
    assert {url for url in asked if not url.startswith(("data:", "about:"))} == {below, f"{below}/overview", f"{below}/requests"}


def test_keys_are_shown_with_their_states_and_nothing_in_a_name_is_markup(page):
    page.opens().sees("orders")
    assert page.names() == ["<img src=x onerror=alert(1)>", "an old one", "database password", "orders", "kmiplab-root-key"]
    states = [pill.text for pill in page.browser.find_elements(By.CSS_SELECTOR, "tr.opens .pill")]
    assert states == ["suspended", "destroyed", "active", "active", "active"]
    assert page.browser.find_elements(By.CSS_SELECTOR, "#panel img") == []
    assert "3 active" in page.text("#facts")
    assert "payments (eu-de)" in page.text("#facts")


def test_a_key_opens_with_its_versions_and_stays_open(page):
    page.opens().sees("orders")
    page.find("tr.opens:nth-child(4) .opener").send_keys(Keys.ENTER)
    page.sees("KMIP adapter vcenter", ".detail")
    assert len(page.browser.find_elements(By.CSS_SELECTOR, ".versions li")) == 3
    page.simulator.disable_key()
    page.until(lambda: "2 active" in page.text("#facts"))
    assert page.find(".detail").is_displayed()
    assert page.browser.switch_to.active_element.text == "orders"
    page.types(Keys.ENTER)
    assert page.browser.find_elements(By.CSS_SELECTOR, ".detail") == []


def test_it_follows_what_happens(page):
    page.opens().sees("orders")
    page.simulator.clock.move(days=31)
    page.sees("moved +31 d", "#facts")
    page.simulator.seed({"instances": [{"name": "payments", "keys": [{"name": "a newcomer"}]}]})
    page.sees("a newcomer")
    with page.simulator.region_away("eu-de"):
        page.sees("payments (eu-de, switched off)", "#facts")
    page.simulator.reset()
    page.until(lambda: "a newcomer" not in page.text())
    assert "moved" not in page.text("#facts")


def test_adapters_are_shown_with_certificates_and_objects(page):
    core, adapter = page.simulator.simulator.core, page.simulator.adapter_id
    with core.exclusive():
        from keyprotect_simulator.records import Put

        core.commit(
            Put(KmipCertificate("c1", adapter, "the-vcenter", "PEM", "ab" * 32, 1.8e9, "iam-x")),
            Put(KmipObject("o1", adapter, 4, KmipEvent(1_800_000_000, "c1", "iam-x"))),  # whole, as a KMIP server tells times
        )
    page.opens("kmip").sees("the-vcenter")
    assert "ab" * 32 in page.text()
    assert page.text().count("2027-01-15 08:00:00") == 2
    assert "compromised" in page.text()
    assert "symmetric key" in page.text()
    assert "in payments, wrapped by orders" in page.text()


def test_requests_appear_newest_first_and_go_when_they_are_cleared(page):
    page.opens("requests").sees("Nobody has asked")
    headers = {"Authorization": f"Bearer {page.simulator.token()}", "Bluemix-Instance": page.simulator.instance_id}
    httpx.get(f"{page.simulator.url}/api/v2/keys", headers=headers)
    httpx.get(f"{page.simulator.url}/api/v2/keys/nobody", headers=headers)
    with page.simulator.disturbed(Disturbance(status=429)):
        httpx.get(f"{page.simulator.url}/api/v2/keys", headers=headers)
    page.sees("429 instead").sees("KEY_NOT_FOUND_ERR")
    rows = [row.text.split() for row in page.browser.find_elements(By.CSS_SELECTOR, "tbody tr")]
    assert [(row[2], row[3]) for row in rows] == [("/api/v2/keys", "429"), ("/api/v2/keys/nobody", "404"), ("/api/v2/keys", "200")]
    assert rows[1][-3] == "kmiplab"
    page.simulator.simulator.requests.clear()
    page.sees("Nobody has asked")


def test_access_other_records_and_disturbances_are_shown(page):
    page.simulator.simulator.disturbances.begin(Disturbance(delay=0.5, method="POST", times=3))
    page.opens("access").sees("auditor").sees("Reader on payments")
    page.find("#tab-records").click()
    page.sees("instance").sees("eu-de")
    assert page.browser.get_log("browser") == []
    page.find("#tab-disturbances").click()
    page.sees("POST /").sees("0.5 s late").sees("3 times")
    page.simulator.simulator.disturbances.end_all()
    page.sees("All is well")


def test_no_secret_is_on_the_page(page):
    page.opens("access").sees("auditor")
    for api_key in (page.simulator.api_key, "private_pem", "material", "digest"):
        assert api_key not in page.browser.page_source


def test_the_keyboard_is_enough(page):
    page.opens().sees("orders")
    page.find("#tab-keys").send_keys(Keys.ARROW_RIGHT)
    page.sees("vcenter")
    assert page.browser.switch_to.active_element.get_dom_attribute("id") == "tab-kmip"
    page.types(Keys.ARROW_LEFT).types(Keys.ARROW_LEFT)
    assert page.browser.execute_script("return location.hash") == "#disturbances"
    page.types(Keys.HOME).types("/")
    assert page.browser.switch_to.active_element.get_dom_attribute("id") == "filter"
    page.types("payments suspended")
    assert page.names() == ["<img src=x onerror=alert(1)>"]
    page.types("nothing")
    assert "No key has this." in page.text()
    page.types(Keys.ESCAPE)
    assert len(page.names()) == 5
    chosen = [tab.get_dom_attribute("aria-selected") for tab in page.browser.find_elements(By.CSS_SELECTOR, "[role=tab]")]
    assert chosen == ["true"] + ["false"] * 5


def test_it_pauses_and_goes_on(page):
    page.opens().sees("orders")
    page.find("body").send_keys("p")
    page.sees("paused", "#live")
    page.simulator.seed({"instances": [{"name": "payments", "keys": [{"name": "unseen"}]}]})
    page.find("#pause").click()
    page.sees("live", "#live").sees("unseen")


def test_it_says_when_nobody_answers_and_recovers(page):
    page.opens().sees("orders")
    with page.simulator.unreachable():
        page.sees("no answer", "#live")
    page.sees("live", "#live")


def brightness(colour):
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("clicks", "theme", "dark"), [(1, "light", False), (2, "dark", True)])
def test_both_themes_can_be_read(page, clicks, theme, dark):
    page.opens().sees("orders")
    page.browser.execute_script("localStorage.clear()")
    page.browser.refresh()
    page.sees("orders")
    for _ in range(clicks):
        page.find("#theme").click()
    assert page.text("#theme") == f"Theme: {theme}"
    ground = brightness(page.find("body").value_of_css_property("background-color"))
    assert (ground < 0.1) is dark
    card = brightness(page.find(".card").value_of_css_property("background-color"))
    for selector in (".opener", "th", ".facts dt", ".live", "footer p", "[aria-selected=false]"):
        behind = card if selector in (".opener", "th") else ground
        bright, dim = sorted((brightness(page.find(selector).value_of_css_property("color")), behind), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, selector
    page.browser.refresh()
    page.sees(theme, "#theme")


def test_its_policy_lets_nothing_else_run(seeded):
    answer = httpx.get(f"{seeded.url}/_simulator/")
    policy = answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(src|href)="(?!data:|#)', answer.text)
