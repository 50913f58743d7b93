"""Which step may follow which; another amount, another number or other bytes are never booked."""

from __future__ import annotations

from typing import Any

import pytest

from portal import events as e
from portal.cases.state import Case
from portal.errors import Refused
from portal.refunds.commands import MoveMoney
from portal.refunds.rules import move_money
from portal.refunds.transfers import transfer_of
from portal.rulings.orders import movement_number, settle
from tests.portal.stages import NOW, case_after, filed
from tests.values import CASE_NO

NUMBER = "RMA2026000001n1"
FEN = 12_000


def ordered() -> tuple[e.Event, ...]:
    before = filed()
    remedies = (e.Remedy("REFUND_ONLY", FEN),)
    return (*before, *settle(case_after(*before), remedies, NOW))


def a_step(state: str, **changes: Any) -> e.RefundState:
    values: dict[str, Any] = {"refund_no": NUMBER, "state": state, "amount_fen": FEN}
    if state == "SUBMITTED":
        values["request_digest"] = "d"
    if state == "SUCCESS":
        values["provider_at"] = "2026-11-20T03:11:00.000Z"
    return e.RefundState(**values | changes)


def steps(*states: str | e.RefundState) -> tuple[e.RefundState, ...]:
    return tuple(a_step(one) if isinstance(one, str) else one for one in states)


def at(*states: str | e.RefundState) -> Case:
    return case_after(*ordered(), *steps(*states))


def take(case: Case, *states: str | e.RefundState) -> tuple[e.Event, ...]:
    return move_money(case, MoveMoney(CASE_NO, steps(*states)), NOW)


def test_setting_aside_and_the_intent_are_recorded_together() -> None:
    assert take(at(), "RESERVED", "SUBMITTED") == steps("RESERVED", "SUBMITTED")


def test_the_providers_success_ends_the_case() -> None:
    case = case_after(*ordered(), *steps("RESERVED", "SUBMITTED"))
    after = case_after(*ordered(), *steps("RESERVED", "SUBMITTED"), *take(case, "SUCCESS"))
    assert (after.state, after.closed) == ("EXECUTED", e.CaseClosed("EXECUTED"))


@pytest.mark.parametrize(
    ("before", "step"),
    [
        ((), "SUBMITTED"),
        ((), "SUCCESS"),
        (("RESERVED",), "SUCCESS"),
        (("RESERVED",), "RESERVED"),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "SUBMITTED"),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "PROCESSING"),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "CLOSED"),
        (("RESERVED", "SUBMITTED", "PROCESSING"), "REFUSED"),
        (("RESERVED", "SUBMITTED", "PROCESSING"), "SUBMITTED"),
        (("RESERVED", "SUBMITTED", "SUCCESS", "ARRIVED"), "SUCCESS"),
        (("RESERVED", "SUBMITTED"), "CANCELLED"),
    ],
)
def test_a_step_out_of_turn_is_refused(before: tuple[str, ...], step: str) -> None:
    with pytest.raises(Refused):
        take(at(*before), step)


@pytest.mark.parametrize("amount_fen", [FEN - 1, FEN + 1, 0])
def test_another_amount_is_never_booked(amount_fen: int) -> None:
    with pytest.raises(Refused):
        take(at("RESERVED", "SUBMITTED"), a_step("SUCCESS", amount_fen=amount_fen))


def test_cash_and_coupons_must_make_the_amount() -> None:
    with pytest.raises(Refused):
        take(at("RESERVED", "SUBMITTED"), a_step("SUCCESS", cash_fen=FEN - 2, coupon_fen=1))


def test_the_same_number_must_repeat_the_same_bytes() -> None:
    with pytest.raises(Refused):
        take(at("RESERVED", "SUBMITTED"), a_step("SUBMITTED", request_digest="other"))


def test_a_new_number_comes_only_after_the_end_of_the_one_before() -> None:
    with pytest.raises(Refused):
        take(at("RESERVED", "SUBMITTED"), a_step("SUBMITTED", attempt=2))
    closed = at("RESERVED", "SUBMITTED", "CLOSED")
    assert take(closed, a_step("SUBMITTED", attempt=2, request_digest="other"))
    with pytest.raises(Refused):
        take(closed, a_step("SUBMITTED", attempt=1))


def test_no_step_without_an_order() -> None:
    with pytest.raises(Refused):
        take(case_after(*filed()), "RESERVED")


def test_what_was_advanced_meanwhile_changes_the_next_attempt_only() -> None:
    word = e.MoneyOverridden(NUMBER, "ADVANCE", "先赔", "OPERATOR:1")
    before = (*ordered(), *steps("RESERVED", "SUBMITTED"), word)
    during, ended = case_after(*before), case_after(*before, a_step("REFUSED"))
    again = (*before, a_step("REFUSED"), a_step("RESERVED", attempt=2))
    advanced = [
        transfer_of(case, case.movements[0]).advance for case in (during, ended, case_after(*again))
    ]
    assert advanced == [False, True, True]


def test_paid_by_hand_needs_two_people() -> None:
    first = e.MoneyOverridden(NUMBER, "OFFLINE", "回单 1", "OPERATOR:1")
    second = e.MoneyOverridden(NUMBER, "OFFLINE", "回单 1 已核", "OPERATOR:2")
    paid = a_step("SUCCESS", route="OFFLINE", source="OPERATOR")
    alone = case_after(*ordered(), *steps("RESERVED"), first, first)
    with pytest.raises(Refused):
        take(alone, paid)
    together = case_after(*ordered(), *steps("RESERVED"), first, second)
    assert paid in take(together, paid)


def test_what_somebody_says_was_paid_outside_is_asked_of_no_provider_meanwhile() -> None:
    outside = e.MoneyOverridden(NUMBER, "OFFLINE", "回单 1", "OPERATOR:1")
    by_engine = e.MoneyOverridden(NUMBER, "TO_PAYOUT", "太久", "SYSTEM")
    said_later = e.MoneyOverridden(NUMBER, "RETRY", "没有付", "OPERATOR:2")
    for words in ((outside,), (outside, by_engine)):
        with pytest.raises(Refused):
            take(case_after(*ordered(), *words), "RESERVED", "SUBMITTED")
    assert take(case_after(*ordered(), outside, said_later), "RESERVED", "SUBMITTED")


def test_a_repetition_asks_the_provider_for_the_same() -> None:
    planned, sent = at(), at("RESERVED", "SUBMITTED")
    assert transfer_of(planned, planned.movements[0]) == transfer_of(sent, sent.movements[0])


def test_a_number_fits_every_provider() -> None:
    number = movement_number("MA-2026-999999", "n1") + "a9999"
    assert number.isalnum()
    assert len(number) <= 32
