"""What the payee may say about a payment, and when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from portal import events as e
from portal.arrivals.commands import ConfirmArrival, QuestionArrival
from portal.arrivals.rules import confirm_arrival, is_questioned, may_question, question_arrival
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.times import stamp
from tests.portal.stages import NOW, case_after, filed
from tests.values import CASE_NO

NO = "RMA2026000001n1"
PROMISE = e.ArrivalPromise("2026-11-23", "2026-11-25", certain=True)
IN_TIME = datetime(2026, 11, 25, 15, 59, tzinfo=UTC)  # 23:59 in Beijing
LATE = datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
ORDER = e.ExecutionOrdered(NO, 32_900, "pay-1", "alipay", return_first=False)


def step(state: str, **changes: Any) -> e.RefundState:
    return e.RefundState(**{"refund_no": NO, "state": state, "amount_fen": 32_900} | changes)


def a_paid_case(*more: e.Event) -> Case:
    paid = step("SUCCESS", promise=PROMISE, provider_at=stamp(NOW))
    return case_after(*filed(), ORDER, step("RESERVED"), step("SUBMITTED"), paid, *more)


def test_the_buyer_confirms_once() -> None:
    (arrived,) = confirm_arrival(a_paid_case(), ConfirmArrival(CASE_NO, NO), NOW)
    assert (arrived.state, arrived.source, arrived.amount_fen) == ("ARRIVED", "BUYER", 32_900)
    with pytest.raises(Refused, match="已经记为到账"):
        confirm_arrival(a_paid_case(arrived), ConfirmArrival(CASE_NO, NO), NOW)


def test_what_is_not_paid_cannot_have_arrived_or_be_missing() -> None:
    unpaid = case_after(*filed(), ORDER, step("RESERVED"), step("SUBMITTED"))
    for rule, wish in (
        (confirm_arrival, ConfirmArrival(CASE_NO, NO)),
        (question_arrival, QuestionArrival(CASE_NO, NO)),
        (confirm_arrival, ConfirmArrival(CASE_NO, "R0")),
    ):
        with pytest.raises(Refused, match="还没有付出"):
            rule(unpaid, wish, LATE)


def test_money_is_missing_only_after_the_last_promised_day() -> None:
    wish = QuestionArrival(CASE_NO, NO, "查了余额")
    with pytest.raises(Refused, match="还没到承诺"):
        question_arrival(a_paid_case(), wish, IN_TIME)
    assert question_arrival(a_paid_case(), wish, LATE) == (e.ArrivalQuestioned(NO, "查了余额"),)


def test_a_payment_is_questioned_once_and_not_after_it_was_confirmed() -> None:
    wish = QuestionArrival(CASE_NO, NO)
    with pytest.raises(Refused, match="正在核实"):
        question_arrival(a_paid_case(e.ArrivalQuestioned(NO, "")), wish, LATE)
    with pytest.raises(Refused, match="已经确认收到"):
        question_arrival(a_paid_case(step("ARRIVED", source="BUYER")), wish, LATE)


def test_a_presumed_arrival_may_still_be_questioned() -> None:
    presumed = a_paid_case(step("ARRIVED", source="CLOCK"))
    assert question_arrival(presumed, QuestionArrival(CASE_NO, NO), LATE)


def test_who_denied_an_arrival_may_find_the_money_later_and_once() -> None:
    denied = a_paid_case(step("ARRIVED", source="CLOCK"), e.ArrivalQuestioned(NO, ""))
    (found,) = confirm_arrival(denied, ConfirmArrival(CASE_NO, NO), LATE)
    assert (found.state, found.source) == ("ARRIVED", "BUYER")
    after = fold([(found, stamp(LATE))], denied)
    assert not is_questioned(after.movements[0])
    with pytest.raises(Refused, match="已经记为到账"):
        confirm_arrival(after, ConfirmArrival(CASE_NO, NO), LATE)


def test_an_arrival_that_nobody_denied_is_not_stated_again() -> None:
    with pytest.raises(Refused, match="已经记为到账"):
        confirm_arrival(
            a_paid_case(step("ARRIVED", source="CLOCK")), ConfirmArrival(CASE_NO, NO), LATE
        )


def test_finding_the_money_answers_the_question() -> None:
    questioned = a_paid_case(e.ArrivalQuestioned(NO, ""))
    assert is_questioned(questioned.movements[0])
    found = fold([(step("ARRIVED", source="BUYER"), stamp(LATE))], questioned)
    assert not is_questioned(found.movements[0])
    assert not may_question(found.movements[0], LATE)


def test_a_long_story_is_refused() -> None:
    with pytest.raises(BadInput):
        question_arrival(a_paid_case(), QuestionArrival(CASE_NO, NO, "长" * 501), LATE)
