"""WeChat's replies read as facts. Pure: a reply, and whether it is signed, becomes an Answer.

Codes: pay.weixin.qq.com/doc/v3/merchant/4012791903 and the pages of each interface.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.providers.calling import Reply
from portal.providers.conversions import fields_of, text_of, universal, whole_fen
from portal.providers.reading import MISMATCH, differing, unclear
from portal.providers.values import Answer, Outcome, Transfer

REFUND_STATES = {
    "SUCCESS": Outcome.SUCCESS,
    "PROCESSING": Outcome.PROCESSING,
    "ABNORMAL": Outcome.ABNORMAL,
    "CLOSED": Outcome.CLOSED,
}
# A transfer that failed never runs again under its number.
TRANSFER_STATES = {
    "SUCCESS": Outcome.SUCCESS,
    "FAIL": Outcome.CLOSED,
    "CANCELLED": Outcome.CLOSED,
    **dict.fromkeys(
        ("ACCEPTED", "PROCESSING", "WAIT_USER_CONFIRM", "TRANSFERING", "CANCELING"),
        Outcome.PROCESSING,
    ),
}
# Of a platform's refund; to ask for the platform's money only permits it.
PAYERS = {
    "REFUND_SOURCE_SUB_MERCHANT": "MERCHANT",
    "REFUND_SOURCE_PARTNER_ADVANCE": "PLATFORM",
}
ROUTES = {"ORIGINAL", "BALANCE", "OTHER_BALANCE", "OTHER_BANKCARD"}
BUSY = {"FREQUENCY_LIMITED", "FREQUENCY_LIMIT_EXCEED", "RATELIMIT_EXCEEDED", "RATE_LIMITED"}
# Their own trouble: the request may have been carried out before it broke.
BROKEN = {"SYSTEM_ERROR", "BANK_ERROR", "BIZ_ERR_NEED_RETRY"}
ABSENT = {"RESOURCE_NOT_EXISTS", "NOT_FOUND", "RECORD_NOT_EXISTS"}


def read_refund(reply: Reply, verified: bool, transfer: Transfer, query: bool = False) -> Answer:
    """A refund that was asked for or after."""
    if not 200 <= reply.status < 300:
        return read_error(reply, verified, transfer, query)
    fields = fields_of(reply.content)
    if not verified or not fields:
        return unclear(transfer, reply, "SIGNATURE" if not verified else "GARBAGE", verified)
    # The answer to an e-commerce request has no state: it is taken, and no more is known.
    return _bound(refund_of(fields, reply, "status", "PROCESSING"), reply, transfer)


def read_transfer(reply: Reply, verified: bool, transfer: Transfer, query: bool = False) -> Answer:
    """A transfer to the payer; the answer to its creation repeats no sum."""
    if not 200 <= reply.status < 300:
        return read_error(reply, verified, transfer, query)
    fields = fields_of(reply.content)
    if not verified or not fields:
        return unclear(transfer, reply, "SIGNATURE" if not verified else "GARBAGE", verified)
    if not query:
        fields.setdefault("transfer_amount", transfer.amount_fen)
    return _bound(transfer_of(fields, reply), reply, transfer)


def refund_of(
    fields: Mapping[str, Any], reply: Reply, state_field: str, otherwise: str = ""
) -> Answer:
    """A refund as an answer or an opened notice tells it; UNKNOWN where a field is broken."""
    amount = fields.get("amount")
    amount = amount if isinstance(amount, dict) else {}
    number, state = text_of(fields, "out_refund_no"), text_of(fields, state_field) or otherwise
    try:
        refund = whole_fen(amount.get("refund"))
        cash = whole_fen(amount.get("payer_refund", refund))
    except ValueError:
        return Answer(Outcome.UNKNOWN, number, reply.content, reply.status, True, code="GARBAGE")
    channel = text_of(fields, "channel")
    foreign = amount.get("currency", "CNY") != "CNY"  # of such a sum nothing is believed
    return Answer(
        Outcome.UNKNOWN if foreign else REFUND_STATES.get(state, Outcome.UNKNOWN),
        number,
        reply.content,
        reply.status,
        verified=True,
        provider_ref=text_of(fields, "refund_id"),
        provider_at=universal(fields.get("success_time")),
        amount_fen=refund,
        cash_fen=min(cash, refund),
        coupon_fen=refund - min(cash, refund),
        route=channel if channel in ROUTES else "",
        payer=PAYERS.get(text_of(fields, "refund_account"), ""),
        code=MISMATCH if foreign else "" if state in REFUND_STATES else state or "GARBAGE",
    )


def transfer_of(fields: Mapping[str, Any], reply: Reply) -> Answer:
    """A transfer as an answer or an opened notice tells it; Douyin's write the sum as text."""
    state, amount = text_of(fields, "state"), fields.get("transfer_amount")
    if isinstance(amount, str) and amount.isascii() and amount.isdigit() and len(amount) < 16:
        amount = int(amount)
    number = text_of(fields, "out_bill_no")
    try:
        fen = whole_fen(amount)
    except ValueError:
        return Answer(Outcome.UNKNOWN, number, reply.content, reply.status, True, code="GARBAGE")
    outcome = TRANSFER_STATES.get(state, Outcome.UNKNOWN)
    done = outcome is Outcome.SUCCESS
    at = universal(fields.get("update_time")) or universal(fields.get("create_time"))
    return Answer(
        outcome,
        number,
        reply.content,
        reply.status,
        verified=True,
        provider_ref=text_of(fields, "transfer_bill_no"),
        provider_at=at if done else "",
        amount_fen=fen,
        cash_fen=fen,
        arrived=done,  # a transfer lands in the wallet
        code="" if done else (text_of(fields, "fail_reason") or state)[:64],
    )


