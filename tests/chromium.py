"""Chromium, driven by Playwright, and what a page of it says and asks for."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDE, PHONE = (1280, 800), (390, 844)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="no Playwright: pip install playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    with playwright.sync_playwright() as started:
        try:
            browser = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


def until(page: Any, condition: str, seconds: float = 30) -> None:
    """Wait until an expression holds in a page or a frame.

    Playwright's own `wait_for_function` asks a second time by `eval`, which the policy of our pages forbids.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"{condition} did not come to hold within {seconds:g} s"
        time.sleep(0.02)


class Watched:
    """Opens pages and listens to them.

    Attributes:
        said: on the console, as errors and in dialogs. asked: every address.
    """

    def __init__(self, browser: Any) -> None:
        self.browser = browser
        self.said: list[str] = []
        self.asked: list[str] = []

    def open(self, address: str, size: tuple[int, int], **settings: Any) -> Any:
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **settings)
        page = context.new_page()
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", lambda dialog: self.said.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request.url))
        page.goto(address)
        return page
