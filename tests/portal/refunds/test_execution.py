"""The engine against the simulator: whatever the provider does, the money goes out once."""

from __future__ import annotations

from typing import Any

import pytest

from portal.controls.commands import SetControl
from portal.house import House
from portal.refunds import reserving
from portal.refunds.beginning import MOST_ATTEMPTS
from portal.refunds.reserving import Elsewhere
from portal.refunds.transfers import transfer_of
from portal.refunds.turns import LEASE
from tests.portal.refunds.ordering import (
    FEN,
    calls_of,
    case_after,
    case_no_of,
    decide,
    fault,
    items_of,
    kinds,
    moved,
    movement_of,
    order_refund,
    pay,
    pay_after,
    payment_of,
    platform_refunds,
    refund_no_of,
    reservation_of,
    steps_of,
    turn_of,
    wait_of,
)

DAY = 86_400
WEEK = 7 * DAY


def switch(house: House, number: int, value: int) -> None:
    wish = SetControl("STOPPED", "wechat", value, "已核实")
    house.recorder.record(wish, by="OPERATOR:1", command_id=f"stop/{number}/{value}")


def test_a_refund_is_set_aside_asked_for_once_and_booked(house: House, number: int) -> None:
    order_refund(house, number)
    paid = pay(house, number)
    assert steps_of(paid) == ["RESERVED", "SUBMITTED", "SUCCESS"]
    assert moved(house, number) == [FEN]
    assert kinds(house, number) == ["SUBMIT"]
    assert case_after(house, number).state == "EXECUTED"
    payment, reservation = payment_of(house, number), reservation_of(house, number)
    assert (payment.held_fen, payment.spent_fen) == (0, FEN)
    assert reservation is not None
    assert reservation.state == "SPENT"


@pytest.mark.parametrize("kind", ["APPLIED_THEN_DROPPED", "ERROR_AFTER", "WRONG_SIGNATURE"])
def test_what_was_done_behind_a_lost_answer_is_found_by_asking(
    house: House, number: int, kind: str
) -> None:
    order_refund(house, number)
    fault(house, kind)
    assert steps_of(pay(house, number)) == ["RESERVED", "SUBMITTED"]
    assert steps_of(pay_after(house, 6, number)) == ["RESERVED", "SUBMITTED", "SUCCESS"]
    assert kinds(house, number) == ["SUBMIT", "QUERY"]
    assert moved(house, number) == [FEN]


def test_what_was_not_done_is_asked_for_again_after_the_quiet_time(
    house: House, number: int
) -> None:
    order_refund(house, number)
    fault(house, "ERROR_BEFORE")
    pay(house, number)
    assert kinds(house, number) == ["SUBMIT"]
    pay_after(house, 6, number)
    assert kinds(house, number) == ["SUBMIT", "QUERY"], "too early to send again"
    paid = pay_after(house, 61, number)
    assert kinds(house, number) == ["SUBMIT", "QUERY", "QUERY", "SUBMIT"]
    assert (paid.attempt, len(paid.calls), moved(house, number)) == (1, 2, [FEN])


def test_a_turn_that_is_not_due_changes_nothing(house: House, number: int) -> None:
    order_refund(house, number)
    fault(house, "ERROR_BEFORE")
    pay(house, number)
    for _again in range(3):
        pay(house, number)
    assert kinds(house, number) == ["SUBMIT"]


def test_a_dead_workers_movement_is_taken_up_after_the_lease_and_queried_first(
    house: House, number: int
) -> None:
    order_refund(house, number)
    dead = house.duties.execution.turns.claim(refund_no_of(number))
    assert dead is not None
    assert steps_of(pay(house, number)) == []
    assert steps_of(pay_after(house, int(LEASE.total_seconds()), number))[-1] == "SUCCESS"
    with house.sessions.begin() as session:
        assert not house.duties.execution.turns.renew(session, dead), "an old lease must not send"


def test_a_closed_attempt_is_followed_by_a_new_number(house: House, number: int) -> None:
    order_refund(house, number)
    fault(house, "CLOSED")
    pay(house, number)
    closed = pay_after(house, WEEK + 3600, number)
    assert (closed.state, items_of(house, number)) == ("CLOSED", {"CLOSED"})
    paid = pay_after(house, 70, number)
    assert (paid.state, paid.attempt_no) == ("SUCCESS", f"{refund_no_of(number)}a2")


