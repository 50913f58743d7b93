"""Clients that others wrote, against the simulator over a socket: it speaks as they expect."""

from __future__ import annotations

import json
import threading
import time
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alipay
import httpx
import pytest
import stripe
from wechatpayv3 import WeChatPay, WeChatPayType

from portal.simulator.server import SimulatorServer
from portal.simulator.settings import write_settings

# python-alipay-sdk reads certificates by means that are on their way out.
OLD_WAY = pytest.mark.filterwarnings("ignore:X509.*is deprecated:DeprecationWarning")
PATIENCE = 120  # seconds; a machine that stands still for a while is not away


@dataclass(frozen=True)
class Running:
    """A simulator that listens, and its customer's settings."""

    url: str
    folder: Path
    settings: dict[str, Any]

    def text(self, section: str, name: str) -> str:
        named = self.settings[section][name]
        path = named if isinstance(named, str) else named[0]
        return (self.folder / path).read_text().strip()

    def pay(self, provider: str, txn: str) -> None:
        body = {"channel": provider, "provider_txn": txn, "paid_fen": 10000}
        assert (
            httpx.put(f"{self.url}/simulator/payments", json=body, timeout=PATIENCE).status_code
            == 200
        )

    def notice(self, provider: str) -> dict[str, Any]:
        queued = httpx.get(f"{self.url}/simulator/notices", timeout=PATIENCE).json()["notices"]
        return next(each for each in queued if each["provider"] == provider)

    def moved(self, provider: str) -> list[int]:
        address = f"{self.url}/simulator/moves"
        asked = httpx.get(address, params={"provider": provider}, timeout=PATIENCE)
        return [move["amount_fen"] for move in asked.json()["moves"]]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    (folder / "keys").symlink_to(keys)
    server = SimulatorServer(0, folder, lambda: datetime.now(UTC))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    path = write_settings(folder, server.url, notices="http://127.0.0.1:9")
    yield Running(server.url, folder, tomllib.loads(path.read_text()))
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def wechat(running: Running) -> WeChatPay:
    account = running.settings["wechat"]
    client = WeChatPay(
        wechatpay_type=WeChatPayType.JSAPI,
        mchid=account["mchid"],
        private_key=running.text("wechat", "private_key"),
        cert_serial_no=account["serial"],
        apiv3_key=running.text("wechat", "apiv3_key"),
        appid=account["appid"],
        timeout=PATIENCE,
        public_key=running.text("wechat", "platform_key"),
        public_key_id=account["platform_serial"],
    )
    client._core._gate_way = running.url
    return client


def test_wechatpayv3_refunds_queries_and_reads_the_notice(
    running: Running, wechat: WeChatPay
) -> None:
    running.pay("wechat", "T1")
    amount = {"refund": 2500, "total": 10000, "currency": "CNY"}
    status, text = wechat.refund(out_refund_no="W1", transaction_id="T1", amount=amount)
    assert (status, json.loads(text)["status"]) == (200, "SUCCESS")
    status, text = wechat.query_refund(out_refund_no="W1")
    assert (status, json.loads(text)["amount"]["refund"]) == (200, 2500)
    notice = running.notice("wechat")
    told = wechat.callback(notice["headers"], b64decode(notice["body"]))
    assert told["event_type"] == "REFUND.SUCCESS"
    assert told["resource"]["out_refund_no"] == "W1"
    assert running.moved("wechat") == [2500]


def test_wechatpayv3_takes_the_platforms_certificate(running: Running, wechat: WeChatPay) -> None:
    wechat._core._update_certificates()
    (certificate,) = wechat._core._certificates
    assert certificate.public_bytes is not None
    wechat._core._public_key_id, by_key = None, wechat._core._public_key_id
    status, _ = wechat.query_refund(out_refund_no="none")
    wechat._core._public_key_id = by_key
    assert status == 404


def test_wechatpayv3_is_refused_a_transaction_that_is_none(wechat: WeChatPay) -> None:
    amount = {"refund": 1, "total": 1, "currency": "CNY"}
    status, text = wechat.refund(out_refund_no="W9", transaction_id="T9", amount=amount)
    assert (status, json.loads(text)["code"]) == (404, "RESOURCE_NOT_EXISTS")


