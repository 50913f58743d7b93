"""WeChat Pay: what is sent, and what each answer, notice and bill is worth."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.providers.signing import holds_rsa, wechat_request
from portal.providers.values import (
    BankCard,
    Forged,
    NotAvailable,
    Outcome,
    Recourse,
)
from tests.portal.providers.peers import (
    NOW,
    STAMP,
    Peer,
    Say,
    a_key,
    a_refund,
    a_transfer,
    says,
    sealed_notice,
    stamped,
    wechat,
)


def _answer(*answers: Say | Exception, query: bool = False, **changes: Any) -> Any:
    provider = wechat(Peer(list(answers)))
    return (provider.query if query else provider.send)(a_transfer(**changes))


def test_a_refund_is_signed_and_its_bytes_never_change() -> None:
    peer = Peer([says(a_refund(status="PROCESSING")), says(a_refund())])
    provider, transfer = wechat(peer), a_transfer()
    assert provider.send(transfer).outcome is Outcome.PROCESSING
    assert provider.send(transfer).outcome is Outcome.SUCCESS
    first, second = peer.asked
    assert first.content == second.content == provider.prepare(transfer).content
    assert first.headers["Authorization"] != second.headers["Authorization"]
    fields = dict(
        part.split("=", 1) for part in first.headers["Authorization"].split(" ", 1)[1].split(",")
    )
    text = wechat_request("POST", first.url.path, STAMP, fields["nonce_str"][1:-1], first.content)
    assert holds_rsa(a_key("ours").public_key(), text, fields["signature"][1:-1])


def test_the_digest_differs_with_everything_that_matters() -> None:
    provider = wechat(Peer())
    digests = {
        provider.prepare(a_transfer(**change)).digest
        for change in (
            {},
            {"number": "R1a2"},
            {"amount_fen": 1201},
            {"provider_txn": "4200002"},
            {"advance": True},
            {"kind": "PAYOUT"},
        )
    }
    assert len(digests) == 6


def test_a_success_carries_time_route_and_what_the_payer_sees() -> None:
    answer = _answer(says(a_refund()))
    assert (answer.outcome, answer.verified) == (Outcome.SUCCESS, True)
    assert (answer.amount_fen, answer.cash_fen, answer.coupon_fen) == (1200, 1000, 200)
    assert (answer.provider_ref, answer.route) == ("50300", "ORIGINAL")
    assert answer.provider_at == "2026-11-22T08:00:00.000Z"


@pytest.mark.parametrize(
    ("said", "payer"),
    [("SUB_MERCHANT", "MERCHANT"), ("PARTNER_ADVANCE", "PLATFORM"), ("SOMEBODY", ""), ("", "")],
)
def test_a_refund_says_whose_money_it_was(said: str, payer: str) -> None:
    account = {"refund_account": f"REFUND_SOURCE_{said}"} if said else {}
    assert _answer(says(a_refund(**account)), query=True, advance=True).payer == payer


@pytest.mark.parametrize("state", ["PROCESSING", "ABNORMAL", "CLOSED"])
def test_every_state_is_read(state: str) -> None:
    assert _answer(says(a_refund(status=state)), query=True).outcome == state


def _unsigned(status: int, fields: object) -> Say:
    return lambda _request: httpx.Response(status, json=fields)


@pytest.mark.parametrize(
    "answer",
    [
        says(a_refund(), key="strange"),
        says(a_refund(), stamp=str(int(STAMP) - 300)),
        says(a_refund(), stamp="x"),
        _unsigned(200, a_refund()),
        _unsigned(403, {"code": "NOT_ENOUGH"}),
        _unsigned(400, {"code": "PARAM_ERROR"}),
        _unsigned(302, {}),
        says({"code": "SYSTEM_ERROR"}, 500),
        says({"code": "SYSTEM_ERROR"}, 403),
        says(b"not json"),
        says(b"[]"),
        says(a_refund(amount="x")),
        says(a_refund(amount={"refund": 1200.0})),
        says(a_refund(status="STRANGE")),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("away"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_what_proves_nothing_is_unknown(answer: Say | Exception) -> None:
    assert _answer(answer).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        ("NOT_ENOUGH", 403, Outcome.NOT_ENOUGH),
        ("FREQUENCY_LIMITED", 429, Outcome.BUSY),
        ("USER_ACCOUNT_ABNORMAL", 403, Outcome.REFUSED),
        ("INVALID_REQUEST", 400, Outcome.REFUSED),
        ("RESOURCE_NOT_EXISTS", 404, Outcome.REFUSED),
    ],
)
def test_a_signed_refusal_of_a_request_is_believed(
    code: str, status: int, outcome: Outcome
) -> None:
    assert _answer(says({"code": code}, status)).outcome is outcome


def test_not_found_needs_a_signature() -> None:
    absent = {"code": "RESOURCE_NOT_EXISTS"}
    assert _answer(says(absent, 404), query=True).outcome is Outcome.NOT_FOUND
    assert _answer(_unsigned(404, absent), query=True).outcome is Outcome.UNKNOWN
    assert _answer(says({"code": "NO_AUTH"}, 403), query=True).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "change",
    [
        {"out_refund_no": "R20260000009n1a1"},
        {"amount": {"refund": 1201, "payer_refund": 1201}},
        {"amount": {"refund": 1, "payer_refund": 1}},
        {"amount": {"refund": 1200, "payer_refund": 1200, "currency": "HKD"}},
    ],
)
def test_a_signed_answer_about_something_else_is_shown_to_a_person(change: dict[str, Any]) -> None:
    answer = _answer(says(a_refund(**change)))
    assert (answer.outcome, answer.code, answer.verified) == (Outcome.UNKNOWN, "MISMATCH", True)
    assert answer.amount_fen > 0


def test_an_advance_of_a_platform_contract_names_its_source() -> None:
    taken = {"refund_id": "50300", "out_refund_no": "R20260000001n1a1", "amount": {"refund": 1200}}
    peer = Peer([says(taken), says(a_refund())])
    provider, transfer = wechat(peer, ecommerce=True), a_transfer(advance=True, sub_merchant="19")
    assert provider.send(transfer).outcome is Outcome.PROCESSING
    sent = json.loads(peer.asked[0].content)
    assert sent["refund_account"] == "REFUND_SOURCE_PARTNER_ADVANCE"
    assert provider.query(transfer).outcome is Outcome.SUCCESS
    assert peer.asked[1].url.path.endswith("/out-refund-no/R20260000001n1a1")
    assert peer.asked[1].url.params["sub_mchid"] == "19"


def test_an_advance_can_be_taken_back() -> None:
    back = {"advance_return_id": "A1", "return_amount": 1200, "result": "PROCESSING"}
    peer = Peer(
        [says(back), says({**back, "result": "SUCCESS"}), says({**back, "return_amount": 1201})]
    )
    provider, transfer = wechat(peer, ecommerce=True), a_transfer(sub_merchant="19")
    assert isinstance(provider, Recourse)
    assert provider.return_advance(transfer, "50300").outcome is Outcome.PROCESSING
    assert provider.returned_advance(transfer, "50300").outcome is Outcome.SUCCESS
    assert provider.returned_advance(transfer, "50300").code == "MISMATCH"
    with pytest.raises(NotAvailable):
        wechat(Peer()).return_advance(transfer, "50300")
    with pytest.raises(NotAvailable):
        provider.return_advance(transfer, "../certificates")


def test_a_card_after_an_abnormal_refund_is_sealed() -> None:
    peer = Peer([says(a_refund(status="PROCESSING")), says(a_refund(status="PROCESSING"))])
    number = "6222020000000000"
    provider, card = wechat(peer), BankCard("ICBC_DEBIT", number, "王小明")
    assert provider.abnormal(a_transfer(), "50300", card).outcome is Outcome.PROCESSING
    assert provider.abnormal(a_transfer(), "50300", None).outcome is Outcome.PROCESSING
    first, second = (json.loads(request.content) for request in peer.asked)
    assert (first["type"], second["type"]) == ("USER_BANK_CARD", "MERCHANT_BANK_CARD")
    assert number.encode() not in peer.asked[0].content
    assert "6222" not in repr(card)
    assert len(first["bank_account"]) == 344


def test_a_payout_goes_to_who_paid_and_the_ledger_never_learns_who() -> None:
    done = {"out_bill_no": "R20260000001p1a1", "transfer_bill_no": "13", "state": "ACCEPTED"}
    peer = Peer([says({"payer": {"openid": "oUser"}}), says(done)])
    provider = wechat(peer)
    transfer = a_transfer(kind="PAYOUT", number="R20260000001p1a1")
    assert provider.send(transfer).outcome is Outcome.PROCESSING
    assert json.loads(peer.asked[1].content)["openid"] == "oUser"
    assert b"oUser" not in provider.prepare(transfer).content


def test_a_payout_whose_payer_is_unknown_is_not_sent() -> None:
    peer = Peer([_unsigned(200, {"payer": {"openid": "oThief"}})])
    answer = wechat(peer).send(a_transfer(kind="PAYOUT"))
    assert (answer.outcome, answer.code) == (Outcome.BUSY, "PAYER_UNKNOWN")
    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    ("said", "outcome", "code"),
    [
        (says({"code": "RESOURCE_NOT_EXISTS"}, 404), Outcome.REFUSED, "PAYER_UNKNOWN"),
        (says({"trade_state": "SUCCESS"}), Outcome.REFUSED, "PAYER_UNKNOWN"),
        (says({"code": "NO_AUTH"}, 403), Outcome.REFUSED, "NO_AUTH"),
        (says({"code": "SYSTEM_ERROR"}, 500), Outcome.BUSY, "PAYER_UNKNOWN"),
        (_unsigned(404, {"code": "RESOURCE_NOT_EXISTS"}), Outcome.BUSY, "PAYER_UNKNOWN"),
        (httpx.ConnectError("nobody"), Outcome.BUSY, "PAYER_UNKNOWN"),
    ],
)
def test_only_a_signed_word_says_for_good_that_nobody_can_be_paid(
    said: Any, outcome: Outcome, code: str
) -> None:
    answer = _answer(said, kind="PAYOUT")
    assert (answer.outcome, answer.code) == (outcome, code)


@pytest.mark.parametrize("number", ["", "../certificates", "1?x=1", "1/2", "１"])
def test_a_number_that_would_lead_elsewhere_is_not_asked_after(number: str) -> None:
    peer = Peer()
    with pytest.raises(NotAvailable):
        wechat(peer).send(a_transfer(kind="PAYOUT", provider_txn=number))
    with pytest.raises(NotAvailable):
        wechat(peer, ecommerce=True).send(a_transfer(sub_merchant=number))
    assert not peer.asked


def test_a_transfer_that_failed_is_closed() -> None:
    failed = {"out_bill_no": "P1", "transfer_amount": 1200, "state": "FAIL", "fail_reason": "X"}
    answer = _answer(says(failed), query=True, kind="PAYOUT", number="P1")
    assert (answer.outcome, answer.code) == (Outcome.CLOSED, "X")


def _notice(content: bytes, headers: dict[str, str] | None = None) -> Any:
    return wechat(Peer()).read_notice(headers or stamped(content), content, NOW)


def _about(**changes: Any) -> dict[str, Any]:
    return {**a_refund(), "mchid": "1900000001", "refund_status": "SUCCESS", **changes}


def test_a_notice_is_opened_and_read() -> None:
    notice = _notice(sealed_notice(_about()))
    assert (notice.id, notice.answer.outcome) == ("EV1", Outcome.SUCCESS)
    assert (notice.answer.number, notice.answer.amount_fen) == ("R20260000001n1a1", 1200)


def test_a_notice_of_another_key_merchant_hour_or_serial_is_forged() -> None:
    content = sealed_notice(_about())
    for headers in (
        stamped(content, key="strange"),
        stamped(content, stamp=str(int(STAMP) + 300)),
        {**stamped(content), "Wechatpay-Serial": "PUB_KEY_ID_OTHER"},
        {"x": "y"},
    ):
        with pytest.raises(Forged):
            _notice(content, headers)
    with pytest.raises(Forged, match="merchant"):
        _notice(sealed_notice(_about(mchid="2")))


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_a_signed_notice_of_strange_bytes_is_forged_and_nothing_worse(content: bytes) -> None:
    with pytest.raises(Forged):
        _notice(content)


def test_the_limits_are_the_published_ones() -> None:
    provider = wechat(Peer())
    assert (provider.spacing, provider.most_partials) == (timedelta(minutes=1), 50)
    assert (provider.quiet, provider.window) == (timedelta(minutes=1), timedelta(days=365))


def test_a_transfer_that_wants_a_name_waits_for_people() -> None:
    provider = wechat(Peer())
    assert provider.prepare(a_transfer(kind="PAYOUT", amount_fen=199_999))
    with pytest.raises(NotAvailable, match="real name"):
        provider.prepare(a_transfer(kind="PAYOUT", amount_fen=200_000))
    assert provider.prepare(a_transfer(amount_fen=200_000, total_fen=200_000))
