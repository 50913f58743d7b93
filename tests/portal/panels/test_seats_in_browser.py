"""Invitations and panels on a phone and on a desk, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.access import Role
from portal.panels.commands import ProposeVoid
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import house_of
from tests.houses import case_of
from tests.people import PASSWORD, enroll
from tests.portal.rooms import cast, invite_a_panel, seat_a_panel, sign_in_seat
from tests.values import CASE_NO

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PANEL = f"/ops/panels/{CASE_NO}"


def sign_in(page: Page, email: str) -> None:
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    turn_page(page.locator("form.sheet button[type=submit]"))


def look(page: Page, url: str, name: str, shots: Path | None = None) -> None:
    """The page at both widths: nothing sticks out, and everybody can use it."""
    for width in (PHONE_WIDTH, DESK_WIDTH):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(url)
        if shots:
            page.screenshot(path=shots / f"{name}-{width}.png", full_page=True)
        result = Axe().run(page, options={"runOnly": WCAG})
        assert not result.violations_count, result.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_an_invitation_is_answered_on_a_phone(
    app: APIFlask, serve: Serve, open_page: OpenPage, locale: str
) -> None:
    seat = invite_a_panel(app)[0]
    sign_in_seat(app, seat)
    address = serve(app)
    page = open_page(f"{address}/login?next=/r", width=PHONE_WIDTH, locale=locale)
    sign_in(page, f"{seat.reviewer_id}@example.com")
    for path in ("/r", f"/r/{CASE_NO}/invitation"):
        look(page, address + path, f"{locale}{path.replace('/', '-')}")
    page.set_viewport_size({"width": PHONE_WIDTH, "height": 844})
    page.check("[name=declared]")
    turn_page(page.locator("form[action$=accept] button"))
    look(page, f"{address}/r/{CASE_NO}/recusal", f"{locale}-recusal")
    held = case_of(house_of(app)).seat_of(seat.reviewer_id)
    assert held is not None
    assert held.state == "ACCEPTED"


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_the_pages_of_operator_and_association_can_be_read_by_everybody(
    app: APIFlask, serve: Serve, open_page: OpenPage, locale: str
) -> None:
    seats = seat_a_panel(app)
    cast(app, seats[0])
    for role in (Role.OPERATOR, Role.ASSOCIATION):
        enroll(app, f"{role.lower()}@example.com", role)
    address = serve(app)
    page = open_page(f"{address}/login?next=/ops", width=PHONE_WIDTH, locale=locale)
    sign_in(page, "operator@example.com")
    for path in ("/ops/panels", PANEL):
        look(page, address + path, f"{locale}{path.replace('/', '-')}")
    for seat in seats[1:]:
        cast(app, seat)
    wish = ProposeVoid(CASE_NO, "两把钥匙都没了")
    house_of(app).recorder.record(wish, by="OPERATOR", command_id="lost")
    look(page, address + PANEL, f"{locale}-proposed")
    other = open_page(f"{address}/login?next=/a/voids", width=PHONE_WIDTH, locale=locale)
    sign_in(other, "association@example.com")
    look(other, f"{address}/a/voids", f"{locale}-voids")
