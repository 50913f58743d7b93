"""The platform's advance comes back out of the shop's account: once, whole, by WeChat's word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal.books.accounts import Shop
from portal.books.commands import RecordRecoup, SetDeposit, WantReturn
from portal.books.statements import statement
from portal.books.tables import RecoupRow
from portal.books.trial import trial_balance
from portal.controls.commands import SetControl
from portal.errors import Refused
from portal.house import House
from portal.idempotency import new_command_id
from portal.invariants.checks import Scope, check_refunds
from portal.invariants.simulated import open_log
from portal.refunds.state import Movement
from portal.rehearsal.moving import move_clock
from portal.simulator.settings import write_settings
from portal.simulator.wechat.refunds import Refunds
from portal.times import stamp
from tests.houses import open_house
from tests.portal.refunds.ordering import (
    FEN,
    calls_of,
    case_no_of,
    decide,
    fault,
    items_of,
    movement_of,
    order_refund,
    pay,
    pay_after,
    refund_no_of,
    simulate,
    turn_of,
)

DAY = 86_400


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A platform of 平台收付通 in front of the simulator."""
    house = open_house(tmp_path_factory.mktemp("house"), rehearsal=True)
    folder = house.config.folder / "simulator"
    write_settings(folder, "http://simulator.invalid", notices="", ecommerce=True)
    return house


def advanced(house: House, number: int, **payment: Any) -> Movement:
    """A refund that the platform has paid first, whole."""
    order_refund(house, number, sub_merchant="1900000109", **payment)
    decide(house, number, "ADVANCE")
    pay(house, number)
    paid = pay_after(house, 61, number)
    assert paid.success is not None
    return paid


def want(house: House, number: int) -> None:
    wish = WantReturn(case_no_of(number), refund_no_of(number), "店铺已有余额", "OPERATOR:1", 10**9)
    house.recorder.record(wish, by="OPERATOR:1", command_id=new_command_id())


def states(movement: Movement) -> list[str]:
    return [event.state for event, _at in movement.returns]


def given_back(house: House, number: int) -> list[int]:
    """What the provider really took from the shop."""
    found = simulate(house, "GET", "returned")["returned"]
    return [each["amount_fen"] for each in found if each["number"].startswith(refund_no_of(number))]


def row_of(house: House, number: int) -> RecoupRow:
    with house.sessions() as session:
        return session.get_one(RecoupRow, refund_no_of(number))


def broken(house: House) -> dict[str, tuple[str, ...]]:
    """Without I7: nobody works on the other tests' movements while the clock is moved."""
    log = open_log(house.config, house.clock.now)
    findings = check_refunds(house, log, Scope(grace=timedelta(0)))
    return {each.name: each.examples for each in findings if not each.ok and each.name != "I7"}


def test_what_is_due_is_asked_for_by_the_worker_and_booked_once(house: House, number: int) -> None:
    advanced(house, number)
    assert row_of(house, number).open
    while not movement_of(house, number).returns:
        next_at = turn_of(house, number).next_at
        assert next_at is not None, "nobody looks at it any more"
        seconds = int((next_at - house.clock.now()).total_seconds()) + 1
        pay_after(house, max(seconds, 1), number)
    back = movement_of(house, number)
    assert states(back) == ["ASKED", "DONE"]
    assert given_back(house, number) == [FEN]
    (recorded, _at), *more = back.recoups
    assert (recorded.amount_fen, recorded.how, more) == (FEN, "PROVIDER", [])
    assert recorded.reference == back.returns[-1][0].provider_ref != ""
    row = row_of(house, number)
    assert (row.open, row.recouped_fen) == (False, FEN)
    assert row.due_at is not None
    assert row.due_at <= house.clock.now() < row.due_at + timedelta(days=1)
    shop = Shop(row.platform, row.shop_id)
    with house.sessions() as session:
        lines = statement(session, shop.account("recoup_receivable")).lines
        assert sum(each.balance_fen for each in trial_balance(session)) == 0
    mine = [(x.kind, x.amount_fen) for x in lines if x.refund_no == refund_no_of(number)]
    assert mine == [("RECOUPED", -FEN), ("ADVANCED", FEN)]
    assert [kind for kind, _number, _outcome in calls_of(house, number)][-2:] == [
        "RETURN_QUERY",
        "RETURN",
    ]
    for _again in range(3):
        pay_after(house, DAY, number)
    assert given_back(house, number) == [FEN]
    assert broken(house) == {}


