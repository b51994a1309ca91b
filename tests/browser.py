"""A headless Chromium, for tests that are skipped without one."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@contextmanager
def chromium() -> Generator["Browser"]:
    """Start Debian's Chromium; skip the test where it, or what drives it, is absent."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("there is no Chromium")
    # Root may not have Chromium's own sandbox, and pages of tests are ours.
    flags = ["--no-sandbox"] if os.geteuid() == 0 else []
    with api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page, what it asked of the network, and what it complained about."""

    def __init__(self, browser: "Browser", *, width: int = 1280, scheme: str = "light") -> None:
        context = browser.new_context(
            viewport={"width": width, "height": 850},
            color_scheme="dark" if scheme == "dark" else "light",
            offline=True,
        )
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text))

    def open(self, path: Path) -> "Page":
        """Open a report, and wait until it is drawn."""
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("main[data-ready]", timeout=60_000)
        return self.page

    def go(self, route: str) -> None:
        """Go to a page of the report, such as `environments`, and wait until it is drawn."""
        address = f"#/{route}"
        self.page.evaluate("address => { location.hash = address; }", address)
        self.page.wait_for_function(
            "address => document.querySelector('main').dataset.ready === address", arg=address
        )
