"""Transfers to the payer of a payment: compensation beyond what was paid (商家转账)."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from portal.simulator.bank import (
    ABNORMAL,
    CLOSED,
    PAYOUT,
    PROCESSING,
    REVERSED,
    SUCCESS,
    Move,
    Order,
    Terms,
    find_move,
    submit,
)
from portal.simulator.faults import QUERY, SUBMIT, Fault
from portal.simulator.payments import Payment, find_payment
from portal.simulator.times import beijing
from portal.simulator.wechat.door import Door, check_number, malformed, read_body, unknown
from portal.simulator.wechat.refunds import MOST_FEN
from portal.simulator.wire import OTHER, Reply, as_json, digest_of

STATES = {
    PROCESSING: "PROCESSING",
    SUCCESS: "SUCCESS",
    CLOSED: "CANCELLED",
    ABNORMAL: "FAIL",
    REVERSED: "FAIL",
}


class TransferBody(msgspec.Struct):
    appid: str
    out_bill_no: str
    transfer_scene_id: str
    openid: str
    transfer_amount: int
    transfer_remark: str
    notify_url: str = ""


class Transfers:
    """The views of one dialect, with the query that says who paid."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.provider = door.dialect.name

    def add_to(self, blueprint: Blueprint) -> None:
        """Its addresses."""
        path, root = self.door.dialect.transfers, self.door.dialect.root
        orders = f"{root}/pay/transactions" if root == "/v3" else f"{root}/transactions"
        blueprint.add_url_rule(path, "transfer", self.transfer, methods=["POST"])
        blueprint.add_url_rule(f"{path}/out-bill-no/<number>", "transferred", self.query)
        blueprint.add_url_rule(f"{orders}/id/<provider_txn>", "payment", self.payment)

    def transfer(self) -> Response:
        body = read_body(TransferBody)
        if not 0 < body.transfer_amount <= MOST_FEN or not body.openid:
            raise malformed("金额或收款人不对")
        order = Order(
            provider=self.provider,
            kind=PAYOUT,
            number=check_number(body.out_bill_no),
            amount_fen=body.transfer_amount,
            digest=digest_of(request.get_data()),
            payee=body.openid,
            reason=body.transfer_remark,
            notify_url=body.notify_url,
        )

        def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
            move, made = submit(connection, order, Terms(), fault, self.door.desk.now())
            return as_json(200, _taken(move), applied=made)

        return self.door.serve(SUBMIT, order.number, act)

    def query(self, number: str) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            move = find_move(connection, self.provider, PAYOUT, number)
            if move is None:
                raise unknown()
            return as_json(200, transfer_fields(move))

        return self.door.serve(QUERY, number, act)

    def payment(self, provider_txn: str) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            payment = find_payment(connection, self.provider, provider_txn)
            if payment is None:
                raise unknown()
            return as_json(200, _payment_fields(payment))

        return self.door.serve(OTHER, "", act)


def transfer_fields(move: Move) -> dict[str, Any]:
    """A transfer as it is looked up."""
    failed = {"fail_reason": "PAYEE_ACCOUNT_ABNORMAL"} if STATES[move.state] == "FAIL" else {}
    return {
        "out_bill_no": move.number,
        "transfer_bill_no": move.ref,
        "state": STATES[move.state],
        "transfer_amount": move.amount_fen,
        "transfer_remark": move.reason,
        "openid": move.payee,
        "create_time": beijing(move.at),
        "update_time": beijing(move.ended_at or move.succeeded_at or move.at),
    } | failed


def _taken(move: Move) -> dict[str, Any]:
    return {
        "out_bill_no": move.number,
        "transfer_bill_no": move.ref,
        "create_time": beijing(move.at),
        "state": STATES[move.state],
    }


def _payment_fields(payment: Payment) -> dict[str, Any]:
    return {
        "transaction_id": payment.provider_txn,
        "out_trade_no": payment.merchant_txn,
        "trade_type": "JSAPI",
        "trade_state": "SUCCESS",
        "success_time": beijing(payment.paid_at),
        "payer": {"openid": payment.payer},
        "amount": {
            "total": payment.paid_fen,
            "payer_total": payment.cash_fen,
            "currency": "CNY",
            "payer_currency": "CNY",
        },
    }
