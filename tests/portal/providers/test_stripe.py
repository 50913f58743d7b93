"""Stripe: against a made-up peer, and against localstripe, a stranger's program that forgets keys
and never says no to a refund."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from portal.providers.calling import Caller, open_client
from portal.providers.settings import StripeAccount
from portal.providers.signing import stripe_signature
from portal.providers.stripe.adapter import VERSION, Stripe
from portal.providers.stripe.answers import bill_row
from portal.providers.values import BillNotReady, Forged, NotAvailable, Outcome, Transfer
from tests.portal.providers.peers import NOW, STAMP, Peer, Say, a_transfer

ACCOUNT = StripeAccount("https://stripe.example", "sk_test_12345", "whsec_test")
SERVER = """
import sys
from aiohttp import web
from localstripe import resources, server
type(resources.store).dump_to_disk = lambda store: None  # it would write to a fixed path
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
"""


def _stripe(peer: Peer) -> Stripe:
    return Stripe(ACCOUNT, peer.caller(), lambda: NOW)


def _says(fields: object, status: int = 200) -> Say:
    return lambda _request: httpx.Response(status, json=fields)


def _listed(*refunds: dict[str, Any], more: bool = False) -> Say:
    return _says({"object": "list", "data": list(refunds), "has_more": more})


def _transfer(**changes: Any) -> Transfer:
    return a_transfer(**{"provider_txn": "pi_1", **changes})


def _refund(**changes: Any) -> dict[str, Any]:
    return {
        "object": "refund",
        "id": "re_1",
        "amount": 1200,
        "currency": "cny",
        "status": "succeeded",
        "created": int(STAMP),
        "metadata": {"refund_no": "R20260000001n1a1"},
        **changes,
    }


def test_the_number_is_looked_up_before_anything_is_sent() -> None:
    peer = Peer([_listed(), _says(_refund())])
    assert _stripe(peer).send(_transfer()).outcome is Outcome.SUCCESS
    look, ask = peer.asked
    assert (look.method, look.url.params["payment_intent"]) == ("GET", "pi_1")
    assert {each.headers["Stripe-Version"] for each in peer.asked} == {VERSION}
    assert ask.headers["Idempotency-Key"] == "R20260000001n1a1"
    assert ask.content == _stripe(peer).prepare(_transfer()).content


def test_a_list_without_the_number_is_kept_as_the_proof_of_that() -> None:
    answer = _stripe(Peer([_listed(_refund(metadata={}))])).query(_transfer())
    assert answer.outcome is Outcome.NOT_FOUND
    assert json.loads(answer.raw)["data"][0]["id"] == "re_1"


def test_a_refund_under_the_number_is_not_asked_for_again() -> None:
    other = _refund(metadata={"refund_no": "R9"}, id="re_9")
    peer = Peer([_listed(other, more=True), _listed(_refund())])
    assert _stripe(peer).send(_transfer()).outcome is Outcome.SUCCESS
    assert [request.method for request in peer.asked] == ["GET", "GET"]
    assert peer.asked[1].url.params["starting_after"] == "re_9"


@pytest.mark.parametrize(
    "answer", [_says({"error": {}}, 500), httpx.ReadTimeout("slow"), _says({"data": "x"})]
)
def test_without_an_answer_to_the_look_up_nothing_is_sent(answer: Say | Exception) -> None:
    peer = Peer([answer])
    assert _stripe(peer).send(_transfer()).outcome is Outcome.BUSY
    assert len(peer.asked) == 1


def test_two_refunds_under_one_number_are_shown_to_a_person() -> None:
    answer = _stripe(Peer([_listed(_refund(), _refund(id="re_2"))])).query(_transfer())
    assert (answer.outcome, answer.code, answer.amount_fen) == (Outcome.UNKNOWN, "MISMATCH", 2400)


@pytest.mark.parametrize("change", [{"amount": 1201}, {"currency": "usd"}])
def test_another_sum_or_currency_is_shown_to_a_person(change: dict[str, Any]) -> None:
    answer = _stripe(Peer([_listed(_refund(**change))])).query(_transfer())
    assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "MISMATCH")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("pending", Outcome.PROCESSING),
        ("requires_action", Outcome.PROCESSING),
        ("failed", Outcome.CLOSED),
        ("canceled", Outcome.CLOSED),
        ("strange", Outcome.UNKNOWN),
    ],
)
def test_every_status_is_read(status: str, outcome: Outcome) -> None:
    answer = _stripe(Peer([_listed(_refund(status=status))])).query(_transfer())
    assert answer.outcome is outcome


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (400, {"type": "invalid_request_error", "code": "charge_already_refunded"}, "REFUSED"),
        (400, {"type": "invalid_request_error", "code": "balance_insufficient"}, "NOT_ENOUGH"),
        (409, {"type": "idempotency_error", "code": "idempotency_key_in_use"}, "BUSY"),
        (429, {"type": "invalid_request_error", "code": "rate_limit"}, "BUSY"),
        (401, {"type": "invalid_request_error"}, "UNKNOWN"),
        (500, {"type": "api_error"}, "UNKNOWN"),
    ],
)
def test_errors_are_told_apart(status: int, error: dict[str, str], outcome: str) -> None:
    answer = _stripe(Peer([_listed(), _says({"error": error}, status)])).send(_transfer())
    assert answer.outcome == outcome


def test_a_payout_is_not_available() -> None:
    with pytest.raises(NotAvailable):
        _stripe(Peer()).prepare(_transfer(kind="PAYOUT"))


def _notice(fields: dict[str, Any], stamp: str = STAMP, secret: str = "whsec_test") -> Any:
    content = json.dumps(fields).encode()
    header = f"t={stamp},v1={stripe_signature(secret, stamp, content)}"
    return _stripe(Peer()).read_notice({"stripe-signature": header}, content, NOW)


def test_a_webhook_tells_of_a_refund_that_failed_later() -> None:
    failed = _refund(status="failed", failure_reason="expired_or_canceled_card")
    event = {"id": "evt_1", "type": "refund.failed", "data": {"object": failed}}
    notice = _notice(event)
    assert (notice.id, notice.answer.outcome) == ("evt_1", Outcome.CLOSED)
    assert notice.answer.code == "expired_or_canceled_card"
    assert _notice({"type": "charge.updated", "data": {"object": {}}}).answer.number == ""
    with pytest.raises(Forged):
        _notice(event, stamp=str(int(STAMP) - 300))
    with pytest.raises(Forged):
        _notice(event, secret="whsec_other")


def test_a_notice_in_another_currency_is_no_success() -> None:
    event = {"id": "evt_2", "data": {"object": _refund(currency="usd")}}
    answer = _notice(event).answer
    assert (answer.outcome, answer.code) == (Outcome.UNKNOWN, "MISMATCH")


def test_a_days_refunds_are_listed() -> None:
    strays = _refund(created=int(STAMP) - 86400), _refund(created=int(STAMP) + 86400)
    day, before = date(2026, 11, 22), Stripe(ACCOUNT, Peer().caller(), lambda: NOW)
    with pytest.raises(BillNotReady):
        before.bill(day)
    peer = Peer([_listed(_refund(), *strays)])
    after = Stripe(ACCOUNT, peer.caller(), lambda: NOW.replace(day=23))
    bill = after.bill(day)
    rows = [(row.number, row.amount_fen, row.state) for row in bill.rows]
    assert rows == [("R20260000001n1a1", 1200, "SUCCESS")]
    assert len(bill.digest) == 64


@pytest.mark.parametrize(
    ("theirs", "state"),
    [("pending", "PROCESSING"), ("failed", "CLOSED"), ("canceled", "CLOSED"), ("odd", "UNKNOWN")],
)
def test_a_line_of_the_list_has_the_state_that_an_answer_would_have(
    theirs: str, state: str
) -> None:
    assert bill_row(1, _refund(status=theirs)).state == state


@pytest.fixture(scope="module")
def localstripe(free_port: int) -> Iterator[StripeAccount]:
    """A server of its own, and a Stripe account on it."""
    program = [sys.executable, "-c", SERVER, str(free_port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(program, stdout=quiet, stderr=quiet) as process:
        base = f"http://127.0.0.1:{free_port}"
        try:
            _wait(base)
            yield replace(ACCOUNT, base=base)
        finally:
            process.kill()


def _wait(base: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            httpx.get(f"{base}/v1/refunds", timeout=10, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("localstripe did not start")


@pytest.fixture
def charged(localstripe: StripeAccount) -> str:
    """The number of a payment of 50.00."""
    key = {"Authorization": "Bearer sk_test_12345"}
    with httpx.Client(base_url=localstripe.base, headers=key, timeout=120) as client:

        def post(path: str, **data: str) -> dict[str, Any]:
            fields: dict[str, Any] = client.post(path, data=data).raise_for_status().json()
            return fields

        card = {
            "type": "card",
            "card[number]": "4242424242424242",
            "card[exp_month]": "12",
            "card[exp_year]": "2030",
            "card[cvc]": "123",
        }
        customer = post("/v1/customers")["id"]
        method = post("/v1/payment_methods", **card)["id"]
        post(f"/v1/payment_methods/{method}/attach", customer=customer)
        payment = post(
            "/v1/payment_intents",
            amount="5000",
            currency="cny",
            customer=customer,
            payment_method=method,
            confirm="true",
        )
        return str(payment["id"])


def test_localstripe_refunds_once_although_it_forgets_keys(
    localstripe: StripeAccount, charged: str
) -> None:
    caller = Caller(open_client)
    stripe, transfer = Stripe(localstripe, caller, lambda: NOW), _transfer(provider_txn=charged)
    assert stripe.query(transfer).outcome is Outcome.NOT_FOUND
    first = stripe.send(transfer)
    assert (first.outcome, first.amount_fen) == (Outcome.SUCCESS, 1200)
    again = [stripe.send(transfer) for _ in range(3)]
    assert {answer.provider_ref for answer in again} == {first.provider_ref}
    second = replace(transfer, number="R20260000001n2a1", amount_fen=300)
    assert stripe.send(second).outcome is Outcome.SUCCESS
    listed = caller.call(
        "GET",
        f"{localstripe.base}/v1/refunds?payment_intent={charged}",
        {"Authorization": "Bearer sk_test_12345"},
    )
    assert sorted(refund["amount"] for refund in json.loads(listed.content)["data"]) == [300, 1200]
    caller.close()


def test_localstripe_itself_would_have_paid_twice(localstripe: StripeAccount, charged: str) -> None:
    """What the look-up is for: the same key, blindly repeated."""
    caller, transfer = Caller(open_client), _transfer(provider_txn=charged)
    stripe = Stripe(localstripe, caller, lambda: NOW)
    prepared = stripe.prepare(transfer)
    headers = {
        "Authorization": "Bearer sk_test_12345",
        "Content-Type": "application/x-www-form-urlencoded",
        "Idempotency-Key": transfer.number,
    }
    for _ in range(2):
        reply = caller.call("POST", localstripe.base + prepared.path, headers, prepared.content)
        assert reply.status == 200
    twice = stripe.query(transfer)
    assert (twice.outcome, twice.code, twice.amount_fen) == (Outcome.UNKNOWN, "MISMATCH", 2400)
    caller.close()
