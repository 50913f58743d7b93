"""What is owed in kind: who does what by when, and what becomes of it when nobody does."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from portal import events as e
from portal.cases.state import Case
from portal.errors import BadInput, NotFound, Refused
from portal.obligations import rules
from portal.obligations.commands import (
    CarryOutObligation,
    ConfirmObligation,
    DeliverObligation,
    DisputeObligation,
    ExpireObligation,
    JudgeObligation,
    ShipObligation,
)
from portal.obligations.state import Obligation
from portal.officers.commands import DecideCase
from portal.officers.rules import decide_case
from portal.rulings.orders import execute
from portal.times import moment
from tests.portal.endings import undecided
from tests.portal.obligations.promised import (
    Events,
    carried_out,
    disputed,
    lapsed,
    owing,
    owing_a_new_one,
    sent,
)
from tests.portal.stages import case_after, later
from tests.values import CASE_NO, LINE, PAYMENT


def only(case: Case) -> Obligation:
    (obligation,) = case.obligations
    return obligation


def judged(before: Events, met: bool, refund_fen: int | None = None) -> Events:
    reasons = (e.Reason("看过照片。", ("B1",)),)
    wish = JudgeObligation(CASE_NO, "O1", met, reasons, refund_fen)
    return (*before, *rules.judge(case_after(*before), wish, later(days=6)))


def refunds(case: Case) -> list[tuple[str, int, str]]:
    return [(m.refund_no, m.order.amount_fen, m.order.rail) for m in case.movements]


def test_a_replacement_is_owed_until_a_day_and_worth_the_price() -> None:
    case = case_after(*owing_a_new_one())
    owed = only(case)
    assert (case.state, case.closed, case.turn) == ("FULFILLING", None, "MERCHANT")
    assert (owed.ordered.fallback, owed.ordered.fallback_fen) == ("REFUND", 32_900)
    assert moment(owed.due_at) == later(days=7)


def test_a_replacement_that_the_buyer_has_ends_the_case_without_money() -> None:
    before = sent()
    assert case_after(*before).turn == "BUYER"
    end = rules.confirm(case_after(*before), ConfirmObligation(CASE_NO, "O1"), later(days=4))
    assert case_after(*before, *end).closed == e.CaseClosed("FULFILLED")


def test_a_replacement_that_is_never_sent_becomes_a_refund_by_itself() -> None:
    case = case_after(*lapsed(owing_a_new_one()))
    assert refunds(case) == [("RMA2026000001o1", 32_900, "REFUND")]
    assert (case.state, case.closed) == ("REFUNDING", None)
    assert only(case).state == "FAILED"


def test_silence_after_a_parcel_means_that_it_came() -> None:
    assert moment(only(case_after(*sent())).due_at) == later(days=24)
    case = case_after(*lapsed(sent()))
    assert (only(case).state, case.closed) == ("MET", e.CaseClosed("FULFILLED"))


def test_a_reported_delivery_leaves_the_buyer_seven_days() -> None:
    before = sent()
    wish = DeliverObligation(CASE_NO, "O1", "MERCHANT")
    told = (*before, *rules.deliver(case_after(*before), wish, later(days=4)))
    assert moment(only(case_after(*told)).due_at) == later(days=11)
    late = DisputeObligation(CASE_NO, "O1", "NOT_RECEIVED", "没有")
    with pytest.raises(Refused):
        rules.dispute(case_after(*told), late, later(days=11))


def test_an_officer_hears_the_buyer_and_the_refund_follows_its_word() -> None:
    before = disputed()
    case = case_after(*before)
    assert (only(case).state, case.officer, case.turn) == ("DISPUTED", "OBLIGATION", "")
    assert case_after(*judged(before, met=True)).closed == e.CaseClosed("FULFILLED")
    assert refunds(case_after(*judged(before, met=False))) == [
        ("RMA2026000001o1", 32_900, "REFUND")
    ]
    part = case_after(*judged(before, met=False, refund_fen=5_000))
    assert refunds(part) == [("RMA2026000001o1", 5_000, "REFUND")]
    with pytest.raises(BadInput):
        judged(before, met=False, refund_fen=32_901)


def test_a_late_officer_is_reminded_and_nothing_is_decided_by_that() -> None:
    case = case_after(*lapsed(disputed()))
    assert (only(case).state, case.officer) == ("DISPUTED", "OBLIGATION")
    assert moment(only(case).due_at) == later(days=93)


def test_a_missing_part_is_priced_by_an_officer_within_the_price() -> None:
    late = lapsed(owing(e.Remedy("RESHIP_MISSING")))
    case = case_after(*late)
    assert (only(case).state, case.officer, refunds(case)) == ("OVERDUE", "OBLIGATION", [])
    with pytest.raises(BadInput):
        judged(late, met=False)
    assert refunds(case_after(*judged(late, met=False, refund_fen=2_500))) == [
        ("RMA2026000001o1", 2_500, "REFUND")
    ]


def test_a_gift_whose_value_was_agreed_falls_back_to_it_and_is_no_payout() -> None:
    before = owing(e.Remedy("GIFT_DELIVER", 1_990))
    assert case_after(*before).movements == ()
    assert refunds(case_after(*lapsed(before))) == [("RMA2026000001o1", 1_990, "REFUND")]


def test_what_has_no_price_is_recorded_as_broken() -> None:
    case = case_after(*lapsed(owing(e.Remedy("APOLOGY"))))
    assert (only(case).state, case.movements) == ("FAILED", ())
    assert case.closed == e.CaseClosed("UNFULFILLED")


def test_coupons_are_the_platforms_to_give_back() -> None:
    before = owing(e.Remedy("COUPON_RESTORE"))
    assert only(case_after(*before)).turn == "PLATFORM"
    with pytest.raises(NotFound):
        carried_out(before, "MERCHANT")
    case = case_after(*lapsed(carried_out(before, "PLATFORM")))
    assert case.closed == e.CaseClosed("FULFILLED")


def test_refunds_together_never_exceed_what_was_paid() -> None:
    before = owing(e.Remedy("PARTIAL_REFUND", 30_000), e.Remedy("REPLACE"), e.Remedy("REPAIR"))
    case = case_after(*before)
    assert [o.ordered.fallback_fen for o in case.obligations] == [2_900, 2_900]
    both = lapsed(lapsed(before, "O1"), "O2")
    assert refunds(case_after(*both)) == [
        ("RMA2026000001n1", 30_000, "REFUND"),
        ("RMA2026000001o1", 2_900, "REFUND"),
    ]
    spent = owing_a_new_one(payment=replace(PAYMENT, refunded_fen=32_900))
    assert only(case_after(*spent)).ordered.fallback == "NONE"


def test_the_case_waits_for_money_and_kind_alike() -> None:
    before = owing(e.Remedy("REFUND_ONLY", 10_000), e.Remedy("APOLOGY"))
    case = case_after(*before)
    assert (case.state, [o.code for o in case.obligations]) == ("REFUNDING", ["APOLOGY"])
    done = carried_out(before)
    end = rules.confirm(case_after(*done), ConfirmObligation(CASE_NO, "O1"), later(days=3))
    assert case_after(*done, *end).closed is None


def test_an_officers_remedy_in_kind_is_owed_too() -> None:
    case = case_after(*undecided(lines=(LINE,)))
    wish = DecideCase(CASE_NO, "PARTIAL", (e.Reason("可修复。", ("B1",)),), 11, remedy="REPAIR")
    ruling = decide_case(case, wish, later())[0]
    assert isinstance(ruling, e.RulingIssued)
    (order,) = execute(case, ruling, later())
    assert isinstance(order, e.ObligationOrdered)
    assert (order.code, order.due_at) == (
        "REPAIR",
        later(days=15).strftime("%Y-%m-%dT%H:%M:00.000Z"),
    )


def test_steps_out_of_turn_are_refused() -> None:
    fresh, gone = case_after(*owing_a_new_one()), case_after(*sent())
    ship = ShipObligation(CASE_NO, "O1", "MERCHANT", "顺丰", "SF9")
    with pytest.raises(Refused):
        rules.ship(gone, ship, later())
    with pytest.raises(NotFound):
        rules.ship(fresh, ShipObligation(CASE_NO, "O1", "PLATFORM", "顺丰", "SF9"), later())
    with pytest.raises(NotFound):
        rules.ship(fresh, ShipObligation(CASE_NO, "O2", "MERCHANT", "顺丰", "SF9"), later())
    with pytest.raises(Refused):
        rules.carry_out(fresh, CarryOutObligation(CASE_NO, "O1", "MERCHANT", "好了"), later())
    with pytest.raises(Refused):
        rules.dispute(fresh, DisputeObligation(CASE_NO, "O1", "NOT_RECEIVED", "没有"), later())
    with pytest.raises(BadInput):
        rules.ship(fresh, ShipObligation(CASE_NO, "O1", "MERCHANT", "顺丰", " "), later())


def test_a_deadline_is_over_only_when_it_is_over_and_only_once() -> None:
    before = owing_a_new_one()
    wish = ExpireObligation(CASE_NO, "O1", only(case_after(*before)).due_at)
    with pytest.raises(Refused):
        rules.expire(case_after(*before), wish, later(days=6))
    for moved in (sent(before), lapsed(before)):
        with pytest.raises(Refused):
            rules.expire(case_after(*moved), wish, later(days=90))
