"""Where a coupon took part in the payment, the payer still gets the ordered sum in money."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import func, select

from portal.books.tables import JOURNAL_LINE
from portal.house import House
from portal.invariants.checks import check_refunds
from portal.refunds.coupons import Refunded, with_coupons
from tests.portal.refunds.ordering import (
    items_of,
    moved,
    movement_of,
    order_refund,
    pay,
    pay_after,
    refund_no_of,
    simulate,
)
from tests.values import PAYMENT

CASH, TOTAL = 25_000, 30_000


def _order(house: House, number: int, fen: int, channel: str = "wechat", txn: str = "") -> None:
    order_refund(
        house,
        number,
        fen=fen,
        channel=channel,
        provider_txn=txn or f"4200{number:04}",
        paid_fen=CASH,
        total_fen=TOTAL,
        paid_at="2026-11-05T12:00:00Z",
    )


def test_all_of_the_cash_comes_back_and_the_coupon_beside_it(house: House, number: int) -> None:
    _order(house, number, CASH)
    pay(house, number)
    success = pay_after(house, 61, number).success
    assert success
    assert (success.amount_fen, success.cash_fen, success.coupon_fen) == (
        CASH,
        CASH,
        TOTAL - CASH,
    )
    assert (moved(house, number), items_of(house, number)) == ([TOTAL], set())


def test_parts_of_it_are_paid_to_the_fen_over_several_cases(house: House, number: int) -> None:
    cases = [(number * 10 + n, fen) for n, fen in enumerate((3_333, 10_001, 11_666), 100)]
    for other, fen in cases:
        _order(house, other, fen, txn=f"4200{number:04}")
        pay_after(house, 61, other)
        success = pay_after(house, 61, other).success
        assert success
        assert success.cash_fen == fen
    assert sum(fen for other, _fen in cases for fen in moved(house, other)) == TOTAL


def test_the_same_number_asks_for_the_same_sum_again(house: House, number: int) -> None:
    simulate(house, "POST", "faults", {"provider": "wechat", "kind": "DROP_BEFORE", "times": 1})
    _order(house, number, 10_000)
    for _turn in range(4):
        pay_after(house, 61, number)
    asked = {event.asked_fen for event, _at in movement_of(house, number).calls}
    assert (asked, moved(house, number)) == ({12_000}, [12_000])


def test_alipay_gives_back_the_payers_own_money_first(house: House, number: int) -> None:
    _order(house, number, 10_000, channel="alipay", txn=f"2026{number}")
    pay(house, number)
    success = pay_after(house, 61, number).success
    assert success
    assert (success.cash_fen, success.coupon_fen) == (10_000, 0)
    assert moved(house, number) == [10_000]


def test_what_was_paid_short_is_booked_and_looked_at(house: House, number: int) -> None:
    paid = {"channel": "wechat", "provider_txn": f"4200{number:04}", "merchant_txn": "m"}
    cash = {"paid_fen": TOTAL, "cash_fen": CASH - 1_000, "paid_at": "2026-11-05T12:00:00Z"}
    simulate(house, "PUT", "payments", paid | cash)  # the platform said it otherwise
    _order(house, number, CASH)
    pay(house, number)
    success = pay_after(house, 61, number).success
    assert success
    assert (success.cash_fen, success.coupon_fen) == (CASH - 1_000, 6_000)
    assert items_of(house, number) == {"AMOUNT_DIFFERS"}
    short = next(each for each in check_refunds(house) if each.name == "I15")
    assert short.examples == (f"{refund_no_of(number)}: 24000 + 6000",)


def test_the_books_clear_what_the_provider_took(house: House, number: int) -> None:
    _order(house, number, CASH)
    pay(house, number)
    pay_after(house, 61, number)
    line = JOURNAL_LINE.c
    query = select(line.account, func.sum(line.amount_fen)).group_by(line.account)
    with house.sessions() as session:
        rows = session.execute(query.where(line.refund_no == refund_no_of(number))).all()
    sums = {account.partition(":")[0]: abs(fen) for account, fen in rows if fen}
    assert sums == {"merchant_payable": TOTAL, "provider_clearing": TOTAL}


@given(st.integers(1, 10_000), st.integers(0, 3_000), st.lists(st.integers(0, 10_000), max_size=8))
def test_wechats_rounding_makes_the_owed_cash_and_never_more_than_the_total(
    cash: int, coupon: int, cuts: list[int]
) -> None:
    """Refund by refund as WeChat Pay counts: in proportion, half up, and the last one the rest."""
    payment = replace(PAYMENT, paid_fen=cash, total_fen=cash + coupon)
    before = Refunded()
    for low, high in pairwise(sorted({0, cash, *(cut % (cash + 1) for cut in cuts)})):
        owed = high - low
        asked = with_coupons(owed, payment, before) or owed
        whole = before.asked_fen + asked
        assert owed <= asked
        assert whole <= payment.total_fen
        share = (2 * asked * cash + cash + coupon) // (2 * (cash + coupon))
        got = cash - before.cash_fen if whole == payment.total_fen else share
        assert abs(got - owed) <= 1 if whole + 8 >= payment.total_fen else got == owed
        before = Refunded(before.cash_fen + got, whole)
    assert (before.cash_fen, before.asked_fen) == (cash, cash + coupon)
