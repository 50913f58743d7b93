"""The pages of pool, docket and figures in a real browser: phone and desk, Chinese and English."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.access import Role
from portal.events import NewReviewer
from portal.integrity.commands import FileReport
from portal.pool.commands import EnrollReviewer, ImportReviewers, SetReviewerState
from portal.quality.collecting import Quarter
from portal.quality.figures import figures_of
from portal.quality.nightly import proposals
from portal.quality.tables import QualityReport
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import close_house, house_of
from tests.houses import open_app
from tests.people import PASSWORD, enroll
from tests.portal.quality.test_quality import colluders, panels

# Where a person can look at the pages, if they wish to.
PICTURES = os.environ.get("TEST_PICTURES")
NUMBER = "JB-AAAA-BBBB-CCCC-DDDD"

PAGES = {
    "op@example.com": (
        "/ops",
        "/ops/pool",
        "/ops/pool/new",
        "/ops/pool/import",
        "/ops/pool/applications",
        "/ops/pool/r_0",
        "/ops/integrity",
        f"/ops/integrity/{NUMBER}",
        "/ops/quality",
    ),
    "r@example.com": (
        "/r/practice",
        "/r/practice/1",
        "/r/practice/2",
        "/r/practice/3",
        "/r/practice/4",
        "/r/practice/5",
        "/r/conduct",
        "/r/record",
        f"/integrity/{NUMBER}/answer",
        "/messages",
    ),
    "buyer@example.com": ("/r/apply",),
    "": ("/integrity/report", f"/integrity/{NUMBER}", "/quality", "/quality/2026Q3"),
}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[APIFlask]:
    app = open_app(tmp_path)
    furnish(app)
    yield app
    close_house(app)


def furnish(app: APIFlask) -> None:
    """A pool with shortages, a report, an application that waits, figures of two quarters."""
    recorder = house_of(app).recorder
    many = tuple(NewReviewer(f"r_{n}", "BUYER_SIDE", fields=("服装",)) for n in range(8))
    recorder.record(ImportReviewers(many), by="OPERATOR", command_id="1")
    recorder.record(
        EnrollReviewer("p_1", "EXPERT", state="PRACTISING"), by="OPERATOR", command_id="2"
    )
    recorder.record(SetReviewerState("r_7", "PAUSED", "出差"), by="OPERATOR", command_id="3")
    text = "有人在群里让我投给商家，说投完有红包。"
    told = FileReport(NUMBER, "CANVASSING", "p_1", "MA-2026-000001", text, "BUYER")
    recorder.record(told, by="BUYER", command_id="4")
    enroll(app, "op@example.com", Role.OPERATOR)
    enroll(app, "r@example.com", Role.REVIEWER, reviewer_id="p_1")
    enroll(app, "buyer@example.com", Role.BUYER, buyer_ref="u-1", platform="p")
    now = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
    with house_of(app).sessions.begin() as session:
        for name, count in (("2026Q4", 120), ("2026Q3", 12)):
            figures = figures_of(name, Quarter(panels(count)))
            row = QualityReport(quarter=name, made_at=now, log_size=48_211, figures=figures)
            session.add(row)
        session.add_all(proposals(colluders(), now))


def sign_in(page: Page, origin: str, email: str) -> None:
    page.goto(f"{origin}/login")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    turn_page(page.locator("main button[type=submit]"))


@pytest.mark.parametrize("who", list(PAGES))
def test_pages_have_no_barriers_and_fit_a_phone(
    app: APIFlask, serve: Serve, open_page: OpenPage, who: str
) -> None:
    origin = serve(app)
    page = open_page(f"{origin}/integrity/report", locale="zh-CN")
    if who:
        sign_in(page, origin, who)
    found = []
    for path in PAGES[who]:
        for language in ("zh", "en"):
            found += look(page, origin, path, language)
    assert found == []


def look(page: Page, origin: str, path: str, language: str) -> list[str]:
    """What is wrong with one page in one language, at both widths."""
    page.context.add_cookies([{"name": "language", "value": language, "url": origin}])
    wrong = []
    for width in (PHONE_WIDTH, DESK_WIDTH):
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(origin + path)
        assert answer is not None
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{path} {language} {width}: scrolls sideways")
        if PICTURES:
            name = path.strip("/").replace("/", "-")
            page.screenshot(path=f"{PICTURES}/{name}-{language}-{width}.png", full_page=True)
    return wrong + [f"{path} {language}: {one}" for one in barriers(page)]


def barriers(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']} {node['html'][:160]}" for one in violations for node in one["nodes"]]


def test_a_practice_case_is_judged_with_the_keyboard_and_without_scripts(
    app: APIFlask, serve: Serve, open_page: OpenPage
) -> None:
    origin = serve(app)
    page = open_page(f"{origin}/login", java_script_enabled=False)
    sign_in(page, origin, "r@example.com")
    page.goto(f"{origin}/r/practice/2")
    page.focus("input[value=SUPPORT_RESPONDENT]")
    page.keyboard.press("Space")
    page.focus("form button.block")
    page.keyboard.press("Enter")
    page.wait_for_selector("#explained")