def read_error(reply: Reply, verified: bool, transfer: Transfer, query: bool) -> Answer:
    """An error. Without a signature it is at most a reason to come back later."""
    code = text_of(fields_of(reply.content), "code", 64) or f"HTTP_{reply.status}"
    outcome = Outcome.UNKNOWN
    if reply.status == 429 or (verified and code in BUSY):
        outcome = Outcome.BUSY
    elif verified and reply.status < 500 and code not in BROKEN:
        outcome = _refusal(code, reply.status, query)
    return Answer(outcome, transfer.number, reply.content, reply.status, verified, code=code)


def read_no_payer(reply: Reply, verified: bool, transfer: Transfer) -> Answer:
    """A look-up that named no payer, so that nothing was sent. Only a signed word refuses."""
    if verified and reply.status == 200 and fields_of(reply.content):
        raw = reply.content
        return Answer(Outcome.REFUSED, transfer.number, raw, 200, True, code="PAYER_UNKNOWN")
    error = read_error(reply, verified, transfer, query=False)
    if error.outcome is not Outcome.REFUSED:
        return replace(error, outcome=Outcome.BUSY, code="PAYER_UNKNOWN")
    return replace(error, code="PAYER_UNKNOWN") if error.code in ABSENT else error


def _refusal(code: str, status: int, query: bool) -> Outcome:
    if query:  # that a question was refused says nothing of the money
        absent = status == 404 and code in ABSENT
        return Outcome.NOT_FOUND if absent else Outcome.UNKNOWN
    if not 400 <= status < 500:
        return Outcome.UNKNOWN
    return Outcome.NOT_ENOUGH if code == "NOT_ENOUGH" else Outcome.REFUSED


def _bound(answer: Answer, reply: Reply, transfer: Transfer) -> Answer:
    if answer.code == "GARBAGE":
        return unclear(transfer, reply, "GARBAGE", verified=True)
    if (answer.number, answer.amount_fen) != (transfer.number, transfer.whole_fen):
        return differing(transfer, reply, answer.amount_fen, answer.provider_ref)
    return answer
