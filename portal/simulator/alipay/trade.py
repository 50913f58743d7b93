"""Refunds of a trade, and what became of them.

`code` 10000 says that the call was carried out, `fund_change` whether money moved for it, and
`refund_fee` how much of the trade was refunded by now: all refunds together.
"""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from typing import Any

from portal.simulator.alipay.gateway import NAME, Call, done, malformed, refused
from portal.simulator.bank import (
    DEPOSIT_DUE,
    DEPOSIT_FAILED,
    REFUND,
    SUCCESS,
    Move,
    Order,
    Terms,
    Why,
    find_move,
    moves_of,
    refunded_fen,
    submit,
)
from portal.simulator.faults import Fault
from portal.simulator.payments import Payment, find_payment
from portal.simulator.store import text_of, time_of
from portal.simulator.times import clock_text
from portal.simulator.wire import Act, Desk, Reply, digest_of
from portal.simulator.yuan import fen, yuan

TERMS = Terms(window=timedelta(days=365))
_BANK_TAKES = timedelta(days=3)
_DETAILS, _DEPOSIT = "refund_detail_item_list", "deposit_back_info"


def refund(desk: Desk, call: Call) -> Act:
    """alipay.trade.refund"""
    order = Order(
        provider=NAME,
        kind=REFUND,
        # Without a number of its own a refund is the trade's only one.
        number=call.text("out_request_no") or call.text("out_trade_no") or call.text("trade_no"),
        amount_fen=amount_in(call, "refund_amount"),
        digest=digest_of(call.content),
        provider_txn=call.text("trade_no"),
        merchant_txn=call.text("out_trade_no"),
        advance=bool(call.text("refund_advance_account")),
        reason=call.text("refund_reason"),
        notify_url=call.notify_url,
    )

    def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        if not call.text("out_request_no"):
            _must_be_whole(connection, order)
        move, made = submit(connection, order, TERMS, fault, desk.now())
        return done(_refunded(connection, move, made, _options(call)), applied=made)

    return act


def query(desk: Desk, call: Call) -> Act:
    """alipay.trade.fastpay.refund.query: without `refund_status` it was not received, or failed."""

    def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
        if _payment_of(connection, call) is None:
            raise refused(Why.NO_PAYMENT)
        move = find_move(connection, NAME, REFUND, call.text("out_request_no"))
        return done(_looked_up(move, _options(call)) if move else {})

    return act


def trade_query(desk: Desk, call: Call) -> Act:
    """alipay.trade.query"""

    def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
        payment = _payment_of(connection, call)
        if payment is None:
            raise refused(Why.NO_PAYMENT)
        return done(
            {
                "trade_no": payment.provider_txn,
                "out_trade_no": payment.merchant_txn,
                "buyer_user_id": buyer_of(payment),
                "buyer_logon_id": "bui***@example.com",
                "trade_status": "TRADE_SUCCESS",
                "total_amount": yuan(payment.paid_fen),
                "buyer_pay_amount": yuan(payment.cash_fen),
                "send_pay_date": clock_text(payment.paid_at),
            }
        )

    return act


def buyer_of(payment: Payment) -> str:
    """A user's number in Alipay's manner."""
    return f"2088{int(payment.payer, 16) % 10**12:012d}"


def amount_in(call: Call, name: str) -> int:
    """A positive amount of yuan, as fen. Raises Refusal."""
    try:
        found = fen(call.text(name))
    except ValueError as error:
        raise malformed(name) from error
    if found <= 0:
        raise malformed(name)
    return found


def deposit_info(move: Move) -> dict[str, str]:
    """What the bank said, where a bank has a part in it."""
    if not move.deposit:
        return {"has_deposit_back": "false"}
    fields = {
        "has_deposit_back": "true",
        "dback_status": move.deposit,
        "dback_amount": yuan(move.cash_fen),
    }
    if move.deposit == DEPOSIT_DUE:
        due = time_of(move.succeeded_at or move.at) + _BANK_TAKES
        return fields | {"est_bank_receipt_time": clock_text(text_of(due))}
    failed = {"dback_fail_reason": "CARD_INVALID"} if move.deposit == DEPOSIT_FAILED else {}
    return fields | {"bank_ack_time": clock_text(move.ended_at)} | failed


def _payment_of(connection: sqlite3.Connection, call: Call) -> Payment | None:
    return find_payment(connection, NAME, call.text("trade_no"), call.text("out_trade_no"))


def _must_be_whole(connection: sqlite3.Connection, order: Order) -> None:
    payment = find_payment(connection, NAME, order.provider_txn, order.merchant_txn)
    if payment is not None and payment.paid_fen != order.amount_fen:
        raise malformed("部分退款必须传入 out_request_no")


def _options(call: Call) -> list[Any]:
    found = call.biz.get("query_options") or []
    return found if isinstance(found, list) else []


def _refunded(
    connection: sqlite3.Connection, move: Move, made: bool, options: list[Any]
) -> dict[str, Any]:
    moves = moves_of(connection, NAME, move.provider_txn)
    at_once = made and move.state == SUCCESS
    fields = {
        "buyer_logon_id": "bui***@example.com",
        "fund_change": "Y" if at_once else "N",
        "gmt_refund_pay": clock_text(move.succeeded_at),
        "out_trade_no": move.merchant_txn,
        "refund_fee": yuan(refunded_fen(moves)),
        "send_back_fee": yuan(move.cash_fen),
        "trade_no": move.provider_txn,
    }
    return {name: value for name, value in fields.items() if value} | _details(move, options)


def _looked_up(move: Move, options: list[Any]) -> dict[str, Any]:
    fields = {
        "out_request_no": move.number,
        "out_trade_no": move.merchant_txn,
        "trade_no": move.provider_txn,
        "total_amount": yuan(move.total_fen),
        "refund_amount": yuan(move.amount_fen),
    }
    if move.state != SUCCESS:
        return fields
    success = {
        "refund_status": "REFUND_SUCCESS",
        "send_back_fee": yuan(move.cash_fen),
        "gmt_refund_pay": clock_text(move.succeeded_at),
    }
    return fields | success | _details(move, options)


def _details(move: Move, options: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if _DETAILS in options:
        found[_DETAILS] = _items(move)
    if _DEPOSIT in options:
        found[_DEPOSIT] = deposit_info(move)
    return found


def _items(move: Move) -> list[dict[str, str]]:
    own = "BANKCARD" if move.deposit else "ALIPAYACCOUNT"
    coupon = move.amount_fen - move.cash_fen
    items = [{"fund_channel": own, "amount": yuan(move.cash_fen)}]
    return items + ([{"fund_channel": "COUPON", "amount": yuan(coupon)}] if coupon else [])