def test_a_person_asks_earlier_and_is_heard_at_once(house: House, number: int) -> None:
    advanced(house, number)
    want(house, number)
    with pytest.raises(Refused):
        want(house, number)
    assert states(pay(house, number)) == ["WANTED", "ASKED", "DONE"]
    assert given_back(house, number) == [FEN]
    with pytest.raises(Refused):
        want(house, number)


@pytest.mark.parametrize("kind", ["APPLIED_THEN_DROPPED", "GARBAGE"])
def test_an_answer_that_was_lost_is_asked_after_and_nothing_is_taken_twice(
    house: House, number: int, kind: str
) -> None:
    simulate(house, "POST", "mode", {"idempotent": False})
    advanced(house, number)
    fault(house, kind, on="RETURN")
    want(house, number)
    assert states(pay(house, number)) == ["WANTED", "ASKED"]
    assert movement_of(house, number).recoups == ()
    by_hand = RecordRecoup(case_no_of(number), refund_no_of(number), FEN, "TRANSFER", "T-1")
    with pytest.raises(Refused):  # or the shop would pay twice
        house.recorder.record(by_hand, by="OPERATOR:1", command_id=new_command_id())
    assert states(pay_after(house, 61, number)) == ["WANTED", "ASKED", "DONE"]
    simulate(house, "POST", "mode", {"idempotent": True})
    assert given_back(house, number) == [FEN]
    assert broken(house) == {}


def test_what_never_got_there_is_asked_for_again_after_the_quiet_time(
    house: House, number: int
) -> None:
    advanced(house, number)
    fault(house, "DROP_BEFORE", on="RETURN")
    want(house, number)
    pay(house, number)
    assert states(pay_after(house, 6, number)) == ["WANTED", "ASKED"]
    assert states(pay_after(house, 60, number)) == ["WANTED", "ASKED", "ASKED", "DONE"]
    digests = {event.request_digest for event, _at in movement_of(house, number).returns[1:3]}
    assert len(digests) == 1
    assert given_back(house, number) == [FEN]


def test_a_shop_without_money_is_asked_again_hours_later(house: House, number: int) -> None:
    advanced(house, number)
    fault(house, "NOT_ENOUGH", on="RETURN")
    want(house, number)
    pay(house, number)
    assert states(pay_after(house, 3_600, number)) == ["WANTED", "ASKED"]
    assert states(pay_after(house, 6 * 3_600, number))[-1] == "DONE"
    assert given_back(house, number) == [FEN]


def test_one_that_fails_is_a_persons_and_is_tried_again_under_another_number(
    house: House, number: int
) -> None:
    advanced(house, number)
    fault(house, "CLOSED", on="RETURN")
    want(house, number)
    failed = pay(house, number)
    assert states(failed) == ["WANTED", "ASKED", "FAILED"]
    assert "RETURN_FAILED" in items_of(house, number)
    pay_after(house, 20 * DAY, number)
    assert movement_of(house, number).returns == failed.returns, "nobody tries by himself"
    want(house, number)
    again = pay(house, number)
    assert states(again)[3:] == ["WANTED", "ASKED", "DONE"]
    assert [event.number[-2:] for event, _at in again.returns if event.number] == [
        "r1",
        "r1",
        "r2",
        "r2",
    ]
    assert given_back(house, number) == [FEN]
    assert broken(house) == {}