@pytest.fixture
def beijing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The client takes the machine's time for Beijing's."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture(params=["key", "certificates"])
def alipay_client(request: pytest.FixtureRequest, running: Running) -> alipay.BaseAliPay:
    """In either mode: by Alipay's plain key, and by certificates."""
    ours = {
        "appid": running.settings["alipay"]["app_id"],
        "app_private_key_string": running.text("alipay", "private_key"),
    }
    if request.param == "key":
        theirs = (running.folder / "keys" / "alipay.platform.pem").read_text()
        client = alipay.AliPay(**ours, alipay_public_key_string=theirs)
    else:
        client = alipay.DCAliPay(
            **ours,
            app_public_key_cert_string=running.text("alipay", "app_certificate"),
            alipay_public_key_cert_string=running.text("alipay", "alipay_certificates"),
            alipay_root_cert_string=running.text("alipay", "root_certificates"),
        )
    client._gateway = running.settings["alipay"]["gateway"]
    return client


@OLD_WAY
@pytest.mark.usefixtures("beijing")
def test_python_alipay_sdk_refunds_and_queries(
    running: Running, alipay_client: alipay.BaseAliPay
) -> None:
    txn = type(alipay_client).__name__
    running.pay("alipay", txn)
    before = running.moved("alipay")
    wish = {"trade_no": txn, "out_request_no": f"R-{txn}"}
    done = alipay_client.api_alipay_trade_refund("12.34", **wish)
    assert (done["fund_change"], done["refund_fee"]) == ("Y", "12.34")
    queried = alipay_client.server_api("alipay.trade.fastpay.refund.query", wish)
    assert queried["refund_status"] == "REFUND_SUCCESS"
    fields = dict(httpx.QueryParams(b64decode(running.notice("alipay")["body"]).decode()))
    assert alipay_client.verify(fields, fields.pop("sign"))
    assert running.moved("alipay") == [*before, 1234]


@OLD_WAY
@pytest.mark.usefixtures("beijing")
@pytest.mark.parametrize("alipay_client", ["certificates"], indirect=True)
def test_python_alipay_sdk_transfers(running: Running, alipay_client: alipay.DCAliPay) -> None:
    before = running.moved("alipay")
    done = alipay_client.api_alipay_fund_trans_uni_transfer("P1", "ALIPAY_USER_ID", "2088", "5.00")
    assert done["status"] == "SUCCESS"
    assert running.moved("alipay") == [*before, 500]


def test_stripe_python_refunds_lists_and_verifies_the_webhook(running: Running) -> None:
    running.pay("stripe", "ch_1")
    client = stripe.StripeClient(
        running.text("stripe", "secret_key"),
        base_addresses={"api": running.url},
        max_network_retries=0,
    )
    wish = {"charge": "ch_1", "amount": 999, "metadata": {"refund_no": "S1"}}
    done = client.v1.refunds.create(wish, {"idempotency_key": "S1"})
    assert (done.status, done.metadata["refund_no"]) == ("succeeded", "S1")
    assert client.v1.refunds.create(wish, {"idempotency_key": "S1"}).id == done.id
    assert [each.id for each in client.v1.refunds.list({"charge": "ch_1"})] == [done.id]
    assert client.v1.charges.retrieve("ch_1").amount_refunded == 999
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"charge": "ch_1", "amount": 9002})
    notice = running.notice("stripe")
    secret = running.text("stripe", "webhook_secret")
    sealed = notice["headers"]["Stripe-Signature"]
    event = stripe.Webhook.construct_event(b64decode(notice["body"]), sealed, secret)
    assert (event.type, event.data.object.id) == ("refund.created", done.id)


def test_a_cut_line_is_cut(running: Running) -> None:
    body = {"kind": "APPLIED_THEN_DROPPED", "provider": "stripe"}
    httpx.post(f"{running.url}/simulator/faults", json=body, timeout=PATIENCE)
    bearer = {"Authorization": f"Bearer {running.text('stripe', 'secret_key')}"}
    form = {"charge": "ch_1", "amount": "1"}
    with pytest.raises(httpx.TransportError):
        httpx.post(f"{running.url}/v1/refunds", data=form, headers=bearer, timeout=PATIENCE)
    assert running.moved("stripe")[-1] == 1


def test_broken_requests_end_with_a_refusal(running: Running) -> None:
    big = httpx.post(f"{running.url}/balance", content=b" " * (1 << 20 + 1), timeout=PATIENCE)
    assert big.status_code == 413
    assert httpx.get(f"{running.url}/nowhere", timeout=PATIENCE).status_code == 404
    assert httpx.head(f"{running.url}/", timeout=PATIENCE).status_code == 200
