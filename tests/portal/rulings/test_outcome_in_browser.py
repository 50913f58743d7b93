"""The outcome in a real browser: what the page shows is checked against the record."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import house_of
from tests.houses import perform_todo
from tests.people import PASSWORD
from tests.portal.rooms import SHOP, a_shop, a_vote, cast, seat_a_panel
from tests.values import CASE_NO

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def outcome(app: APIFlask, serve: Serve, open_page: OpenPage) -> Page:
    """The outcome's page on a phone, read by the shop."""
    for seat in seat_a_panel(app):
        cast(app, seat, a_vote("SUPPORT_RESPONDENT" if seat.number == 7 else "SUPPORT_CLAIMANT"))
    perform_todo(house_of(app))
    a_shop(app)
    url = f"{serve(app)}/login?next=/cases/{CASE_NO}/outcome"
    page = open_page(url, width=PHONE_WIDTH, locale="zh-CN")
    page.fill("[name=email]", SHOP)
    page.fill("[name=password]", PASSWORD)
    turn_page(page.locator("form.sheet button[type=submit]"))
    return page


def test_the_browser_confirms_what_the_page_shows(outcome: Page) -> None:
    outcome.click("[data-verify]")
    outcome.wait_for_selector(".seal.ok")
    assert "未被改动" in outcome.inner_text(".seal.ok")


def test_a_figure_changed_on_the_page_is_found(outcome: Page) -> None:
    outcome.eval_on_selector("[data-field=refund_fen]", "e => e.dataset.value = '1'")
    outcome.click("[data-verify]")
    outcome.wait_for_selector(".seal.bad")


def test_the_page_can_be_read_by_everybody(outcome: Page) -> None:
    for width in (PHONE_WIDTH, DESK_WIDTH):
        outcome.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(outcome, options={"runOnly": WCAG})
        assert not result.violations_count, result.generate_report()
        assert outcome.evaluate("document.documentElement.scrollWidth") <= width
