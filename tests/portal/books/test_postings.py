"""What the books say of a movement, from its events alone."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from portal import events as e
from portal.books.accounts import kind_of
from portal.books.advances import advanced_fen
from portal.books.policy import split
from portal.books.postings import Posting, postings
from portal.cases.state import Case
from portal.refunds.rules import FROM
from tests.portal.books.cases import (
    ADVANCED,
    PAYABLE,
    PAYOUT,
    PAYOUT_FEN,
    REFUND,
    REFUND_FEN,
    amount_of,
    moved,
    step,
)


def balances(case: Case) -> Counter[str]:
    """By kind of account; those at zero are left out."""
    sums: Counter[str] = Counter()
    for posting in postings(case):
        sums[kind_of(posting.leg.credit)] += posting.leg.amount_fen
        sums[kind_of(posting.leg.debit)] -= posting.leg.amount_fen
    return Counter({kind: fen for kind, fen in sums.items() if fen})


def test_an_order_alone_posts_nothing() -> None:
    assert postings(moved()) == ()


def test_a_refund_is_set_aside_and_then_paid() -> None:
    held = moved(step("RESERVED", funding=PAYABLE), step("SUBMITTED"))
    assert balances(held) == {"merchant_payable": -REFUND_FEN, "buyer_refund": REFUND_FEN}
    paid = moved(step("RESERVED", funding=PAYABLE), step("SUBMITTED"), step("SUCCESS"))
    assert balances(paid) == {"merchant_payable": -REFUND_FEN, "provider_clearing": REFUND_FEN}


def test_what_the_provider_has_not_said_is_not_booked() -> None:
    case = moved(step("RESERVED", funding=PAYABLE), step("SUBMITTED"), step("PROCESSING"))
    assert balances(case)["provider_clearing"] == 0


def test_money_and_coupons_are_posted_apart_and_make_the_refund() -> None:
    paid = step("SUCCESS", cash_fen=30_000, coupon_fen=2_900)
    case = moved(step("RESERVED", funding=PAYABLE), step("SUBMITTED"), paid)
    parts = {p.leg.part: p.leg.amount_fen for p in postings(case) if p.leg.kind == "PAID"}
    assert parts == {"CASH": 30_000, "COUPON": 2_900}


def test_an_advance_is_owed_by_the_shop_until_it_comes_back() -> None:
    held = step("RESERVED", PAYOUT, funding=ADVANCED)
    paid = (held, step("SUBMITTED", PAYOUT), step("SUCCESS", PAYOUT))
    assert balances(moved(*paid)) == {
        "merchant_deposit": -60_000,
        "merchant_payable": -38_700,
        "platform_advance": -38_700,
        "recoup_receivable": 38_700,
        "provider_clearing": PAYOUT_FEN,
    }
    back = e.RecoupRecorded(PAYOUT, 38_700, "TRANSFER", "T1")
    assert balances(moved(*paid, back)) == {
        "merchant_deposit": -60_000,
        "merchant_payable": -38_700,
        "provider_clearing": PAYOUT_FEN,
    }


def test_a_reversed_payment_goes_back_and_is_paid_again_under_a_new_number() -> None:
    first = (step("RESERVED", funding=PAYABLE), step("SUBMITTED"), step("SUCCESS"))
    case = moved(*first, step("REVERSED"))
    assert balances(case) == {"merchant_payable": -REFUND_FEN, "buyer_refund": REFUND_FEN}
    again = (step("SUBMITTED", attempt=2), step("SUCCESS", attempt=2, provider="alipay"))
    accounts = {p.leg.credit for p in postings(moved(*first, step("REVERSED"), *again))}
    assert {"provider_clearing:wechat", "provider_clearing:alipay"} <= accounts


def test_what_the_shop_paid_after_all_is_not_to_be_recouped() -> None:
    asked = (e.Funding("PLATFORM_ADVANCE", REFUND_FEN),)
    held = (step("RESERVED", funding=asked), step("SUBMITTED"))
    case = moved(*held, step("SUCCESS", funding=PAYABLE))
    assert balances(case) == {"merchant_payable": -REFUND_FEN, "provider_clearing": REFUND_FEN}
    assert (case.movements[0].funding, advanced_fen(case.movements[0])) == (PAYABLE, 0)
    back = moved(*held, step("SUCCESS", funding=PAYABLE), step("REVERSED"))
    assert balances(back) == balances(moved(*held))
    assert advanced_fen(back.movements[0]) == REFUND_FEN


def test_coupons_beside_an_advance_are_advanced_and_owed_too() -> None:
    asked, whole = (e.Funding("PLATFORM_ADVANCE", fen) for fen in (REFUND_FEN, REFUND_FEN + 500))
    held = (step("RESERVED", funding=(asked,)), step("SUBMITTED"))
    paid = step("SUCCESS", funding=(whole,), cash_fen=REFUND_FEN, coupon_fen=500)
    case = moved(*held, paid)
    assert balances(case) == {
        "merchant_payable": -REFUND_FEN - 500,
        "platform_advance": -REFUND_FEN - 500,
        "recoup_receivable": REFUND_FEN + 500,
        "provider_clearing": REFUND_FEN + 500,
    }
    assert advanced_fen(case.movements[0]) == REFUND_FEN + 500
    assert balances(moved(*held, paid, step("REVERSED"))) == balances(moved(*held))


def test_a_cancelled_movement_gives_everything_back() -> None:
    held = step("RESERVED", PAYOUT, funding=ADVANCED)
    assert balances(moved(held, step("CANCELLED", PAYOUT))) == {}


def test_other_funding_lets_go_of_the_first() -> None:
    ends = (step("RESERVED", funding=PAYABLE), step("SUBMITTED"), step("REFUSED"))
    other = (e.Funding("PLATFORM_ADVANCE", REFUND_FEN),)
    case = moved(*ends, step("RESERVED", attempt=2, funding=other))
    assert balances(case) == {
        "merchant_payable": -REFUND_FEN,
        "platform_advance": -REFUND_FEN,
        "recoup_receivable": REFUND_FEN,
        "buyer_refund": REFUND_FEN,
    }


def test_a_record_from_before_funding_was_kept_comes_out_of_what_the_shop_earned() -> None:
    case = moved(step("SUBMITTED"), step("SUCCESS"))
    assert balances(case) == {"merchant_payable": -REFUND_FEN, "provider_clearing": REFUND_FEN}


@given(amount=st.integers(1, 10**9), available=st.integers(-5, 10**9), advance=st.booleans())
def test_the_parts_of_a_sum_make_it_and_never_overdraw_the_deposit(
    amount: int, available: int, advance: bool
) -> None:
    for rail in ("REFUND", "PAYOUT", "FREIGHT"):
        parts = split(rail, amount, available, advance)
        assert sum(part.amount_fen for part in parts) == amount
        assert all(part.amount_fen > 0 for part in parts)
        deposit = sum(p.amount_fen for p in parts if p.account == "MERCHANT_DEPOSIT")
        assert deposit <= max(available, 0)
        assert (parts[0].account == "MERCHANT_PAYABLE") == (rail == "REFUND" and not advance)


@st.composite
def histories(draw: st.DrawFn) -> tuple[e.RefundState, ...]:
    """Any legal walk of both movements, with the funding and the coupons that chance brings."""
    steps: list[e.RefundState] = []
    for number in (REFUND, PAYOUT):
        state, attempt = "PLANNED", 1
        for _ in range(draw(st.integers(0, 9))):
            choices = sorted(name for name, before in FROM.items() if state in before)
            if not choices:
                break
            before, state = state, draw(st.sampled_from(choices))
            opens = before in ("CLOSED", "REFUSED", "REVERSED")
            attempt += opens and state in ("SUBMITTED", "RESERVED")
            steps.append(_any_step(draw, state, number, attempt))
    return tuple(steps)


def _any_step(draw: st.DrawFn, state: str, number: str, attempt: int) -> e.RefundState:
    amount = amount_of(number)
    if state == "RESERVED":
        available, advance = draw(st.integers(0, 2 * amount)), draw(st.booleans())
        rail = "REFUND" if number == REFUND else "PAYOUT"
        funding = split(rail, amount, available, advance)
        return step(state, number, attempt=attempt, funding=funding)
    if state == "SUCCESS":
        coupon = draw(st.integers(0, amount))
        parts = {"cash_fen": amount - coupon, "coupon_fen": coupon}
        return step(state, number, attempt=attempt, **parts)
    return step(state, number, attempt=attempt)


@settings(max_examples=150, deadline=None)
@given(histories())
def test_whatever_happens_the_books_are_even(history: tuple[e.RefundState, ...]) -> None:
    case = moved(*history)
    posted = postings(case)
    sums = balances(case)
    assert sum(sums.values()) == 0
    assert sums["recoup_receivable"] == -sums["platform_advance"]
    assert len({posting.id for posting in posted}) == len(posted)
    assert all(p.leg.amount_fen > 0 and p.leg.debit != p.leg.credit for p in posted)
    assert sums["buyer_refund"] == _waiting(case)
    assert sums["provider_clearing"] == _paid(case)


def _paid(case: Case) -> int:
    return sum(m.order.amount_fen for m in case.movements if m.is_paid)


def _waiting(case: Case) -> int:
    """Set aside and neither paid nor given up."""
    held = (m for m in case.movements if not m.is_over and (m.funding or _was_paid(m)))
    return sum(m.order.amount_fen for m in held)


def _was_paid(movement: object) -> bool:
    return any(event.state == "SUCCESS" for event, _at in movement.states)  # type: ignore[attr-defined]


@settings(max_examples=60, deadline=None)
@given(histories(), st.data())
def test_what_was_posted_once_is_never_posted_otherwise(
    history: tuple[e.RefundState, ...], data: st.DataObject
) -> None:
    cut = data.draw(st.integers(0, len(history)))
    earlier, later = (_by_id(postings(moved(*part))) for part in (history[:cut], history))
    assert earlier.items() <= later.items()


def _by_id(posted: tuple[Posting, ...]) -> dict[str, Posting]:
    return {posting.id: posting for posting in posted}
