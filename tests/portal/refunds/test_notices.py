"""Notifications at the door: only what is signed, fresh, ours and right changes anything."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from portal.arrivals.commands import ConfirmArrival, QuestionArrival
from portal.house import House
from portal.monitors.tables import ItemRow
from portal.providers.values import Answer, Notice, Outcome
from portal.refunds.notices import Notices
from portal.refunds.strangers import MOST, UNKNOWN, Strangers
from portal.refunds.tables import CallRow
from portal.refunds.transfers import transfer_of
from portal.rehearsal.moving import move_clock
from tests.houses import open_app
from tests.portal.refunds.ordering import (
    all_items,
    calls_of,
    case_after,
    case_no_of,
    fault,
    items_of,
    movement_of,
    order_refund,
    pay,
    pay_after,
    simulate,
    steps_of,
    turn_of,
)

DOOR = "/notices/wechat"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    return open_app(tmp_path_factory.mktemp("house"), rehearsal=True)


@pytest.fixture(scope="module")
def house(app: APIFlask) -> House:
    found: House = app.extensions["mingan"]
    return found


@pytest.fixture
def client(app: APIFlask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = True
    return app.test_client()


def notice_about(house: House, number: int) -> dict[str, Any]:
    """What the simulator would send about this movement: headers and body, byte for byte."""
    mine = f"RMA2026{number:06}n1"
    (found, *_) = [
        each
        for each in simulate(house, "GET", "notices")["notices"]
        if each["number"].startswith(mine)
    ]
    return {"headers": found["headers"], "data": base64.b64decode(found["body"])}


def lost(house: House, number: int) -> dict[str, Any]:
    """A refund that was done, its answer lost, and the provider's notice about it."""
    order_refund(house, number)
    fault(house, "APPLIED_THEN_DROPPED")
    pay(house, number)
    return notice_about(house, number)


def test_a_notice_leads_to_the_question_that_completes_what_an_answer_left_open(
    house: House, client: FlaskClient, number: int
) -> None:
    notice = lost(house, number)
    assert client.post(DOOR, **notice).status_code == 204
    pay(house, number)
    paid = movement_of(house, number).success
    assert (paid and paid.route, paid and paid.source) == ("ORIGINAL", "QUERY")
    assert [kind for kind, *_ in calls_of(house, number)] == ["SUBMIT", "NOTICE", "QUERY"]


def test_the_same_notice_again_changes_nothing(
    house: House, client: FlaskClient, number: int
) -> None:
    notice = lost(house, number)
    answers = [client.post(DOOR, **notice).status_code for _again in range(5)]
    assert answers == [204] * 5
    assert steps_of(movement_of(house, number)) == ["RESERVED", "SUBMITTED"]
    assert (len(calls_of(house, number)), turn_of(house, number).wakes) == (2, 1)


@pytest.mark.parametrize("wrong", ["body", "signature", "none", "old"])
def test_a_forged_or_old_notice_alarms_and_changes_nothing(
    house: House, client: FlaskClient, number: int, wrong: str
) -> None:
    notice = lost(house, number)
    if wrong == "body":
        notice["data"] += b" "
    if wrong == "signature":
        notice["headers"]["Wechatpay-Signature"] = base64.b64encode(b"x" * 256).decode()
    if wrong == "none":
        notice["headers"] = {}
    if wrong == "old":
        move_clock(house.sessions, 301)
    answer = client.post(DOOR, **notice)
    assert (answer.status_code, answer.json["code"]) == (401, "FAIL")
    assert movement_of(house, number).state == "SUBMITTED"
    assert "FORGED_NOTICE" in all_items(house)


def test_a_flood_of_forged_notices_is_counted_and_costs_one_line_a_minute(
    house: House, client: FlaskClient
) -> None:
    def note() -> str:
        with house.sessions() as session:
            mine = ItemRow.open_key == "FORGED_NOTICE/wechat"
            return session.scalar(select(ItemRow.note).where(mine)) or "0 x"

    def flood(times: int) -> int:
        before = int(note().split()[0])
        for _n in range(times):
            assert client.post(DOOR, data=b"{}").status_code == 401
        return int(note().split()[0]) - before

    move_clock(house.sessions, 61)
    flood(1)
    assert flood(20) == 0
    move_clock(house.sessions, 61)
    assert flood(1) == 21


