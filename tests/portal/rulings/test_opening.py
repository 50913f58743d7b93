"""The opening for everybody: nothing personal, and counted again in a browser."""

from __future__ import annotations

import json

import pytest
from apiflask import APIFlask
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.browser import DESK_WIDTH, PHONE_WIDTH, OpenPage, Serve
from tests.builders import house_of
from tests.houses import case_of
from tests.portal.rooms import cast, seat_a_panel
from tests.portal.verdicts import appeal, hear, judge, said
from tests.values import CASE_NO

PAGE, DATA = f"/cases/{CASE_NO}/opening", f"/cases/{CASE_NO}/opening.json"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SHARES = {"MERCHANT": 6_000, "HOST": 2_500, "PLATFORM": 1_000, "BUYER": 500}
MIXED = (
    *[said("SUPPORT_CLAIMANT", "第一类理由", liability=SHARES)] * 2,
    said("PARTIAL", "退一部分", remedy="PARTIAL_REFUND", amount_fen=15_000),
    said("PARTIAL", "按金额", amount_fen=20_000, compensation_fen=5_000),
    said("PARTIAL", "另一半", amount_fen=32_900, liability={"HOST": 10_000}),
    said("SUPPORT_RESPONDENT", "详情页写清楚了"),
    said("CANNOT_DETERMINE", "看不清"),
)


def test_nobody_needs_to_sign_in_and_nobody_is_named(app: APIFlask) -> None:
    judge(app, *MIXED)
    case, client = case_of(house_of(app)), app.test_client()
    shown = client.get(PAGE).text + client.get(DATA).text
    people = [seat.reviewer_id for seat in case.seats]
    personal = (*people, "澜禾服饰", "shop-1", "缎面衬衫", case.claim.buyer_ref, "HL1")
    words = ("第一类理由", "详情页写清楚了", "看不清", case.claim.text)
    assert not [text for text in (*personal, *words) if text in shown]
    assert all(ballot.slip in shown for ballot in case.ballots)


def test_before_the_opening_there_is_nothing_to_see(app: APIFlask) -> None:
    seats = seat_a_panel(app)
    cast(app, seats[0])
    client = app.test_client()
    for page in (PAGE, DATA, "/cases/MA-2026-999999/opening", "/cases/nonsense/opening"):
        assert client.get(page).status_code == 404


def test_the_data_holds_what_the_count_needs(app: APIFlask) -> None:
    judge(app, *MIXED)
    data = app.test_client().get(DATA).json
    (one,) = data["rounds"]
    assert one["result"]["valid"] == 7
    assert len(one["ballots"]) == 7
    assert data["parties"][0] == "MERCHANT"


@pytest.fixture
def opening(app: APIFlask, serve: Serve) -> str:
    judge(app, *MIXED)
    appeal(app, "BUYER")
    hear(app, *[said("SUPPORT_CLAIMANT", liability=SHARES)] * 11, answer="MERCHANT")
    return serve(app) + PAGE


@pytest.mark.browser
def test_the_browser_counts_every_round_to_the_same_result(
    opening: str, open_page: OpenPage
) -> None:
    page = open_page(opening, width=PHONE_WIDTH, locale="zh-CN")
    page.wait_for_selector(".seal.ok")
    assert "2 轮计票全部一致" in page.inner_text(".seal.ok")
    assert "由你的浏览器" in page.inner_text(".seal.ok")
    for width in (PHONE_WIDTH, DESK_WIDTH):
        page.set_viewport_size({"width": width, "height": 900})
        result = Axe().run(page, options={"runOnly": WCAG})
        assert not result.violations_count, result.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
@pytest.mark.parametrize("changed", ["amount", "choice", "result"])
def test_a_vote_or_a_result_that_was_changed_is_found(
    opening: str, open_page: OpenPage, changed: str
) -> None:
    page = open_page("about:blank", width=DESK_WIDTH, locale="zh-CN")
    page.route("**/opening.json", lambda route: _forge(route, changed))
    page.goto(opening)
    page.wait_for_selector(".seal.bad")
    assert "重新计票，结果不同" in page.inner_text(".seal.bad")
    expect(page.locator("[data-steps]")).to_contain_text("✗")


def _forge(route: Route, changed: str) -> None:
    data = route.fetch().json()
    first = data["rounds"][-1]
    if changed == "amount":
        first["ballots"][3]["amount_fen"] = 1
    elif changed == "choice":
        first["ballots"][0]["choice"] = "SUPPORT_RESPONDENT"
    else:
        first["result"]["refund_fen"] += 1
    route.fulfill(body=json.dumps(data), content_type="application/json")


@pytest.mark.browser
def test_without_the_data_the_page_says_so(opening: str, open_page: OpenPage) -> None:
    page: Page = open_page("about:blank", width=PHONE_WIDTH, locale="zh-CN")
    page.route("**/opening.json", lambda route: route.fulfill(status=200, body="{"))
    page.goto(opening)
    page.wait_for_function(
        "document.querySelector('[data-verdict]').innerText.includes('没能取到')"
    )
