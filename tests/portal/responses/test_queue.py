"""A shop's queue: shortest time first, by key, and its own cases only."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

from apiflask import APIFlask

from portal.access import Actor, Role
from portal.cases.tables import CaseRow
from portal.database import db
from portal.responses.queries import COUNTED, PAGE, TABS, load, queue, tab_of
from portal.words import STATES
from tests.builders import house_of
from tests.houses import file_a_claim
from tests.portal.rooms import a_shop
from tests.portal.stages import NOW

SHOP = Actor(
    account_id=1, roles=frozenset({Role.MERCHANT}), platform="hailiao-live", shop_id="shop-1"
)


def a_row(number: int, state: str = "AWAITING_RESPONDENT", shop_id: str = "shop-1") -> CaseRow:
    tab = next(tab for tab in TABS if state in tab.states)
    # Pairs share a deadline: a page must not lose the second of two that end together.
    due_at = NOW + timedelta(minutes=number // 2) if tab.by_time else None
    return CaseRow(
        case_no=f"MA-2026-{number:06d}",
        state=state,
        open=tab.key != "closed",
        platform="hailiao-live",
        order_id=f"o{number}",
        buyer_ref="b",
        shop_id=shop_id,
        shop="店",
        merchant_id="m",
        session_id=None,
        title="衬衫",
        reason_code="P01_MATERIAL",
        claimed_fen=100,
        refund_fen=0,
        outcome="",
        clock="MERCHANT_RESPOND" if due_at else "",
        due_at=due_at,
        todo="",
        seats=0,
        voted=0,
        filed_at=NOW + timedelta(minutes=number // 2),
        updated_at=NOW,
        updated_index=number,
    )


def pages(app: APIFlask, key: str) -> list[list[str]]:
    """The case numbers of every page of a tab."""
    shown, after = [], None
    with app.app_context():
        while True:
            page = queue(db.session, SHOP, tab_of(key), after)
            shown.append([line.case_no for line in page.lines])
            if page.next is None:
                return shown
            after = page.next


def fill(app: APIFlask, *rows: CaseRow) -> None:
    with app.app_context():
        db.session.add_all(rows)
        db.session.commit()


def test_cases_come_by_deadline_each_once(app: APIFlask) -> None:
    fill(app, *(a_row(number) for number in range(2 * PAGE + 5, 0, -1)))
    shown = pages(app, "answer")
    assert [len(page) for page in shown] == [PAGE, PAGE, 5]
    assert list(chain(*shown)) == [f"MA-2026-{n:06d}" for n in range(1, 2 * PAGE + 6)]


def test_cases_without_a_clock_come_newest_first_each_once(app: APIFlask) -> None:
    fill(app, *(a_row(number, "EXECUTED") for number in range(1, PAGE + 4)))
    shown = list(chain(*pages(app, "closed")))
    assert shown == [f"MA-2026-{n:06d}" for n in range(PAGE + 3, 0, -1)]


def test_other_shops_and_other_tabs_stay_out(app: APIFlask) -> None:
    fill(app, a_row(1), a_row(2, shop_id="shop-2"), a_row(3, "RETURNING"), a_row(4, "EXECUTED"))
    assert pages(app, "answer") == [["MA-2026-000001"]]
    assert pages(app, "parcel") == [["MA-2026-000003"]]
    assert pages(app, "closed") == [["MA-2026-000004"]]


def test_counting_stops_where_nobody_counts_any_more(app: APIFlask) -> None:
    fill(app, *(a_row(number, "EXECUTED") for number in range(1, COUNTED + 20)), a_row(900))
    with app.app_context():
        found = load(db.session, SHOP, NOW + timedelta(days=30))
    assert found.counts == {
        "answer": 1,
        "buyer": 0,
        "panel": 0,
        "ruled": 0,
        "parcel": 0,
        "owed": 0,
        "refund": 0,
        "closed": COUNTED + 1,
    }
    assert (found.first_due_at, found.soon) == (NOW + timedelta(minutes=450), 1)


def test_a_cursor_that_somebody_made_up_shows_the_first_page(app: APIFlask) -> None:
    fill(app, a_row(1))
    with app.app_context():
        for cursor in ("x", "2026~", "~", "'; drop table case_file"):
            assert len(queue(db.session, SHOP, tab_of("answer"), cursor).lines) == 1
        assert len(queue(db.session, SHOP, tab_of("refund"), "x").lines) == 0


def test_every_state_has_exactly_one_tab() -> None:
    states = [state for tab in TABS for state in tab.states]
    assert sorted(states) == sorted(STATES)


def test_the_page_names_the_promise_that_the_buyer_cites(app: APIFlask) -> None:
    file_a_claim(house_of(app))
    page = a_shop(app).get("/shop").text
    assert "待答复 1 件" in page
    assert "20:15:58" in page
    assert "不是就退一赔三" in page


def test_a_shop_without_cases_is_told_so(app: APIFlask) -> None:
    shop = a_shop(app)
    for tab in TABS:
        assert "这一栏没有案件" in shop.get(f"/shop?tab={tab.key}").text
