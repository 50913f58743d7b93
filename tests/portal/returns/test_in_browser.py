"""The new pages on a phone and a desk, in both languages: readable by everybody."""

from __future__ import annotations

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from portal.access import Role
from portal.events import EvidenceSealed, Remedy
from portal.obligations.commands import CarryOutObligation, DisputeObligation
from portal.responses import desk as responses
from portal.returns import desk
from portal.returns.commands import AnswerReturn, ContestReturn
from portal.returns.desk import Parcel
from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve, turn_page
from tests.builders import house_of
from tests.houses import case_of, file_a_claim
from tests.people import PASSWORD, enroll
from tests.portal.rooms import SHOP, SHOP_ACTOR
from tests.portal.verdicts import ACTORS
from tests.values import CASE_NO, a_claim, an_exhibit

pytestmark = pytest.mark.browser

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RETURN, OWED = f"/cases/{CASE_NO}/return", f"/cases/{CASE_NO}/obligations"
BUYER, OFFICER = "b@example.com", "ops@example.com"


@pytest.fixture(scope="module")
def on_its_way(app: APIFlask) -> APIFlask:
    """A return that waits for the shop, with an apology owed beside it."""
    house, claim = house_of(app), a_claim()
    file_a_claim(house, remedies=(Remedy("REFUND_RETURN", 32_900), Remedy("APOLOGY")))
    responses.respond(house, SHOP_ACTOR, CASE_NO, responses.Answer("AGREE"), "answer/1")
    desk.ship(house, ACTORS["BUYER"], CASE_NO, Parcel("顺丰", "SF1", 1_200), "ship/1")
    enroll(app, SHOP, Role.MERCHANT, shop_id="shop-1", merchant_id="mer-1")
    enroll(app, BUYER, Role.BUYER, buyer_ref=claim.buyer_ref, platform=claim.platform)
    enroll(app, OFFICER, Role.OPERATOR)
    return app


def go_on(app: APIFlask) -> None:
    """The shop objects and apologises, the buyer answers the one and disputes the other."""
    house = house_of(app)
    wishes = (
        ContestReturn(CASE_NO, "DAMAGED", "袖口有污渍", "delivered", (_exhibit(app, "M1"),)),
        AnswerReturn(CASE_NO, "寄出时是干净的"),
        CarryOutObligation(CASE_NO, "O1", "MERCHANT", "已道歉"),
        DisputeObligation(CASE_NO, "O1", "NOT_AS_OWED", "没有道歉"),
    )
    for wish in wishes:
        house.recorder.record(wish, by="TEST", command_id=type(wish).__name__)


def _exhibit(app: APIFlask, number: str) -> EvidenceSealed:
    """A photo that really lies in the store, as the buyer's first one does."""
    (first,) = (x for x in case_of(house_of(app)).exhibits if x.number == "B1")
    return an_exhibit(number, file=first.file)


def look(page: Page, site: str, email: str, *paths: str) -> None:
    page.goto(f"{site}/login")
    page.fill("[name=email]", email)
    page.fill("[name=password]", PASSWORD)
    turn_page(page.locator("form.sheet button[type=submit]"))
    for path in paths:
        page.goto(f"{site}{path}")
        for width in (PHONE_WIDTH, DESK_WIDTH):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        result = Axe().run(page, options={"runOnly": WCAG})
        assert not result.violations_count, f"{path}: {result.generate_report()}"


def test_every_new_page_can_be_read_by_everybody(
    on_its_way: APIFlask, serve: Serve, open_page: OpenPage
) -> None:
    site = serve(on_its_way)
    shop = open_page(site, locale="zh-CN")
    look(shop, site, SHOP, RETURN, f"{OWED}/O1", "/shop/obligations")
    go_on(on_its_way)
    buyer = open_page(site, locale="en-GB")
    look(buyer, site, BUYER, RETURN, f"{OWED}/O1", OWED, f"/cases/{CASE_NO}")
    officer = open_page(site, locale="zh-CN")
    look(officer, site, OFFICER, RETURN, f"{OWED}/O1", "/obligations/broken", "/ops/officer")