def test_after_some_closed_attempts_a_person_decides(house: House, number: int) -> None:
    order_refund(house, number)
    fault(house, "CLOSED", times=MOST_ATTEMPTS)
    for _attempt in range(MOST_ATTEMPTS):
        pay_after(house, 70, number)
        pay_after(house, WEEK + 3600, number)
    assert pay_after(house, 70, number).attempt == MOST_ATTEMPTS
    assert turn_of(house, number).blocked == "DECISION"
    decide(house, number, "RETRY")
    assert (pay(house, number).state, movement_of(house, number).attempt) == ("SUCCESS", 4)


def test_a_short_account_is_tried_again_and_an_advance_takes_a_new_number(
    house: House, number: int
) -> None:
    order_refund(house, number)
    fault(house, "NOT_ENOUGH", times=9)
    pay(house, number)
    pay_after(house, 301, number)
    assert (movement_of(house, number).state, items_of(house, number)) == (
        "SUBMITTED",
        {"NOT_ENOUGH"},
    )
    decide(house, number, "ADVANCE")
    fault_free = pay_after(house, 61, number)
    assert fault_free.state == "REFUSED"


def test_what_is_late_is_asked_about_before_it_is_sent(house: House, number: int) -> None:
    """The house may have been set back since, and its provider not."""
    order_refund(house, number)
    pay_after(house, 120, number)
    assert kinds(house, number) == ["QUERY", "SUBMIT"]
    assert moved(house, number) == [FEN]


def test_what_is_late_and_gets_no_word_is_not_sent(house: House, number: int) -> None:
    order_refund(house, number)
    fault(house, "ERROR_BEFORE", on="QUERY")
    assert pay_after(house, 120, number).state == "SUBMITTED"
    assert kinds(house, number) == ["QUERY"]
    pay_after(house, 120, number)
    assert kinds(house, number) == ["QUERY", "QUERY", "SUBMIT"]
    assert moved(house, number) == [FEN]


def test_two_people_can_book_what_was_paid_outside(house: House, number: int) -> None:
    order_refund(house, number, channel="unionpay")
    pay(house, number)
    assert (turn_of(house, number).blocked, items_of(house, number)) == (
        "NOT_AVAILABLE",
        {"NOT_AVAILABLE"},
    )
    decide(house, number, "OFFLINE", who=1)
    assert pay(house, number).state == "PLANNED"
    decide(house, number, "OFFLINE", who=2)
    paid = pay(house, number)
    assert (paid.state, paid.last and paid.last.route) == ("SUCCESS", "OFFLINE")
    assert case_after(house, number).state == "EXECUTED"


def test_what_one_person_says_was_paid_outside_waits_for_the_second(
    house: House, number: int
) -> None:
    order_refund(house, number)
    decide(house, number, "OFFLINE", who=1)
    assert pay(house, number).state == "PLANNED"
    assert (turn_of(house, number).blocked, moved(house, number)) == ("DECISION", [])
    decide(house, number, "RETRY", who=2)
    assert pay(house, number).state == "SUCCESS"


def test_a_stopped_provider_sends_nothing_on_to_another_card(house: House, number: int) -> None:
    order_refund(house, number)
    fault(house, "ABNORMAL")
    pay(house, number)
    assert pay_after(house, 100, number).state == "ABNORMAL"
    for value in (1, 0):
        switch(house, number, value)
        sent = house.duties.execution.send_on(case_no_of(number), refund_no_of(number), None)
        assert sent is not bool(value)


