"""The platform's own purse, by signed webhooks in both directions."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook

from portal.providers.balance import Balance
from portal.providers.settings import BalanceAccount
from portal.providers.signing import holds_webhook, webhook_key, webhook_signature
from portal.providers.values import Forged, NotAvailable, Outcome
from tests.portal.providers.peers import NOW, STAMP, Peer, Say, a_transfer

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = webhook_key(SECRET)
DONE = {
    "number": "R20260000001n1a1",
    "state": "SUCCESS",
    "amount_fen": 1200,
    "cash_fen": 1000,
    "coupon_fen": 200,
    "reference": "B1",
    "succeeded_at": "2026-11-22T08:00:00Z",
}


def _balance(peer: Peer) -> Balance:
    return Balance(BalanceAccount("https://shop.example/purse", KEY), peer.caller(), lambda: NOW)


def _headers(content: bytes, key: bytes = KEY, stamp: str = STAMP) -> dict[str, str]:
    signature = webhook_signature(key, "msg_1", stamp, content)
    return {"webhook-id": "msg_1", "webhook-timestamp": stamp, "webhook-signature": signature}


def _says(fields: object, status: int = 200, **how: Any) -> Say:
    content = json.dumps(fields).encode()
    return lambda _r: httpx.Response(status, content=content, headers=_headers(content, **how))


def _answer(answer: Say, query: bool = False, **changes: Any) -> Any:
    balance = _balance(Peer([answer]))
    return (balance.query if query else balance.send)(a_transfer(**changes))


def test_a_request_is_signed_as_standard_webhooks_are() -> None:
    peer = Peer([_says(DONE)])
    answer = _balance(peer).send(a_transfer())
    assert (answer.outcome, answer.cash_fen, answer.coupon_fen) == (Outcome.SUCCESS, 1000, 200)
    request = peer.asked[0]
    assert holds_webhook(KEY, dict(request.headers), request.content, NOW)
    assert request.content == _balance(peer).prepare(a_transfer()).content


def test_their_own_library_makes_the_same_signature() -> None:
    theirs = Webhook(SECRET).sign("msg_1", NOW, "payload")
    assert webhook_signature(KEY, "msg_1", STAMP, b"payload") == theirs


@pytest.mark.parametrize("kind", ["REFUND", "PAYOUT", "COUPON"])
def test_each_kind_has_its_word(kind: str) -> None:
    prepared = _balance(Peer()).prepare(a_transfer(kind=kind))
    assert json.loads(prepared.content)["type"] == kind.lower()


@pytest.mark.parametrize(
    "answer",
    [
        _says(DONE, key=b"another key of the right length"),
        _says(DONE, stamp=str(int(STAMP) + 300)),
        lambda _r: httpx.Response(200, json=DONE),
        _says(DONE, 500),
        _says([]),
        _says({**DONE, "state": "UNKNOWN"}),
        _says({**DONE, "state": "NOT_FOUND"}),
        _says({**DONE, "cash_fen": 1200}),
        _says({**DONE, "amount_fen": "1200"}),
    ],
)
def test_what_proves_nothing_is_unknown(answer: Say) -> None:
    assert _answer(answer).outcome is Outcome.UNKNOWN


def test_another_sum_or_number_is_shown_to_a_person() -> None:
    more = {**DONE, "amount_fen": 1300, "cash_fen": 1100}
    assert _answer(_says(more)).code == "MISMATCH"
    assert _answer(_says({**DONE, "number": "R9"})).code == "MISMATCH"


@pytest.mark.parametrize(
    "state", ["PROCESSING", "CLOSED", "ABNORMAL", "REFUSED", "NOT_ENOUGH", "BUSY"]
)
def test_every_state_is_read(state: str) -> None:
    assert _answer(_says({**DONE, "state": state}, 400)).outcome == state


def test_a_question_may_find_nothing_and_moves_nothing() -> None:
    assert _answer(_says({**DONE, "state": "NOT_FOUND"}), query=True).outcome is Outcome.NOT_FOUND
    assert _answer(_says({**DONE, "state": "REFUSED"}), query=True).outcome is Outcome.UNKNOWN


def test_a_notice_is_verified_and_read() -> None:
    content = json.dumps({"type": "refund.updated", "data": DONE}).encode()
    notice = _balance(Peer()).read_notice(_headers(content), content, NOW)
    assert (notice.id, notice.answer.number) == ("msg_1", DONE["number"])
    for headers in (_headers(content, stamp=str(int(STAMP) - 300)), {}, _headers(b"other")):
        with pytest.raises(Forged):
            _balance(Peer()).read_notice(headers, content, NOW)


def test_there_is_no_bill_and_no_unknown_kind() -> None:
    with pytest.raises(NotAvailable):
        _balance(Peer()).bill(NOW.date())
    with pytest.raises(NotAvailable):
        _balance(Peer()).prepare(a_transfer(kind="GIFT"))
