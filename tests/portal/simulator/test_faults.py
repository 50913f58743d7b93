"""Each way to fail does what it says, once, and leaves the truth in the simulator's own books."""

from __future__ import annotations

from json import JSONDecodeError

import httpx
import pytest
from cryptography.exceptions import InvalidSignature

from portal.simulator.faults import Kind
from tests.portal.simulator.shops import Shop


def send(shop: Shop) -> httpx.Response | None:
    """None when no answer came."""
    try:
        return shop.refund("R1", 100)
    except httpx.TransportError:
        return None


@pytest.mark.parametrize(
    ("kind", "status", "applied"),
    [
        (Kind.APPLIED_THEN_DROPPED, None, True),
        (Kind.DROP_BEFORE, None, False),
        (Kind.ERROR_BEFORE, 500, False),
        (Kind.ERROR_AFTER, 500, True),
        (Kind.GARBAGE, 200, True),
        (Kind.WRONG_SIGNATURE, 200, True),
        (Kind.BUSY, 429, False),
        (Kind.NOT_ENOUGH, 403, False),
    ],
)
def test_what_a_fault_does_is_in_the_books(
    shop: Shop, kind: Kind, status: int | None, applied: bool
) -> None:
    shop.pay()
    shop.tell("faults", provider="wechat", kind=kind)
    answer = send(shop)
    assert (answer.status_code if answer is not None else None) == status
    assert len(shop.moves()) == applied
    assert [(r["applied"], r["fault"]) for r in shop.log()] == [(applied, kind)]
    assert shop.query("R1").status_code == (200 if applied else 404)
    assert send(shop).json()["status"] == "SUCCESS"
    assert len(shop.moves()) == 1


def test_garbage_is_signed_and_a_wrong_signature_is_not(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="GARBAGE")
    garbage = shop.refund("R1", 1)
    assert shop.is_signed(garbage)
    with pytest.raises(JSONDecodeError):
        garbage.json()
    shop.tell("faults", kind="WRONG_SIGNATURE")
    with pytest.raises(InvalidSignature):
        shop.is_signed(shop.refund("R1", 1))


def test_a_slow_request_is_done_when_it_arrives(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="SLOW", seconds=0.01)
    assert shop.refund("R1", 1).json()["status"] == "SUCCESS"
    assert [request["fault"] for request in shop.log()] == ["SLOW"]


def test_a_fault_waits_for_its_number_and_its_kind_of_request(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="BUSY", number="R2")
    shop.tell("faults", kind="BUSY", on="QUERY", times=2)
    assert shop.refund("R1", 1).status_code == 200
    assert [shop.query("R1").status_code for _ in range(3)] == [429, 429, 200]
    shop.wait(seconds=60)
    assert [shop.refund("R2", 1).status_code for _ in range(2)] == [429, 200]


def test_faults_can_be_called_off(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="BUSY", times=99)
    assert shop.client.delete("/simulator/faults").status_code == 200
    assert shop.refund("R1", 1).status_code == 200


def test_a_refund_may_take_its_time(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="PROCESSING", seconds=30)
    assert shop.refund("R1", 1).json()["status"] == "PROCESSING"
    shop.wait(seconds=29)
    assert shop.query("R1").json()["status"] == "PROCESSING"
    shop.wait(seconds=1)
    assert shop.query("R1").json()["status"] == "SUCCESS"


def test_a_refund_that_finds_no_money_closes_after_seven_days(shop: Shop) -> None:
    shop.pay()
    shop.tell("balance", provider="wechat", fen=5000)
    shop.tell("faults", kind="CLOSED")
    shop.refund("R1", 5000)
    shop.wait(days=6, hours=23)
    assert shop.query("R1").json()["status"] == "PROCESSING"
    shop.wait(hours=1)
    assert shop.query("R1").json()["status"] == "CLOSED"
    assert shop.refund("R1", 5000).json()["status"] == "CLOSED"  # the number is spent
    assert shop.refund("R1a2", 5000).json()["status"] == "SUCCESS"


def test_an_abnormal_refund_goes_to_a_card_that_is_named(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="ABNORMAL")
    ref = shop.refund("R1", 1).json()["refund_id"]
    assert shop.query("R1").json()["status"] == "ABNORMAL"
    path = f"/v3/refund/domestic/refunds/{ref}/apply-abnormal-refund"
    open_words = {
        "out_refund_no": "R1",
        "type": "USER_BANK_CARD",
        "real_name": "明",
        "bank_account": "6",
    }
    assert shop.wechat("POST", path, open_words).json()["code"] == "PARAM_ERROR"
    body = {"out_refund_no": "R1", "type": "MERCHANT_BANK_CARD"}
    assert shop.wechat("POST", path, body).json()["status"] == "PROCESSING"
    queried = shop.query("R1").json()
    assert (queried["status"], queried["channel"]) == ("SUCCESS", "OTHER_BANKCARD")
    assert shop.wechat("POST", path, body).status_code == 400


def test_success_is_not_always_the_end(shop: Shop) -> None:
    shop.pay()
    shop.tell("faults", kind="FAILED_AFTER_SUCCESS", seconds=60)
    assert shop.refund("R1", 1).json()["status"] == "SUCCESS"
    shop.wait(seconds=60)
    assert shop.query("R1").json()["status"] == "ABNORMAL"
    assert [move["reversed"] for move in shop.moves()] == [True]


def test_money_that_nobody_asked_for_can_be_made(shop: Shop) -> None:
    shop.pay()
    shop.tell("strays", provider="wechat", provider_txn="T1", amount_fen=42)
    assert [(m["amount_fen"], m["state"]) for m in shop.moves()] == [(42, "SUCCESS")]
    assert shop.log() == []
