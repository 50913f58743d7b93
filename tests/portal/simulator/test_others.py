"""Stripe's keys that forget, and the platform's own purse."""

from __future__ import annotations

import pytest

from tests.portal.simulator.shops import Shop


def ask(shop: Shop, key: str = "", fen: int = 100, no: str = "R1") -> dict[str, object]:
    form = {"charge": "ch_1", "amount": str(fen), "metadata[refund_no]": no}
    return shop.stripe("POST", "/v1/refunds", key, **form).json()


def test_a_key_keeps_its_answer_for_a_day_and_then_pays_again(shop: Shop) -> None:
    shop.pay("stripe", "ch_1")
    first = ask(shop, "k1")
    assert (first["status"], first["metadata"]) == ("succeeded", {"refund_no": "R1"})
    shop.wait(hours=23, minutes=59)
    assert ask(shop, "k1") == first
    shop.wait(minutes=2)
    assert ask(shop, "k1")["id"] != first["id"]
    assert len(shop.moves()) == 2


def test_without_a_key_the_same_number_pays_twice(shop: Shop) -> None:
    shop.pay("stripe", "ch_1")
    ask(shop)
    ask(shop)
    listed = shop.stripe("GET", "/v1/refunds?charge=ch_1&limit=1").json()
    assert (len(listed["data"]), listed["has_more"]) == (1, True)
    assert len(shop.moves()) == 2


def test_a_key_is_for_one_request(shop: Shop) -> None:
    shop.pay("stripe", "ch_1")
    ask(shop, "k1", 100)
    assert ask(shop, "k1", 101)["error"]["type"] == "idempotency_error"


def test_a_key_remembers_a_failure_after_the_money_moved(shop: Shop) -> None:
    shop.pay("stripe", "ch_1")
    shop.tell("faults", provider="stripe", kind="ERROR_AFTER")
    assert ask(shop, "k1")["error"]["type"] == "api_error"
    assert ask(shop, "k1")["error"]["type"] == "api_error"
    assert [move["state"] for move in shop.moves()] == ["SUCCESS"]


def test_a_refund_that_failed_at_stripe_can_be_made_again(shop: Shop) -> None:
    shop.pay("stripe", "ch_1", fen=250)
    shop.tell("faults", provider="stripe", kind="ABNORMAL")
    ref = ask(shop, "K1", fen=250)["id"]
    assert shop.stripe("GET", f"/v1/refunds/{ref}").json()["status"] == "failed"
    assert ask(shop, "K2", fen=250)["status"] == "succeeded"


def test_a_forgetful_stripe_has_no_keys(shop: Shop) -> None:
    shop.pay("stripe", "ch_1", fen=250)
    shop.tell("mode", idempotent=False)
    assert [ask(shop, "k1").get("status") for _ in range(3)] == ["succeeded", "succeeded", None]


def test_a_refund_waits_for_balance(shop: Shop) -> None:
    shop.pay("stripe", "ch_1")
    shop.tell("balance", provider="stripe", fen=0)
    ref = ask(shop, "k1")["id"]
    assert shop.stripe("GET", f"/v1/refunds/{ref}").json()["status"] == "pending"
    shop.tell("balance", provider="stripe", fen=100)
    assert shop.stripe("GET", f"/v1/refunds/{ref}").json()["status"] == "succeeded"


@pytest.mark.parametrize(("fen", "state"), [(10000, "SUCCESS"), (10001, "REFUSED")])
def test_the_purse_pays_what_was_paid_and_no_more(shop: Shop, fen: int, state: str) -> None:
    shop.pay("balance", cash_fen=4000)
    wish = {"type": "refund", "number": "R1", "amount_fen": fen, "total_fen": 10000}
    answer = shop.purse(**wish, transaction="T1")
    assert answer["state"] == state
    assert (answer.get("cash_fen"), answer.get("coupon_fen")) in [(4000, 6000), (None, None)]


def test_the_purse_restores_a_coupon_in_kind(shop: Shop) -> None:
    wish = {"type": "coupon", "number": "K1", "amount_fen": 500, "transaction": "T1"}
    answer = shop.purse(**wish)
    assert (answer["state"], answer["cash_fen"], answer["coupon_fen"]) == ("SUCCESS", 0, 500)
    assert shop.purse(type="query", number="K1") == answer
    assert shop.purse(**wish | {"amount_fen": 501})["state"] == "REFUSED"