def test_a_new_attempt_waits_when_the_platform_has_refunded_meanwhile(
    house: House, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_refund(house, number, paid_fen=FEN)
    fault(house, "CLOSED")
    pay(house, number)
    pay_after(house, WEEK + 3600, number)
    monkeypatch.setattr(reserving, "elsewhere", lambda *_given: Elsewhere(FEN, 1))
    assert pay_after(house, 70, number).state == "CLOSED"
    assert "PLATFORM_OVERLAP" in items_of(house, number)
    assert len(moved(house, number)) == 1


def test_a_request_that_is_lost_is_not_sent_again_once_two_people_say_that_it_was_paid_elsewhere(
    house: House, number: int
) -> None:
    order_refund(house, number, paid_fen=FEN)
    fault(house, "DROP_BEFORE")
    assert pay(house, number).state == "SUBMITTED"
    platform_refunds(house, number, FEN)
    pay_after(house, 70, number)
    assert (turn_of(house, number).blocked, moved(house, number)) == ("DECISION", [])
    for who in (1, 2):
        decide(house, number, "COVERED", who)
    assert steps_of(pay_after(house, 70, number))[-1] == "REFUSED"
    ended = pay_after(house, 1, number)
    assert (ended.state, ended.last and ended.last.code) == ("CANCELLED", "COVERED")
    assert moved(house, number) == []
    assert reservation_of(house, number).state == "RELEASED"  # type: ignore[union-attr]
    assert case_after(house, number).closed.reason == "COVERED"  # type: ignore[union-attr]


def test_a_payment_that_is_too_old_is_paid_by_a_transfer(house: House, number: int) -> None:
    order_refund(house, number, refundable_until="2026-11-01T00:00:00+08:00")
    pay(house, number)
    paid = pay(house, number)
    assert [event.what for event in (word.event for word in paid.words)] == ["TO_PAYOUT"]
    assert (paid.is_paid, paid.pays_out, moved(house, number)) == (True, True, [FEN])


def test_a_payout_for_which_the_provider_knows_no_payee_ends_and_can_be_paid_outside(
    house: House, number: int
) -> None:
    order_refund(house, number, refundable_until="2026-11-01T00:00:00+08:00")
    rehearsed: Any = house.providers.named("wechat")
    rehearsed.introduced.add(f"4200{number:04}")  # so that the simulator never hears of it
    pay(house, number)
    assert pay(house, number).state == "SUBMITTED"
    refused = pay_after(house, 90, number)
    assert (refused.state, refused.last and refused.last.code) == ("REFUSED", "PAYER_UNKNOWN")
    assert items_of(house, number) == {"REFUSED"}
    for who in (1, 2):
        decide(house, number, "OFFLINE", who)
    assert (pay(house, number).is_paid, moved(house, number)) == (True, [])


def test_two_refunds_of_one_payment_keep_their_distance(house: House, number: int) -> None:
    order_refund(house, number)
    pay(house, number)
    other = number + 5000
    order_refund(house, other, provider_txn=f"4200{number:04}")
    assert steps_of(pay(house, other)) == []
    assert 50 < wait_of(house, other) <= 66
    assert pay_after(house, 66, other).state == "SUCCESS"


def test_two_orders_may_call_their_payments_the_same(house: House, number: int) -> None:
    for each in (number, number + 8000):
        order_refund(house, each, payment_id="pay-1", paid_fen=FEN)
        assert pay(house, each).state == "SUCCESS"
    assert payment_of(house, number + 8000).spent_fen == FEN


def test_rulings_together_never_take_more_than_was_paid(house: House, number: int) -> None:
    first, second = number, number + 6000
    order_refund(house, first, 700_000 - 300_000)
    order_refund(house, second, 400_000, provider_txn=f"4200{first:04}", paid_fen=1_000_000)
    third = number + 7000
    order_refund(house, third, 400_000, provider_txn=f"4200{first:04}", paid_fen=1_000_000)
    for each in (first, second, third):
        pay_after(house, 66, each)
    assert movement_of(house, third).state == "PLANNED"
    assert "PLATFORM_OVERLAP" in items_of(house, third)
    assert payment_of(house, first).spent_fen == 800_000
    assert moved(house, third) == []


def test_a_switch_thrown_after_the_limits_were_asked_still_stops_the_request(
    house: House, number: int
) -> None:
    order_refund(house, number)
    execution, case = house.duties.execution, case_after(house, number)
    turn = execution.turns.claim(refund_no_of(number))
    assert turn is not None
    provider = house.providers.named("wechat")
    transfer = transfer_of(case, movement_of(house, number))
    switch(house, number, 1)
    prepared = provider.prepare(transfer)
    assert execution.calls.submit(turn, provider, transfer, prepared, 1) is None
    assert (calls_of(house, number), moved(house, number)) == ([], [])
    switch(house, number, 0)
    assert execution.calls.submit(turn, provider, transfer, prepared, 1) is not None
    assert moved(house, number) == [FEN]
