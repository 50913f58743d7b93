"""Refunds of a charge, and the charge itself. Short of balance a refund waits (`pending`)."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from typing import Any

from flask import Blueprint, Response, request

from portal.simulator.bank import (
    ABNORMAL,
    CLOSED,
    PROCESSING,
    REFUND,
    REVERSED,
    SUCCESS,
    Move,
    Order,
    Terms,
    find_by_ref,
    moves_of,
    refunded_fen,
    submit,
)
from portal.simulator.faults import QUERY, SUBMIT, Fault
from portal.simulator.payments import Payment, find_payment
from portal.simulator.store import time_of
from portal.simulator.stripe.door import (
    NAME,
    Door,
    idempotency_key,
    invalid,
    listed,
    parsed,
)
from portal.simulator.wire import OTHER, Reply, as_json, digest_of

TERMS = Terms(waits=True, by_number=False)
STATES = {
    PROCESSING: "pending",
    SUCCESS: "succeeded",
    CLOSED: "canceled",
    ABNORMAL: "failed",
    REVERSED: "failed",
}
_MOST_FEN = 10**12
_METADATA = re.compile(r"metadata\[([^\[\]]{1,40})\]")
_KNOWN = {"charge", "payment_intent", "amount", "reason", "currency", "expand[0]"}


class Refunds:
    def __init__(self, door: Door) -> None:
        self.door = door

    def add_to(self, blueprint: Blueprint) -> None:
        """Its addresses."""
        blueprint.add_url_rule("/v1/refunds", "refund", self.create, methods=["POST"])
        blueprint.add_url_rule("/v1/refunds", "refunds", self.list)
        blueprint.add_url_rule("/v1/refunds/<ref>", "retrieve", self.retrieve)
        blueprint.add_url_rule("/v1/charges/<txn>", "charge", self.charge)
        blueprint.add_url_rule("/v1/payment_intents/<txn>", "intent", self.intent)

    def create(self) -> Response:
        key = idempotency_key()
        metadata = _metadata()
        number = str(metadata.get("refund_no") or key or secrets.token_hex(8))

        def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
            order = self._order(connection, number, metadata)
            move, made = submit(connection, order, TERMS, fault, self.door.desk.now())
            return as_json(200, refund_object(move), applied=made)

        return self.door.serve(SUBMIT, number, act, key)

    def retrieve(self, ref: str) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            move = find_by_ref(connection, ref)
            if move is None or move.provider != NAME:
                raise invalid(f"No such refund: '{ref[:40]}'", "resource_missing", 404)
            return as_json(200, refund_object(move))

        return self.door.serve(QUERY, "", act)

    def list(self) -> Response:
        size = _whole("limit", 10)
        if not 1 <= size <= 100:
            raise invalid("limit")

        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            moves = [move for move in _newest_first(connection) if _is_asked_for(move)]
            after = request.args.get("starting_after", "")
            refs = [move.ref for move in moves]
            begin = refs.index(after) + 1 if after in refs else 0
            page = moves[begin : begin + size]
            more = len(moves) > begin + size
            return listed("/v1/refunds", [refund_object(move) for move in page], more)

        return self.door.serve(QUERY, "", act)

    def charge(self, txn: str) -> Response:
        return self._payment(txn, _charge)

    def intent(self, txn: str) -> Response:
        return self._payment(txn, _intent)

    def _payment(self, txn: str, fields: Any) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            payment = find_payment(connection, NAME, txn)
            if payment is None:
                raise invalid(f"No such payment: '{txn[:40]}'", "resource_missing", 404)
            return as_json(200, fields(payment, moves_of(connection, NAME, txn)))

        return self.door.serve(OTHER, "", act)

    def _order(
        self, connection: sqlite3.Connection, number: str, metadata: dict[str, str]
    ) -> Order:
        form = request.form
        if unknown := [n for n in form if n not in _KNOWN and not _METADATA.fullmatch(n)]:
            raise invalid(f"Received unknown parameter: {unknown[0][:40]}", "parameter_unknown")
        txn = form.get("charge") or form.get("payment_intent") or ""
        payment = find_payment(connection, NAME, txn) if txn else None
        return Order(
            provider=NAME,
            kind=REFUND,
            number=number,
            amount_fen=_amount(connection, payment),
            digest=digest_of(request.get_data()),
            provider_txn=txn,
            reason=form.get("reason", ""),
            note=json.dumps(metadata),
        )


def refund_object(move: Move, status: str = "") -> dict[str, Any]:
    """A refund; `status` instead of the present one, in an event."""
    state = status or STATES[move.state]
    payment = (
        {"charge": move.provider_txn, "payment_intent": None}
        if move.provider_txn.startswith("ch_")
        else {"charge": f"ch_{move.provider_txn}", "payment_intent": move.provider_txn}
    )
    failed = {}
    if state == "failed":
        failed = {
            "failure_reason": "expired_or_canceled_card",
            "failure_balance_transaction": f"txn_f{move.ref}",
        }
    return {
        "id": move.ref,
        "object": "refund",
        "amount": move.amount_fen,
        "balance_transaction": f"txn_{move.ref}" if move.succeeded_at else None,
        **payment,
        "created": int(time_of(move.at).timestamp()),
        "currency": "cny",
        "metadata": parsed(move.note),
        "reason": move.reason or None,
        "receipt_number": None,
        "status": state,
        **failed,
    }


def _charge(payment: Payment, moves: list[Move]) -> dict[str, Any]:
    back = refunded_fen(moves)
    return {
        "id": payment.provider_txn,
        "object": "charge",
        "amount": payment.paid_fen,
        "amount_refunded": back,
        "captured": True,
        "created": int(time_of(payment.paid_at).timestamp()),
        "currency": "cny",
        "paid": True,
        "refunded": back >= payment.paid_fen,
        "status": "succeeded",
    }


def _intent(payment: Payment, moves: list[Move]) -> dict[str, Any]:
    return {
        "id": payment.provider_txn,
        "object": "payment_intent",
        "amount": payment.paid_fen,
        "amount_received": payment.paid_fen,
        "created": int(time_of(payment.paid_at).timestamp()),
        "currency": "cny",
        "latest_charge": f"ch_{payment.provider_txn}",
        "status": "succeeded",
    }


def _metadata() -> dict[str, str]:
    found = ((_METADATA.fullmatch(name), value) for name, value in request.form.items())
    return {match[1]: value[:500] for match, value in found if match}


def _amount(connection: sqlite3.Connection, payment: Payment | None) -> int:
    """What is asked, or without it all that is left."""
    if "amount" not in request.form and payment is not None:
        return payment.paid_fen - refunded_fen(moves_of(connection, NAME, payment.provider_txn))
    text = request.form.get("amount", "")
    if not re.fullmatch(r"[0-9]{1,12}", text) or not 0 < int(text) <= _MOST_FEN:
        raise invalid("Invalid positive integer", "parameter_invalid_integer")
    return int(text)


def _newest_first(connection: sqlite3.Connection) -> list[Move]:
    txn = request.args.get("charge") or request.args.get("payment_intent")
    if txn:
        return moves_of(connection, NAME, txn)[::-1]
    rows = connection.execute("SELECT * FROM move WHERE provider = ? ORDER BY id DESC", (NAME,))
    return [Move(**dict(row)) for row in rows]


def _is_asked_for(move: Move) -> bool:
    created = int(time_of(move.at).timestamp())
    least, below = _whole("created[gte]", 0), _whole("created[lt]", 10**12)
    return least <= created < below


def _whole(name: str, default: int) -> int:
    text = request.args.get(name, "")
    if text and not re.fullmatch(r"[0-9]{1,12}", text):
        raise invalid(name)
    return int(text) if text else default
