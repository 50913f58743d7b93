"""Alipay's replies read as facts. Pure.

Three traps: `code=10000` says only that the call was understood; `fund_change` other than Y is a
repetition or nothing at all; `refund_fee` is the sum of all refunds of the trade, `send_back_fee`
that of this one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.providers.alipay.gateway import Said
from portal.providers.conversions import fen_of, text_of, universal_from_beijing
from portal.providers.reading import differing, unclear
from portal.providers.values import Answer, Outcome, Transfer

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# Also with their misspelling AQC.
BROKEN = ("SYSTEM_ERROR", "isp.unknow-error", "aop.unknow-error", "isp.unknown-error")
BUSY = ("isv.app-call-limited", "app-call-limited", "FREQUENCY_LIMITED", "REQUEST_LIMITED")
SHORT = (
    "SELLER_BALANCE_NOT_ENOUGH",
    "PAYER_BALANCE_NOT_ENOUGH",
    "BALANCE_IS_NOT_ENOUGH",
    "MONEY_NOT_ENOUGH",
)
ABSENT = ("TRADE_NOT_EXIST", "REFUND_NOT_EXIST", "ORDER_NOT_EXIST", "NO_ORDER")
TRANSFER_STATES = {
    "SUCCESS": Outcome.SUCCESS,
    "DEALING": Outcome.PROCESSING,
    "WAIT_PAY": Outcome.PROCESSING,
    "INIT": Outcome.PROCESSING,
    "FAIL": Outcome.CLOSED,
    "CLOSED": Outcome.CLOSED,
    "REFUND": Outcome.CLOSED,  # the bank sent it back
}


def read_refund(said: Said, transfer: Transfer) -> Answer:
    """The answer to a request for money."""
    if not said.is_done:
        return read_error(said, transfer, query=False)
    fields = said.fields
    if text_of(fields, "fund_change") != "Y":
        return unclear(transfer, said.reply, "FUND_CHANGE_N", verified=True)
    back, reference = _fen(fields, "send_back_fee"), text_of(fields, "trade_no")
    other = transfer.provider_txn and reference != transfer.provider_txn
    if other or (back is not None and back > transfer.amount_fen):
        return differing(transfer, said.reply, back or 0, reference)
    if back != transfer.amount_fen:  # coupons, or not said: the query knows this refund's sum
        return _answer(said, transfer, Outcome.PROCESSING, reference, transfer.amount_fen, 0)
    return _answer(said, transfer, Outcome.SUCCESS, reference, back, back, "gmt_refund_pay")


def read_query(said: Said, transfer: Transfer) -> Answer:
    """What became of a number; a done call without a status never heard of it."""
    if not said.is_done:
        return read_error(said, transfer, query=True)
    fields = said.fields
    status, amount = text_of(fields, "refund_status"), _fen(fields, "refund_amount")
    reference = text_of(fields, "trade_no")
    if not status and amount is None:
        return _answer(said, transfer, Outcome.NOT_FOUND, reference, 0, 0)
    if amount is None:
        return unclear(transfer, said.reply, "GARBAGE", verified=True)
    if (text_of(fields, "out_request_no"), amount) != (transfer.number, transfer.amount_fen):
        return differing(transfer, said.reply, amount, reference)
    if status != "REFUND_SUCCESS":
        working = "PROCESS" in status or status == "REFUND_WAIT"
        outcome = Outcome.PROCESSING if working else Outcome.UNKNOWN
        return _answer(said, transfer, outcome, reference, amount, amount, code=status or "SILENT")
    back = _fen(fields, "send_back_fee")
    cash = amount if back is None else min(back, amount)
    return with_bank(
        _answer(said, transfer, Outcome.SUCCESS, reference, amount, cash, "gmt_refund_pay"),
        fields.get("deposit_back_info"),
    )


def read_transfer(said: Said, transfer: Transfer, query: bool = False) -> Answer:
    """A transfer to the payer; the answer to its creation repeats no sum."""
    if not said.is_done:
        return read_error(said, transfer, query)
    fields, amount = said.fields, _fen(said.fields, "trans_amount")
    if amount is None and not query:
        amount = transfer.amount_fen
    if amount is None:
        return unclear(transfer, said.reply, "GARBAGE", verified=True)
    reference = text_of(fields, "order_id")
    if (text_of(fields, "out_biz_no"), amount) != (transfer.number, transfer.amount_fen):
        return differing(transfer, said.reply, amount, reference)
    state = text_of(fields, "status")
    outcome = TRANSFER_STATES.get(state, Outcome.UNKNOWN)
    at = "pay_date" if fields.get("pay_date") else "trans_date"
    done = outcome is Outcome.SUCCESS
    return _answer(
        said, transfer, outcome, reference, amount, amount, at if done else "", arrived=done,
        code="" if done else text_of(fields, "error_code", 64) or state,
    )  # fmt: skip


def read_error(said: Said, transfer: Transfer, query: bool) -> Answer:
    """An error; one that is not signed proves nothing."""
    reply, code = said.reply, said.code
    if not said.verified:
        busy = reply.status == 429
        outcome = Outcome.BUSY if busy else Outcome.UNKNOWN
        why = "SIGNATURE" if said.fields else f"HTTP_{reply.status}"
        return Answer(outcome, transfer.number, reply.content, reply.status, code=why)
    outcome = Outcome.UNKNOWN
    if _is_one_of(code, BUSY):
        outcome = Outcome.BUSY
    elif not _is_one_of(code, BROKEN) and text_of(said.fields, "code") != "20000":
        outcome = _refusal(said, query)
    return Answer(outcome, transfer.number, reply.content, reply.status, True, code=code)


def read_no_payer(said: Said, transfer: Transfer) -> Answer:
    """A look-up that named no payer, so that nothing was sent. Only a signed word refuses."""
    if said.is_done:
        raw, status = said.reply.content, said.reply.status
        return Answer(Outcome.REFUSED, transfer.number, raw, status, True, code="PAYER_UNKNOWN")
    error = read_error(said, transfer, query=False)
    if error.outcome is not Outcome.REFUSED:
        return replace(error, outcome=Outcome.BUSY, code="PAYER_UNKNOWN")
    return replace(error, code="PAYER_UNKNOWN") if _is_one_of(error.code, ABSENT) else error


def with_bank(answer: Answer, leg: object) -> Answer:
    """The bank's part: arrived, expected on a day, or failed and fallen to the Alipay balance."""
    if not isinstance(leg, dict) or str(leg.get("has_deposit_back", "true")).lower() != "true":
        return answer
    status = text_of(leg, "dback_status")
    if status == "F":
        return replace(answer, route="BALANCE", code="DBACK_F")
    day = text_of(leg, "est_bank_receipt_time")[:10]
    return replace(answer, arrived=status == "S", arrives_by=day if _DAY.fullmatch(day) else "")