def test_another_sum_than_was_asked_for_is_never_booked(
    house: House, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed, and not what the books have outstanding."""
    advanced(house, number)
    whole = Refunds._returned
    other = {"return_amount": FEN - 1}
    monkeypatch.setattr(Refunds, "_returned", lambda *given: whole(*given) | other)
    want(house, number)
    back = pay(house, number)
    assert (states(back), back.recoups) == (["WANTED", "ASKED", "FAILED"], ())
    assert {"AMOUNT_DIFFERS", "RETURN_FAILED"} <= items_of(house, number)
    assert "I14" in broken(house)
    told = RecordRecoup(case_no_of(number), refund_no_of(number), FEN, "PROVIDER", "A-1")
    house.recorder.record(told, by="OPERATOR:1", command_id=new_command_id())
    assert broken(house) == {}


def test_a_return_that_takes_its_time_is_waited_for(house: House, number: int) -> None:
    advanced(house, number)
    fault(house, "PROCESSING", on="RETURN", seconds=300)
    want(house, number)
    pay(house, number)
    assert states(pay_after(house, 120, number)) == ["WANTED", "ASKED"]
    assert states(pay_after(house, 301, number)) == ["WANTED", "ASKED", "DONE"]


def test_a_provider_that_is_stopped_is_not_asked(house: House, number: int) -> None:
    advanced(house, number)
    for value in (1, 0):
        stop = SetControl("STOPPED", "wechat", value, "核对", "OPERATOR:1")
        house.recorder.record(stop, by="OPERATOR:1", command_id=new_command_id())
        if value:
            want(house, number)
            assert states(pay(house, number)) == ["WANTED"]
    assert states(pay_after(house, 3_601, number))[-1] == "DONE"


@pytest.mark.parametrize("before", ["a part by hand", "not advanced", "out of the deposit too"])
def test_nobody_is_asked_for_what_the_shop_has_borne_already(
    house: House, number: int, before: str
) -> None:
    if before == "not advanced":
        order_refund(house, number, sub_merchant="1900000109")
        pay(house, number)
        pay_after(house, 61, number)
    elif before == "out of the deposit too":
        shop_id = f"shop-{number}"
        deposit(house, shop_id)
        advanced(house, number, shop_id=shop_id)
    else:
        advanced(house, number)
        part = RecordRecoup(case_no_of(number), refund_no_of(number), 1, "TRANSFER", "T-1")
        house.recorder.record(part, by="OPERATOR:1", command_id=new_command_id())
    with pytest.raises(Refused):
        want(house, number)
    for _look in range(5):
        pay_after(house, 5 * DAY, number)
    assert movement_of(house, number).returns == ()
    assert given_back(house, number) == []


def deposit(house: House, shop_id: str) -> None:
    as_of = stamp(house.clock.now())
    wish = SetDeposit("hailiao-live", shop_id, "dep", 5_000, 0, as_of)
    house.recorder.record(wish, by="PLATFORM", command_id=new_command_id())


@pytest.mark.parametrize("owed_fen", [10_000, 3_333, 25_000])
def test_coupons_that_were_advanced_beside_it_come_back_to_the_fen(
    house: House, number: int, owed_fen: int
) -> None:
    """Of a payment of 250.00 in money and 50.00 by coupon, WeChat takes 6/5 of what is owed."""
    paid = advanced(house, number, fen=owed_fen, paid_fen=25_000, total_fen=30_000)
    whole_fen = paid.asked_fen
    assert whole_fen == round(owed_fen * 6 / 5)
    assert row_of(house, number).amount_fen == whole_fen
    want(house, number)
    assert states(pay(house, number))[-1] == "DONE"
    assert given_back(house, number) == [whole_fen]
    row = row_of(house, number)
    assert (row.open, row.recouped_fen) == (False, whole_fen)
    assert broken(house) == {}


def test_coupons_beside_an_advance_that_the_deposit_bore_in_part_are_owed_to_the_fen(
    house: House, number: int
) -> None:
    shop_id = f"shop-{number}"
    deposit(house, shop_id)
    given = {"shop_id": shop_id, "fen": 10_000, "paid_fen": 25_000, "total_fen": 30_000}
    advanced(house, number, **given)
    assert row_of(house, number).amount_fen == 12_000 - 5_000
    with pytest.raises(Refused):
        want(house, number)
    assert broken(house) == {}


def test_a_refund_that_came_back_is_not_collected_for(house: House, number: int) -> None:
    """The refund is looked at first: what was advanced came back with it."""
    fault(house, "FAILED_AFTER_SUCCESS", seconds=3_600)
    advanced(house, number)
    move_clock(house.sessions, 7_200)
    want(house, number)
    back = pay(house, number)
    assert (back.state, states(back)) == ("REVERSED", ["WANTED"])
    assert given_back(house, number) == []
    with pytest.raises(Refused):
        want(house, number)
