"""What each answer means in each state: booked when proven, asked about when not."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from portal import events as e
from portal.providers.values import Answer, Outcome
from portal.refunds.beginning import needs_a_person
from portal.refunds.reading import Concern, Heard, Reading, read
from portal.refunds.state import TO_CONFIRM, Movement, Word
from portal.times import stamp
from tests.portal.refunds.test_rules import FEN, NUMBER, a_step
from tests.portal.stages import NOW
from tests.values import PAYMENT

ORDER = e.ExecutionOrdered(NUMBER, FEN, "pay-1", "wechat", return_first=False)
QUIET = timedelta(minutes=1)


def movement(*states: str, words: tuple[Any, ...] = ()) -> Movement:
    taken = tuple((a_step(state), stamp(NOW)) for state in states)
    return Movement(ORDER, stamp(NOW), taken, words=words)


def hear(
    where: Movement, outcome: str, source: str = "QUERY", after: int = 120, **more: Any
) -> Reading:
    refused, to_shop = more.pop("refused", ""), more.pop("to_shop", False)
    answer = Answer(Outcome(outcome), **{"number": f"{NUMBER}a1", "raw": b"{}"} | more)
    now = NOW + timedelta(seconds=after)
    return read(where, Heard(answer, source, "wechat", PAYMENT, now, NOW, QUIET, refused, to_shop))


def states(reading: Reading) -> list[str]:
    return [step.state for step in reading.steps]


def test_a_success_is_booked_with_route_promise_and_all_of_the_money() -> None:
    answer = {"provider_ref": "50", "provider_at": "2026-11-20T11:11:00+08:00", "amount_fen": FEN}
    (paid,) = hear(movement("RESERVED", "SUBMITTED"), "SUCCESS", route="ORIGINAL", **answer).steps
    assert (paid.state, paid.route, paid.cash_fen, paid.coupon_fen) == (
        "SUCCESS",
        "ORIGINAL",
        FEN,
        0,
    )
    assert paid.provider_at == "2026-11-20T03:11:00.000Z"
    assert paid.promise == e.ArrivalPromise("2026-11-20", "2026-11-20", certain=True)


@pytest.mark.parametrize(
    ("where", "outcome", "source", "expected"),
    [
        (("RESERVED", "SUBMITTED"), "PROCESSING", "ANSWER", ["PROCESSING"]),
        (("RESERVED", "SUBMITTED"), "ABNORMAL", "NOTICE", ["ABNORMAL"]),
        (("RESERVED", "SUBMITTED"), "CLOSED", "NOTICE", ["CLOSED"]),
        (("RESERVED", "SUBMITTED", "PROCESSING"), "SUCCESS", "BILL", ["SUCCESS"]),
        (("RESERVED", "SUBMITTED", "ABNORMAL"), "SUCCESS", "QUERY", ["SUCCESS"]),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "SUCCESS", "NOTICE", []),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "PROCESSING", "NOTICE", []),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "CLOSED", "QUERY", ["REVERSED"]),
        (("RESERVED", "SUBMITTED", "SUCCESS"), "CLOSED", "NOTICE", []),
        (("RESERVED", "SUBMITTED", "SUCCESS", "ARRIVED"), "CLOSED", "BILL", ["REVERSED"]),
        (("RESERVED", "SUBMITTED"), "UNKNOWN", "ANSWER", []),
        (("RESERVED", "SUBMITTED"), "BUSY", "ANSWER", []),
        (("RESERVED", "SUBMITTED"), "REFUSED", "ANSWER", []),
        (("RESERVED", "SUBMITTED"), "NOT_ENOUGH", "ANSWER", []),
        (("RESERVED", "SUBMITTED"), "NOT_FOUND", "QUERY", []),
    ],
)
def test_what_is_booked(
    where: tuple[str, ...], outcome: str, source: str, expected: list[str]
) -> None:
    assert states(hear(movement(*where), outcome, source)) == expected


def test_a_notice_against_a_success_leads_to_a_question_only() -> None:
    reading = hear(movement("RESERVED", "SUBMITTED", "SUCCESS"), "CLOSED", "NOTICE")
    assert (reading.ask, reading.concern) == (True, None)


def test_a_notice_that_names_no_road_leads_to_a_question_and_one_that_does_is_booked() -> None:
    sent = movement("RESERVED", "SUBMITTED")
    assert hear(sent, "SUCCESS", "NOTICE") == Reading(ask=True)
    told = {"route": "ORIGINAL", "amount_fen": FEN}
    assert states(hear(sent, "SUCCESS", "NOTICE", **told)) == ["SUCCESS"]
    assert hear(sent, "SUCCESS", "NOTICE", route="ORIGINAL").ask, "it names no sum"


def test_what_went_to_the_shops_own_card_is_not_paid_to_the_buyer() -> None:
    stuck = movement("RESERVED", "SUBMITTED", "ABNORMAL")
    (ended,) = hear(stuck, "SUCCESS", route="OTHER_BANKCARD", to_shop=True).steps
    assert (ended.state, ended.code) == ("CLOSED", "MERCHANT_BANK_CARD")
    assert states(hear(stuck, "SUCCESS", route="ORIGINAL", to_shop=True)) == ["SUCCESS"]
    for source in ("NOTICE", "BILL"):
        assert hear(stuck, "SUCCESS", source, amount_fen=FEN, to_shop=True) == Reading(ask=True)
    back = Movement(ORDER, stamp(NOW), (*stuck.states, (ended, stamp(NOW))))
    assert hear(back, "SUCCESS", "NOTICE", provider_at=stamp(NOW)) == Reading()
    assert hear(back, "SUCCESS", "NOTICE").concern is not None


def test_no_road_is_invented_for_what_was_not_told_or_is_no_refund() -> None:
    (of_a_bill,) = hear(movement("RESERVED", "SUBMITTED"), "SUCCESS", "BILL").steps
    beyond_it = msgspec.structs.replace(ORDER, rail="PAYOUT")
    payout = dataclasses.replace(movement("RESERVED", "SUBMITTED"), order=beyond_it)
    (beyond,) = hear(payout, "SUCCESS", "NOTICE", route="ORIGINAL", amount_fen=FEN).steps
    assert (of_a_bill.route, beyond.route) == ("", "")


def test_not_found_is_believed_only_after_the_quiet_time() -> None:
    sent = movement("RESERVED", "SUBMITTED")
    early, late = hear(sent, "NOT_FOUND", after=59), hear(sent, "NOT_FOUND", after=60)
    assert (early.may_send, late.may_send) == (False, True)
    assert not hear(sent, "NOT_FOUND", "NOTICE", after=600).may_send


def test_a_refusal_ends_the_attempt_once_a_query_finds_nothing() -> None:
    reading = hear(movement("RESERVED", "SUBMITTED"), "NOT_FOUND", refused="NO_AUTH")
    assert [(step.state, step.code) for step in reading.steps] == [("REFUSED", "NO_AUTH")]
    assert reading.concern is not None
    assert reading.concern.kind == "REFUSED"


@pytest.mark.parametrize("said", ["9999-12-31T23:59:59.000Z", "2001-01-01T00:00:00Z", "", "now"])
def test_a_time_that_cannot_be_true_is_ours_instead(said: str) -> None:
    (paid,) = hear(movement("RESERVED", "SUBMITTED"), "SUCCESS", provider_at=said).steps
    assert paid.provider_at == stamp(NOW + timedelta(seconds=120))
    assert paid.promise == e.ArrivalPromise("2026-11-20", "2026-11-20", certain=True)


@pytest.mark.parametrize("state", ["SUBMITTED", "PROCESSING", "SUCCESS"])
def test_a_notice_that_only_says_ask_wakes_the_engine(state: str) -> None:
    where = movement("RESERVED", "SUBMITTED", *(() if state == "SUBMITTED" else (state,)))
    reading = hear(where, "UNKNOWN", "NOTICE", code="ASK")
    assert (reading.ask, reading.steps, reading.concern) == (True, (), None)
    assert not hear(where, "UNKNOWN", "QUERY").ask


def test_a_transfer_that_its_payee_must_confirm_is_told_and_not_sent_again_by_itself() -> None:
    told = hear(movement("RESERVED", "SUBMITTED"), "PROCESSING", code=TO_CONFIRM)
    assert (states(told), told.concern) == (["PROCESSING"], Concern(TO_CONFIRM))
    steps = (a_step("RESERVED"), a_step("SUBMITTED"), *told.steps, a_step("CLOSED"))
    closed = Movement(ORDER, stamp(NOW), tuple((step, stamp(NOW)) for step in steps))
    assert needs_a_person(closed)
    assert not needs_a_person(movement("RESERVED", "SUBMITTED", "PROCESSING", "CLOSED"))


def test_the_shops_own_money_is_no_advance() -> None:
    word = Word(e.MoneyOverridden(NUMBER, "ADVANCE", "商家不付"), 0)
    asked = movement("RESERVED", "SUBMITTED", words=(word,))
    by_shop = hear(asked, "SUCCESS", amount_fen=FEN, route="ORIGINAL", payer="MERCHANT")
    assert by_shop.steps[0].funding == (e.Funding("MERCHANT_PAYABLE", FEN),)
    assert by_shop.concern == Concern("FUNDING_DIFFERS", "MERCHANT")
    for payer in ("PLATFORM", ""):
        as_asked = hear(asked, "SUCCESS", amount_fen=FEN, route="ORIGINAL", payer=payer)
        assert (as_asked.steps[0].funding, as_asked.concern) == ((), None)


@pytest.mark.parametrize("more", [{"amount_fen": FEN + 1}, {"cash_fen": 1}, {"code": "MISMATCH"}])
def test_another_amount_is_a_matter_for_people(more: dict[str, Any]) -> None:
    reading = hear(movement("RESERVED", "SUBMITTED"), "SUCCESS", **more)
    assert reading.steps == ()
    assert reading.concern is not None
    assert reading.concern.kind == "AMOUNT_DIFFERS"


def test_another_route_is_booked_and_shown() -> None:
    reading = hear(movement("RESERVED", "SUBMITTED"), "SUCCESS", route="OTHER_BANKCARD")
    assert reading.steps[0].route == "OTHER_BANKCARD"
    assert reading.concern is not None
    assert reading.concern.kind == "ROUTE_DIFFERS"


def test_money_that_fell_to_the_balance_has_arrived_there() -> None:
    paid = movement("RESERVED", "SUBMITTED", "SUCCESS")
    reading = hear(paid, "SUCCESS", "NOTICE", route="BALANCE", code="F")
    assert [(step.state, step.route) for step in reading.steps] == [("ARRIVED", "BALANCE")]


def test_a_success_after_a_reversal_is_believed_of_a_query_and_never_overlooked() -> None:
    back = movement("RESERVED", "SUBMITTED", "SUCCESS", "REVERSED")
    assert hear(back, "SUCCESS", "NOTICE") == Reading(ask=True)
    concern = hear(back, "SUCCESS", "QUERY").concern
    assert concern is not None
    assert concern.kind == "RECORD_DIFFERS"


def test_a_success_under_an_ended_number_alarms() -> None:
    ended = movement("RESERVED", "SUBMITTED", "CLOSED")
    again = Movement(
        ORDER,
        stamp(NOW),
        (*ended.states, (a_step("SUBMITTED", attempt=2), stamp(NOW))),
    )
    for where in (ended, again):
        reading = hear(where, "SUCCESS", "NOTICE")
        assert (reading.steps, reading.concern and reading.concern.kind) == ((), "RECORD_DIFFERS")


def test_only_the_very_success_that_was_taken_back_is_passed_over_under_an_earlier_number() -> None:
    back = movement("RESERVED", "SUBMITTED", "SUCCESS", "REVERSED")
    again = Movement(
        ORDER, stamp(NOW), (*back.states, (a_step("SUBMITTED", attempt=2), stamp(NOW)))
    )
    said = {"source": "NOTICE", "number": f"{NUMBER}a1"}
    assert hear(again, "SUCCESS", provider_at=stamp(NOW), **said) == Reading()
    for at in (stamp(NOW + timedelta(seconds=1)), "", "yesterday"):
        concern = hear(again, "SUCCESS", provider_at=at, **said).concern
        assert concern is not None
        assert concern.kind == "RECORD_DIFFERS"


def test_a_success_of_what_two_people_paid_outside_alarms() -> None:
    by_hand = (a_step("SUCCESS", route="OFFLINE"), stamp(NOW))
    ended = movement("RESERVED", "SUBMITTED", "REFUSED")
    outside = Movement(ORDER, stamp(NOW), (*ended.states, by_hand))
    concern = hear(outside, "SUCCESS", "NOTICE", amount_fen=FEN).concern
    assert concern is not None
    assert concern.kind == "RECORD_DIFFERS"


def test_a_short_account_is_tried_again_under_the_same_number() -> None:
    reading = hear(movement("RESERVED", "SUBMITTED"), "NOT_ENOUGH", "ANSWER")
    assert reading.again is not None
    assert reading.concern is not None
    assert reading.concern.kind == "NOT_ENOUGH"
