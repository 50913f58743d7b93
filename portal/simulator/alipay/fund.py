"""Transfers to a buyer: compensation beyond what was paid."""

from __future__ import annotations

import sqlite3
from typing import Any

from portal.simulator.alipay.gateway import NAME, Call, done, failed, malformed
from portal.simulator.alipay.trade import amount_in
from portal.simulator.bank import (
    ABNORMAL,
    CLOSED,
    PAYOUT,
    PROCESSING,
    REVERSED,
    SUCCESS,
    Move,
    Order,
    Rejected,
    Terms,
    Why,
    find_move,
    submit,
)
from portal.simulator.faults import Fault
from portal.simulator.times import clock_text
from portal.simulator.wire import Act, Desk, Refusal, Reply, digest_of
from portal.simulator.yuan import yuan

STATES = {
    PROCESSING: "DEALING",
    SUCCESS: "SUCCESS",
    CLOSED: "CLOSED",
    ABNORMAL: "FAIL",
    REVERSED: "REFUND",  # paid out, and sent back by the bank
}


def transfer(desk: Desk, call: Call) -> Act:
    """alipay.fund.trans.uni.transfer"""
    payee = call.biz.get("payee_info")
    if not isinstance(payee, dict) or not isinstance(payee.get("identity"), str):
        raise malformed("payee_info")
    if not call.text("out_biz_no") or call.text("product_code") != "TRANS_ACCOUNT_NO_PWD":
        raise malformed("out_biz_no, product_code")
    order = Order(
        provider=NAME,
        kind=PAYOUT,
        number=call.text("out_biz_no"),
        amount_fen=amount_in(call, "trans_amount"),
        digest=digest_of(call.content),
        payee=payee["identity"],
        reason=call.text("remark"),
        notify_url=call.notify_url,
    )

    def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        try:
            move, made = submit(connection, order, Terms(), fault, desk.now())
        except Rejected as rejected:
            if rejected.why is not Why.NOT_ENOUGH:
                raise
            raise Refusal(failed("PAYER_BALANCE_NOT_ENOUGH", "付款方余额不足")) from rejected
        return done(_taken(move), applied=made)

    return act


def query(desk: Desk, call: Call) -> Act:
    """alipay.fund.trans.common.query"""

    def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
        move = find_move(connection, NAME, PAYOUT, call.text("out_biz_no"))
        if move is None:
            raise Refusal(failed("ORDER_NOT_EXIST", "转账订单不存在"))
        return done(transfer_fields(move))

    return act


def transfer_fields(move: Move) -> dict[str, Any]:
    """A transfer as it is looked up."""
    return {
        **_taken(move),
        "trans_amount": yuan(move.amount_fen),
        "pay_date": clock_text(move.succeeded_at or move.at),
    }


def _taken(move: Move) -> dict[str, Any]:
    return {
        "out_biz_no": move.number,
        "order_id": move.ref,
        "pay_fund_order_id": move.ref,
        "status": STATES[move.state],
        "trans_date": clock_text(move.at),
    }
