"""Who is let in, and that every answer is signed, refusals too."""

from __future__ import annotations

from datetime import UTC

import pytest

from tests.portal.simulator.shops import REFUNDS, Shop


def test_every_answer_of_wechat_is_signed(shop: Shop) -> None:
    shop.pay()
    for answer in (shop.refund("R1", 1), shop.query("R1"), shop.query("none"), shop.refund("", 1)):
        assert shop.is_signed(answer)


@pytest.mark.parametrize("late", [300, -300])
def test_a_stamp_five_minutes_off_is_refused(shop: Shop, late: int) -> None:
    nearly = late - late // 300
    assert shop.wechat("GET", f"{REFUNDS}/R1", late=nearly).status_code == 404
    answer = shop.wechat("GET", f"{REFUNDS}/R1", late=late)
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_ERROR")
    assert shop.is_signed(answer)


def test_another_merchant_is_refused(shop: Shop) -> None:
    assert shop.wechat("GET", f"{REFUNDS}/R1", mchid="1900000002").status_code == 401


def test_a_changed_body_is_refused(shop: Shop) -> None:
    shop.pay()
    sent = shop.refund("R1", 1).request
    changed = sent.content.replace(b'"refund": 1,', b'"refund": 9,')
    assert changed != sent.content
    headers = {"Authorization": sent.headers["Authorization"]}
    assert shop.client.post(REFUNDS, content=changed, headers=headers).status_code == 401


def test_alipay_refuses_another_time_zone(shop: Shop) -> None:
    shop.pay("alipay")
    query = "alipay.trade.query"
    assert shop.alipay(query, trade_no="T1")["code"] == "10000"
    assert shop.alipay(query, UTC, trade_no="T1")["sub_code"] == "isv.invalid-timestamp"


def test_stripe_wants_its_key(shop: Shop) -> None:
    shop.pay("stripe", "ch_1")
    assert shop.stripe("GET", "/v1/charges/ch_1").json()["amount"] == 10000
    assert shop.client.get("/v1/charges/ch_1").status_code == 401
    wrong = {"Authorization": "Basic !"}
    assert shop.client.get("/v1/charges/ch_1", headers=wrong).status_code == 401


def test_the_purse_wants_a_signature(shop: Shop) -> None:
    answer = shop.client.post("/balance", content=b'{"type":"query","number":"R1"}')
    assert answer.status_code == 401
    assert shop.purse(type="query", number="R1")["state"] == "NOT_FOUND"


def test_pages_of_another_site_get_nothing(shop: Shop) -> None:
    evil = {"Origin": "http://evil.example"}
    body = {"idempotent": False}
    assert shop.client.post("/simulator/mode", json=body, headers=evil).status_code == 403
    assert shop.client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert shop.client.get("/simulator/mode").json()["idempotent"] is True


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("PUT", "payments", b'{"channel":"bank","provider_txn":"1","paid_fen":1}'),
        ("PUT", "payments", b'{"channel":"wechat","provider_txn":"1","paid_fen":-1}'),
        ("PUT", "payments", b'{"channel":"wechat","provider_txn":"1","paid_fen":1,"cash_fen":2}'),
        ("PUT", "payments", b"[" * 100_000),
        ("POST", "faults", b'{"kind":"NOVEL"}'),
        ("POST", "faults", b'{"kind":"SLOW","times":0}'),
        ("POST", "balance", b'{"provider":"wechat","fen":-1}'),
        ("POST", "mode", b"\xff"),
    ],
)
def test_the_simulators_own_interface_refuses_nonsense(
    shop: Shop, method: str, path: str, content: bytes
) -> None:
    assert shop.client.request(method, f"/simulator/{path}", content=content).status_code == 400
