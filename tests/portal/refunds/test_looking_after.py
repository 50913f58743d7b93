"""After the success: it may come back, go out again, arrive, or be presumed to have arrived."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from portal.house import House
from portal.refunds.projector import project_movements
from portal.refunds.tables import TurnRow
from portal.simulator.store import FILE
from tests.portal.refunds.ordering import (
    FEN,
    case_after,
    decide,
    fault,
    items_of,
    kinds,
    moved,
    order_refund,
    pay,
    pay_after,
    refund_no_of,
    reservation_of,
    turn_of,
)

DAY = 86_400
WEEK = 7 * DAY


def test_a_success_that_did_not_hold_is_reversed_and_waits_for_a_person(
    house: House, number: int
) -> None:
    order_refund(house, number)
    fault(house, "FAILED_AFTER_SUCCESS")
    assert pay(house, number).state == "SUCCESS"
    reversed_ = pay_after(house, 2 * DAY, number)
    assert (reversed_.state, case_after(house, number).state) == ("REVERSED", "REFUNDING")
    assert "REVERSED" in items_of(house, number)
    pay(house, number)
    assert turn_of(house, number).blocked == "DECISION"
    reservation = reservation_of(house, number)
    assert reservation is not None
    assert reservation.state == "HELD"


def test_what_came_back_and_went_out_again_is_not_paid_a_second_time(
    house: House, number: int
) -> None:
    order_refund(house, number)
    fault(house, "FAILED_AFTER_SUCCESS")
    pay(house, number)
    pay_after(house, 2 * DAY, number)
    become(house, number, "SUCCESS")
    decide(house, number, "RETRY")
    assert pay(house, number).state == "REVERSED"
    assert "RECORD_DIFFERS" in items_of(house, number)
    assert moved(house, number) == [FEN]


def test_what_came_back_gets_a_new_number_only_once_the_old_one_is_closed(
    house: House, number: int
) -> None:
    order_refund(house, number)
    fault(house, "FAILED_AFTER_SUCCESS")
    pay(house, number)
    pay_after(house, 2 * DAY, number)
    decide(house, number, "RETRY")
    for _hour in range(3):
        waits = pay_after(house, 3600, number)
    assert (waits.state, waits.attempt, kinds(house, number).count("SUBMIT")) == ("REVERSED", 1, 1)
    become(house, number, "CLOSED")
    paid = pay_after(house, 3600, number)
    assert (paid.state, paid.attempt_no) == ("SUCCESS", f"{refund_no_of(number)}a2")


def become(house: House, number: int, state: str) -> None:
    """What becomes of the first attempt in the provider's own book."""
    with closing(sqlite3.connect(house.config.folder / "simulator" / FILE)) as books, books:
        changed = "UPDATE move SET state = ? WHERE number = ?"
        books.execute(changed, (state, f"{refund_no_of(number)}a1"))


def test_money_is_presumed_to_have_arrived_a_week_after_the_promise(
    house: House, number: int
) -> None:
    order_refund(house, number)
    pay(house, number)
    assert pay_after(house, DAY, number).state == "SUCCESS"
    arrived = pay_after(house, WEEK, number)
    assert (arrived.state, arrived.last and arrived.last.source) == ("ARRIVED", "CLOCK")
    assert turn_of(house, number).next_at is None


def test_a_rebuilt_database_can_still_wake_what_has_arrived(house: House, number: int) -> None:
    order_refund(house, number)
    pay(house, number)
    for days in (2, 8):
        arrived = pay_after(house, days * DAY, number)
    assert arrived.state == "ARRIVED"
    with house.sessions.begin() as session:
        session.delete(session.get_one(TurnRow, refund_no_of(number)))
        session.flush()
        project_movements(session, case_after(house, number))
    assert turn_of(house, number).next_at is None


def test_nothing_is_presumed_while_the_provider_does_not_say_that_it_is_still_paid(
    house: House, number: int
) -> None:
    order_refund(house, number)
    pay(house, number)
    fault(house, "ERROR_BEFORE", on="QUERY", times=3)
    for wait in (3 * DAY, WEEK, WEEK):
        assert pay_after(house, wait, number).state == "SUCCESS"
    assert items_of(house, number) == {"RECORD_DIFFERS"}
    assert pay_after(house, DAY, number).state == "ARRIVED"
