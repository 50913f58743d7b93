"""Chromium for tests, through Playwright; where there is none the tests skip and say how many.

    def test_…(serve, open_page):
        page = open_page(serve(app) + "/", width=390)

Every page is watched: an error in its console or a violation of its content security policy fails
the test at its end.

A click that leads to another page returns before that page is whole: what is pressed there before
its scripts have run is lost. `turn_page(button)` waits for both.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
NO_BROWSER = "no Chromium on this machine"
PHONE_WIDTH, DESK_WIDTH = 390, 1366
# A machine that stands still for half a minute is slow, not wrong; only a test that fails waits so.
PATIENCE_MS = 120_000

OpenPage = Callable[..., Page]
Serve = Callable[[Flask], str]


def find_chromium() -> str | None:
    """The path of a Chromium: TEST_CHROMIUM, else the first one that the system offers."""
    return os.environ.get("TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        # Without its sandbox, since tests may run as root in a container; it sees our pages only.
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        chromium = playwright.chromium.launch(
            executable_path=path, args=arguments, timeout=PATIENCE_MS
        )
        expect.set_options(timeout=PATIENCE_MS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """open_page(url, width=PHONE_WIDTH, **context options) -> a page in a context of its own."""
    contexts, problems = [], []

    def complain(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(f"{message.location.get('url')}: {message.text}")

    def raised(error: Error) -> None:
        problems.append(error.message)

    def open_one(url: str, width: int = PHONE_WIDTH, **options: object) -> Page:
        height = 844 if width < 800 else 900
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", raised)
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not problems, "\n".join(problems)


def turn_page(button: Locator) -> None:
    """Press what leads to another page, and wait until that one has run its scripts."""
    with button.page.expect_navigation(wait_until="load"):
        button.click()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """serve(app) -> http://127.0.0.1:PORT, answered by threads of this process."""
    servers = []

    def start(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if NO_BROWSER in str(report.longrepr)
    ]
    if skipped:
        terminalreporter.section("BROWSER TESTS SKIPPED", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} browser tests did not run: {NO_BROWSER}.", red=True)
