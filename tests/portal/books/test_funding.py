"""Setting sums aside: the same answer twice, never out of an empty deposit, also all at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from portal import events as e
from portal.books.accounts import Shop
from portal.books.deposits import report_deposit
from portal.books.funding import follow, hold, release
from portal.books.tables import DepositRow, FundingRow
from portal.cases.state import Case
from portal.database import db, set_pragmas
from tests.portal.books.cases import PAYABLE, PAYOUT, PAYOUT_FEN, REFUND, REFUND_FEN, moved, step
from tests.portal.stages import NOW, case_after, filed
from tests.postgres import an_empty_database

PLATFORM = "hailiao-live"
FLOOR_FEN = 50_000
Sessions = sessionmaker[Session]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def sessions(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sessions]:
    url = f"sqlite:///{tmp_path_factory.mktemp('rows') / 'rows.sqlite'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_funds")
    engine = create_engine(url)
    event.listen(engine, "connect", set_pragmas)
    db.metadata.create_all(engine, tables=[t.__table__ for t in (DepositRow, FundingRow)])
    yield sessionmaker(engine, expire_on_commit=False)
    engine.dispose()


@pytest.fixture(scope="module")
def postgres_funds(postgres_server: str) -> Iterator[str]:
    with an_empty_database(postgres_server) as url:
        yield url


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Shop:
    """One for each test: the databases are made once."""
    return Shop(PLATFORM, request.node.name)


def a_case(shop: Shop, *steps: e.RefundState) -> Case:
    return moved(*steps, shop_id=shop.shop_id)


def report(sessions: Sessions, shop: Shop, available_fen: int, as_of: datetime = NOW) -> None:
    with sessions.begin() as session:
        report_deposit(
            session,
            shop,
            account="dep-1",
            available_fen=available_fen,
            floor_fen=FLOOR_FEN,
            as_of=as_of,
        )


def held(
    sessions: Sessions, case: Case, refund_no: str = PAYOUT, *, advance: bool = False
) -> dict[str, int]:
    movement = case.movement(refund_no)
    assert movement is not None
    with sessions.begin() as session:
        return {p.account: p.amount_fen for p in hold(session, case, movement, advance)}


def deposit(sessions: Sessions, shop: Shop) -> DepositRow:
    with sessions() as session:
        row = session.get(DepositRow, (shop.platform, shop.shop_id))
        assert row is not None
        return row


def forget(sessions: Sessions) -> None:
    """Numbers of movements are the same in every case of these tests."""
    with sessions.begin() as session:
        session.query(FundingRow).delete()


@pytest.fixture(autouse=True)
def clean(sessions: Sessions) -> None:
    forget(sessions)


def test_a_refund_leaves_the_deposit_alone(sessions: Sessions, shop: Shop) -> None:
    report(sessions, shop, 100_000)
    assert held(sessions, a_case(shop), REFUND) == {"MERCHANT_PAYABLE": REFUND_FEN}
    assert deposit(sessions, shop).available_fen == 100_000


def test_compensation_takes_the_deposit_first_and_the_platform_advances_the_rest(
    sessions: Sessions, shop: Shop
) -> None:
    report(sessions, shop, 60_000)
    parts = {"MERCHANT_DEPOSIT": 60_000, "PLATFORM_ADVANCE": PAYOUT_FEN - 60_000}
    assert held(sessions, a_case(shop)) == parts
    assert held(sessions, a_case(shop)) == parts
    row = deposit(sessions, shop)
    assert (row.available_fen, row.low) == (0, True)


def test_a_shop_without_a_deposit_is_advanced_for(sessions: Sessions, shop: Shop) -> None:
    assert held(sessions, a_case(shop)) == {"PLATFORM_ADVANCE": PAYOUT_FEN}


def test_other_funding_gives_the_first_back(sessions: Sessions, shop: Shop) -> None:
    report(sessions, shop, 100_000)
    ended = (step("RESERVED", funding=PAYABLE), step("SUBMITTED"), step("REFUSED"))
    case = a_case(shop, *ended)
    with sessions.begin() as session:
        follow(session, case)
    assert held(sessions, case, REFUND, advance=True) == {"MERCHANT_DEPOSIT": REFUND_FEN}
    assert held(sessions, case, REFUND, advance=True) == {"MERCHANT_DEPOSIT": REFUND_FEN}
    with sessions.begin() as session:  # the ledger does not know of it yet: it stays
        follow(session, case)
    assert deposit(sessions, shop).available_fen == 100_000 - REFUND_FEN


def test_letting_go_fills_the_deposit_again(sessions: Sessions, shop: Shop) -> None:
    report(sessions, shop, 100_000)
    held(sessions, a_case(shop))
    for _ in range(2):
        with sessions.begin() as session:
            release(session, PAYOUT)
    assert deposit(sessions, shop).available_fen == 100_000


def test_what_the_ledger_cancels_is_let_go(sessions: Sessions, shop: Shop) -> None:
    report(sessions, shop, 100_000)
    funding = (e.Funding("MERCHANT_DEPOSIT", PAYOUT_FEN),)
    reserved = step("RESERVED", PAYOUT, funding=funding)
    for steps, left in (((reserved,), 1_300), ((reserved, step("CANCELLED", PAYOUT)), 100_000)):
        with sessions.begin() as session:
            follow(session, a_case(shop, *steps))
        assert deposit(sessions, shop).available_fen == left


def test_a_report_has_the_payments_before_it_in_it_and_not_those_after(
    sessions: Sessions, shop: Shop
) -> None:
    report(sessions, shop, 200_000)
    funding = (e.Funding("MERCHANT_DEPOSIT", PAYOUT_FEN),)
    paid = (
        step("RESERVED", PAYOUT, funding=funding),
        step("SUBMITTED", PAYOUT),
        step("SUCCESS", PAYOUT, provider_at="2026-11-20T04:00:00.000Z"),
    )
    with sessions.begin() as session:
        follow(session, a_case(shop, *paid))
    assert deposit(sessions, shop).available_fen == 200_000 - PAYOUT_FEN
    report(sessions, shop, 190_000, NOW + timedelta(minutes=1))  # before it was paid
    assert deposit(sessions, shop).available_fen == 190_000 - PAYOUT_FEN
    report(sessions, shop, 101_300, NOW + timedelta(hours=2))  # the platform has taken it out
    assert deposit(sessions, shop).available_fen == 101_300
    report(sessions, shop, 7, NOW)  # an older word, late
    assert deposit(sessions, shop).available_fen == 101_300


def test_a_report_of_less_than_is_held_is_shown_as_short(sessions: Sessions, shop: Shop) -> None:
    report(sessions, shop, 100_000)
    held(sessions, a_case(shop))
    report(sessions, shop, 90_000, NOW + timedelta(hours=1))
    row = deposit(sessions, shop)
    assert (row.available_fen, row.short_fen, row.low) == (0, PAYOUT_FEN - 90_000, True)


def test_many_at_once_never_take_more_than_there_is(sessions: Sessions, shop: Shop) -> None:
    report(sessions, shop, 250_000)
    cases = [numbered(shop, n) for n in range(8)]
    parts: list[dict[str, int]] = []
    threads = [
        threading.Thread(
            target=lambda c=c: parts.append(held(sessions, c, c.movements[0].refund_no))
        )
        for c in cases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [sum(part.values()) for part in parts] == [PAYOUT_FEN] * 8
    assert sum(part.get("MERCHANT_DEPOSIT", 0) for part in parts) == 250_000
    assert deposit(sessions, shop).available_fen == 0


def numbered(shop: Shop, number: int) -> Case:
    ordered = e.ExecutionOrdered(f"R{number}p1", PAYOUT_FEN, "pay-1", "wechat", False, "PAYOUT")
    return case_after(*filed(shop_id=shop.shop_id), ordered)
