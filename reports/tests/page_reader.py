"""Someone who looks at a page in a real browser: what they do, and what they see."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement


class Reader:
    """Someone who looks at a page: what they do, and what they see."""

    def __init__(self, browser: Chrome, path: Path) -> None:
        self.browser = browser
        self.url = path.as_uri()

    def opens(self, query: str = "") -> Reader:
        self.browser.get("about:blank")
        for log in ("browser", "performance"):
            self.browser.get_log(log)  # type: ignore[no-untyped-call]  # forget what came before
        self.browser.get(self.url + query)
        return self

    def find(self, selector: str) -> WebElement:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def check(self, check_id: str) -> WebElement:
        return self.browser.find_element(By.ID, check_id)

    def shown(self) -> list[str]:
        return [row.get_dom_attribute("id") for row in self.browser.find_elements(By.CSS_SELECTOR, ".check") if row.is_displayed()]

    def query(self) -> str:
        return str(self.browser.execute_script("return location.search"))  # type: ignore[no-untyped-call]

    def waits_for_exchanges(self, check_id: str) -> WebElement:
        row = self.check(check_id)
        WebDriverWait(self.browser, 10).until(lambda _: row.get_dom_attribute("data-unpacked") is not None)
        return row

    def complaints(self) -> list[Any]:
        return list(self.browser.get_log("browser"))  # type: ignore[no-untyped-call]

    def requests(self) -> set[str]:
        events = (json.loads(entry["message"])["message"] for entry in self.browser.get_log("performance"))  # type: ignore[no-untyped-call]
        return {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}

    def brightness(self, selector: str, name: str) -> float:
        colour = self.find(selector).value_of_css_property(name)
        red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(self, selector: str, ground: str) -> float:
        bright, dark = sorted((self.brightness(selector, "color"), self.brightness(ground, "background-color")), reverse=True)
        return (bright + 0.05) / (dark + 0.05)