class Chatty:
    """A provider that signs notices about somebody else's numbers, without end."""

    name = "wechat"

    def __init__(self) -> None:
        self.told = 0

    def read_notice(self, _headers: object, _content: bytes, _now: datetime) -> Notice:
        self.told += 1
        answer = Answer(Outcome.SUCCESS, f"X{self.told}", b"x" * 60_000, 200, verified=True)
        return Notice(f"chatty-{self.told}", answer)


def test_notices_about_others_numbers_fill_only_so_much(house: House) -> None:
    chatty: Any = Chatty()
    notices = Notices(house.duties.execution.hearing, house.sessions, Strangers())
    for _n in range(MOST[UNKNOWN] + 5):
        notices.take(chatty, {}, b"")
    with house.sessions() as session:
        mine = CallRow.subject.startswith("chatty-")
        rows, most = session.execute(
            select(func.count(), func.max(func.length(CallRow.raw))).where(mine)
        ).one()
    assert (rows, most) == (MOST[UNKNOWN], 4096)


def test_a_number_that_is_not_ours_is_kept_and_alarms(
    house: House, client: FlaskClient, number: int
) -> None:
    stray = {"provider": "wechat", "provider_txn": "stray", "amount_fen": 1}
    payment = {"channel": "wechat", "provider_txn": "stray", "paid_fen": 100, "merchant_txn": "s"}
    simulate(house, "PUT", "payments", payment)
    simulate(house, "POST", "strays", stray)
    queued = simulate(house, "GET", "notices")["notices"]
    found = [each for each in queued if not each["number"].startswith("RMA")]
    assert found, "the stray sent no notice"
    answer = client.post(DOOR, headers=found[0]["headers"], data=base64.b64decode(found[0]["body"]))
    assert answer.status_code == 204
    assert "UNKNOWN_NUMBER" in all_items(house)


def test_a_notice_for_nobody_or_too_long_is_turned_away(client: FlaskClient) -> None:
    assert client.post("/notices/nobody", data=b"{}").status_code == 404
    assert client.post("/notices/unionpay", data=b"{}").status_code == 404
    assert client.post(DOOR, data=b"x" * 70_000).status_code == 413


def tell_of_reversal(house: House, client: FlaskClient, number: int) -> None:
    """An hour later the provider takes it back, and says so."""
    move_clock(house.sessions, 4000)
    case = case_after(house, number)
    house.providers.named("wechat").query(transfer_of(case, case.movements[0]))
    mine = f"RMA2026{number:06}n1"
    for each in simulate(house, "GET", "notices")["notices"]:
        if each["number"].startswith(mine):
            client.post(DOOR, headers=each["headers"], data=base64.b64decode(each["body"]))


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_notice_of_a_reversal_is_asked_about_at_once_also_before_the_promise_and_after_arrival(
    house: House, client: FlaskClient, number: int, confirmed: bool
) -> None:
    order_refund(house, number, method="debit_card")
    fault(house, "FAILED_AFTER_SUCCESS", seconds=3600)
    pay(house, number)
    if confirmed:
        arrived = ConfirmArrival(case_no_of(number), f"RMA2026{number:06}n1")
        house.recorder.record(arrived, by="BUYER", command_id=f"confirm/{number}")
    tell_of_reversal(house, client, number)
    assert pay(house, number).state == "REVERSED"
    assert "REVERSED" in items_of(house, number)


def test_the_payees_word_that_it_is_missing_is_asked_about(house: House, number: int) -> None:
    order_refund(house, number)
    pay(house, number)
    for days in (2, 8):
        presumed = pay_after(house, days * 86_400, number)
    assert presumed.state == "ARRIVED"
    before = len(calls_of(house, number))
    missing = QuestionArrival(case_no_of(number), f"RMA2026{number:06}n1", "没收到")
    house.recorder.record(missing, by="BUYER", command_id=f"missing/{number}")
    for _turn in range(2):
        pay(house, number)
    assert [kind for kind, *_ in calls_of(house, number)[before:]] == ["QUERY"]


def test_a_notice_does_not_need_a_turn(house: House, client: FlaskClient, number: int) -> None:
    notice = lost(house, number)
    house.duties.execution.turns.claim(f"RMA2026{number:06}n1")
    assert client.post(DOOR, **notice).status_code == 204
    assert turn_of(house, number).wakes == 1
