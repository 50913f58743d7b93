"""The rules that a provider keeps whatever a client believes."""

from __future__ import annotations

import pytest

from tests.portal.simulator.shops import Shop


def test_the_same_number_moves_money_once(shop: Shop) -> None:
    shop.pay()
    first, again = shop.refund("R1", 3000), shop.refund("R1", 3000)
    assert first.json() == again.json()
    assert [move["amount_fen"] for move in shop.moves()] == [3000]
    assert [request["applied"] for request in shop.log()] == [True, False]


def test_the_same_number_with_another_amount_is_refused(shop: Shop) -> None:
    shop.pay()
    shop.refund("R1", 3000)
    assert shop.refund("R1", 3001).json()["code"] == "INVALID_REQUEST"
    assert len(shop.moves()) == 1


def test_two_refunds_of_an_order_are_a_minute_apart(shop: Shop) -> None:
    shop.pay()
    shop.refund("R1", 1)
    shop.wait(seconds=59)
    assert shop.refund("R2", 1).status_code == 429
    shop.wait(seconds=1)
    assert shop.refund("R2", 1).status_code == 200


def test_an_order_is_refunded_fifty_times_at_most(shop: Shop) -> None:
    shop.pay()
    shop.tell("mode", spacing=False)
    for number in range(50):
        assert shop.refund(f"R{number}", 1).status_code == 200
    assert shop.refund("R50", 1).json()["code"] == "INVALID_REQUEST"


def test_an_order_is_refunded_for_one_year(shop: Shop) -> None:
    shop.pay()
    shop.wait(days=365)
    assert shop.refund("R1", 1).status_code == 200
    shop.wait(seconds=61)
    assert shop.refund("R2", 1).json()["code"] == "INVALID_REQUEST"


def test_refunds_never_exceed_what_was_paid(shop: Shop) -> None:
    shop.pay()
    shop.refund("R1", 6000)
    shop.wait(seconds=60)
    assert shop.refund("R2", 4001).json()["code"] == "INVALID_REQUEST"
    assert shop.refund("R3", 4000).json()["status"] == "SUCCESS"


def test_the_total_must_be_what_was_paid(shop: Shop) -> None:
    shop.pay()
    assert shop.refund("R1", 1, total=9999).json()["code"] == "INVALID_REQUEST"


def test_a_payment_that_nobody_made_is_not_refunded(shop: Shop) -> None:
    assert shop.refund("R1", 1).json()["code"] == "RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize(
    "broken",
    [
        {"out_refund_no": "R 1"},
        {"out_refund_no": "R" * 65},
        {"amount": {"refund": 0, "total": 10000}},
        {"amount": {"refund": 1.5, "total": 10000}},
        {"amount": {"refund": 1, "total": 10000, "currency": "USD"}},
        {"transaction_id": ""},
    ],
)
def test_a_malformed_refund_is_refused(shop: Shop, broken: dict[str, object]) -> None:
    shop.pay()
    assert shop.refund("R1", 1, **broken).json()["code"] == "PARAM_ERROR"
    assert shop.moves() == []


def test_coupons_and_cash_add_up_over_all_partial_refunds(shop: Shop) -> None:
    shop.pay(fen=10000, cash_fen=3333)
    shop.tell("mode", spacing=False)
    amounts = [shop.refund(f"R{n}", fen).json()["amount"] for n, fen in enumerate((1, 4999, 5000))]
    assert sum(amount["payer_refund"] for amount in amounts) == 3333
    assert all(a["payer_refund"] + a["discount_refund"] == a["refund"] for a in amounts)


def test_a_short_account_pays_nothing_until_it_is_topped_up(shop: Shop) -> None:
    shop.pay()
    shop.tell("balance", provider="wechat", fen=2999)
    assert (shop.refund("R1", 3000).status_code, shop.moves()) == (403, [])
    shop.tell("balance", provider="wechat", fen=3000)
    assert shop.refund("R1", 3000).json()["status"] == "SUCCESS"
    shop.wait(seconds=60)
    assert shop.refund("R2", 1).json()["code"] == "NOT_ENOUGH"


def test_a_platform_may_advance_where_the_shop_is_short(shop: Shop) -> None:
    shop.pay()
    shop.tell("balance", provider="wechat", fen=0)
    body = {
        "sub_mchid": "1",
        "sp_appid": "wx",
        "transaction_id": "T1",
        "out_refund_no": "R1",
        "amount": {"refund": 500, "total": 10000, "currency": "CNY"},
        "refund_account": "REFUND_SOURCE_PARTNER_ADVANCE",
    }
    applied = shop.wechat("POST", "/v3/ecommerce/refunds/apply", body).json()
    assert "status" not in applied
    queried = shop.wechat("GET", "/v3/ecommerce/refunds/out-refund-no/R1?sub_mchid=1").json()
    assert (queried["status"], queried["refund_account"]) == ("SUCCESS", body["refund_account"])
    back = f"/v3/ecommerce/refunds/{applied['refund_id']}/return-advance"
    assert shop.wechat("POST", back, {"sub_mchid": "1"}).json()["code"] == "NOT_ENOUGH"
    shop.tell("balance", provider="wechat", fen=600)
    returned = shop.wechat("POST", back, {"sub_mchid": "1"}).json()
    assert returned["return_amount"] == 500
    assert shop.wechat("POST", back, {"sub_mchid": "1"}).json() == returned
    assert shop.wechat("GET", f"{back}?sub_mchid=1").json() == returned


def test_a_forgetful_provider_pays_a_repeated_number_again(shop: Shop) -> None:
    shop.pay()
    shop.tell("mode", idempotent=False)
    for _ in range(3):
        shop.refund("R1", 4000)
    assert [(move["number"], move["nth"]) for move in shop.moves()] == [("R1", 1), ("R1", 2)]
    shop.tell("mode", overdraw=True)
    shop.refund("R1", 4000)
    assert sum(move["amount_fen"] for move in shop.moves()) == 12000


def test_a_payout_is_made_once_to_the_payer(shop: Shop) -> None:
    shop.pay()
    payer = shop.wechat("GET", "/v3/pay/transactions/id/T1?mchid=1").json()["payer"]["openid"]
    body = {
        "appid": "wx",
        "out_bill_no": "P1",
        "transfer_scene_id": "1011",
        "openid": payer,
        "transfer_amount": 30000,
        "transfer_remark": "赔付",
    }
    path = "/v3/fund-app/mch-transfer/transfer-bills"
    assert shop.wechat("GET", f"{path}/out-bill-no/P1").status_code == 404
    assert shop.wechat("POST", path, body).json()["state"] == "SUCCESS"
    shop.wechat("POST", path, body)
    assert [(m["kind"], m["amount_fen"]) for m in shop.moves()] == [("PAYOUT", 30000)]
    assert shop.wechat("GET", f"{path}/out-bill-no/P1").json()["transfer_amount"] == 30000


def test_a_payment_told_twice_is_one_and_told_differently_is_refused(shop: Shop) -> None:
    shop.pay()
    shop.pay()
    body = {"channel": "wechat", "provider_txn": "T1", "paid_fen": 1}
    assert shop.client.put("/simulator/payments", json=body).status_code == 409
