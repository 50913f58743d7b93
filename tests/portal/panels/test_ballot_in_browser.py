"""Reviewing on a phone and on a desk, in a real browser."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import house_of
from tests.houses import case_of
from tests.people import PASSWORD
from tests.portal.rooms import open_required, seat_a_panel, sign_in_seat
from tests.values import CASE_NO

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def review(app: APIFlask, serve: Serve, open_page: OpenPage) -> Page:
    """The review page of the first seat."""
    seats = seat_a_panel(app)
    sign_in_seat(app, seats[0])
    open_required(app, seats[0])
    url = f"{serve(app)}/login?next=/r/{CASE_NO}"
    page = open_page(url, width=PHONE_WIDTH, locale="zh-CN")
    page.fill("[name=email]", f"{seats[0].reviewer_id}@example.com")
    page.fill("[name=password]", PASSWORD)
    turn_page(page.locator("form.sheet button[type=submit]"))
    return page


def test_amounts_are_asked_only_where_they_count(review: Page) -> None:
    amount = review.locator("[name=amount_fen]")
    expect(amount).to_be_hidden()
    review.check("input[value=PARTIAL]")
    expect(amount).to_be_visible()
    review.check("input[value=SUPPORT_CLAIMANT]")
    expect(amount).to_be_hidden()


def test_a_vote_on_a_phone_ends_with_a_slip(app: APIFlask, review: Page) -> None:
    review.check("input[value=SUPPORT_RESPONDENT]")
    review.check("input[value=PROMISE_NOT_PROVED]")
    review.check("input[name=citations][value=B1]")
    review.fill("[name=reason]", "看不出是哪一件。")
    review.click("form.ballot button[type=submit]")
    expect(review.locator("dialog[data-confirm]")).to_contain_text("看不出是哪一件。")
    review.click("[data-go]")
    review.wait_for_selector(".slip")
    (ballot,) = case_of(house_of(app)).ballots
    assert ballot.sealed.blob in review.inner_text("main")


def test_the_page_can_be_read_by_everybody(review: Page) -> None:
    for width in (PHONE_WIDTH, DESK_WIDTH):
        review.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(review, options={"runOnly": WCAG})
        assert not result.violations_count, result.generate_report()
        assert review.evaluate("document.documentElement.scrollWidth") <= width