def _refusal(said: Said, query: bool) -> Outcome:
    if query:
        return Outcome.NOT_FOUND if _is_one_of(said.code, ABSENT) else Outcome.UNKNOWN
    if text_of(said.fields, "code") not in ("40004", "40006"):
        return Outcome.UNKNOWN
    return Outcome.NOT_ENOUGH if _is_one_of(said.code, SHORT) else Outcome.REFUSED


def _is_one_of(code: str, words: tuple[str, ...]) -> bool:
    return code in words or code.rpartition(".")[2] in words


def _fen(fields: Mapping[str, Any], name: str) -> int | None:
    try:
        fen = fen_of(fields.get(name))
    except ValueError:
        return None
    return fen if fen >= 0 else None


def _answer(
    said: Said,
    transfer: Transfer,
    outcome: Outcome,
    reference: str,
    amount_fen: int,
    cash_fen: int,
    at: str = "",
    arrived: bool = False,
    code: str = "",
) -> Answer:
    paid = outcome is Outcome.SUCCESS
    return Answer(
        outcome,
        transfer.number,
        said.reply.content,
        said.reply.status,
        verified=True,
        provider_ref=reference,
        provider_at=universal_from_beijing(said.fields.get(at)) if at else "",
        amount_fen=amount_fen,
        cash_fen=cash_fen,
        coupon_fen=amount_fen - cash_fen if paid else 0,
        route="ORIGINAL" if paid and transfer.kind == "REFUND" else "",
        arrived=arrived,
        code=code,
    )
