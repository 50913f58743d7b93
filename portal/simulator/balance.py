"""The platform's own purse of balance, coupons and points: one signed address (Standard Webhooks).

    {"type": "refund" | "payout" | "coupon", "number", "amount_fen", "total_fen", "transaction", …}
    {"type": "query", "number"}

Each is answered with 200 and {"number", "state", "amount_fen", "cash_fen", "coupon_fen",
"reference", "succeeded_at", "code"}, signed in the same way; `state` says what became of it.
"""

from __future__ import annotations

import hmac
import re
import secrets
import sqlite3
from typing import Any, Literal

import msgspec
from flask import Blueprint, Response, request

from portal.simulator.bank import (
    ABNORMAL,
    COUPON,
    PAYOUT,
    REFUND,
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
from portal.simulator.bodies import decode
from portal.simulator.faults import QUERY, SUBMIT, Fault
from portal.simulator.notices import Draft, Manner, is_ok
from portal.simulator.outgoing import Queued
from portal.simulator.signing import webhook_signature
from portal.simulator.wire import Act, Ask, Desk, Reply, as_json, digest_of

NAME = "balance"
STAMP_SECONDS = 300
_KINDS = {"refund": REFUND, "payout": PAYOUT, "coupon": COUPON}
_MOST_FEN = 10**12
_BROKEN = as_json(500, {"code": "SYSTEM_ERROR"})


class AskBody(msgspec.Struct):
    type: Literal["refund", "payout", "coupon", "query"]
    number: str
    amount_fen: int = 0
    total_fen: int = 0
    transaction: str = ""
    merchant_txn: str = ""
    advance: bool = False
    reason: str = ""


def balance_blueprint(desk: Desk) -> Blueprint:
    blueprint = Blueprint(NAME, __name__)
    blueprint.add_url_rule("/balance", "ask", lambda: _answer(desk), methods=["POST"])
    return blueprint


def balance_manner(desk: Desk) -> Manner:
    """Any 2xx ends the sending."""
    return Manner(lambda move, queued: _write(desk, move, queued), is_ok)


def _answer(desk: Desk) -> Response:
    content = request.get_data()
    if not _is_signed(desk, content):
        return _seal(desk, as_json(401, {"code": "SIGNATURE"}))
    try:
        body = decode(content, AskBody)
    except (msgspec.DecodeError, RecursionError):
        return _seal(desk, as_json(400, {"code": "MALFORMED"}))
    kind = QUERY if body.type == "query" else SUBMIT
    ask = Ask(NAME, kind, body.number, "/balance", content, desk.now())
    act = _query(body) if kind == QUERY else _submit(desk, body, digest_of(content))
    return _seal(desk, desk.serve(ask, act, _BROKEN, _refused(body, "BUSY")))


def _submit(desk: Desk, body: AskBody, digest: str) -> Act:
    def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
        if not body.number or not 0 < body.amount_fen <= _MOST_FEN:
            return _refused(body, "REFUSED")
        order = Order(
            provider=NAME,
            kind=_KINDS[body.type],
            number=body.number,
            amount_fen=body.amount_fen,
            digest=digest,
            provider_txn=body.transaction,
            merchant_txn=body.merchant_txn,
            total_fen=body.total_fen,
            advance=body.advance,
            reason=body.reason,
        )
        try:
            move, made = submit(connection, order, Terms(), fault, desk.now())
        except Rejected as rejected:
            short = rejected.why is Why.NOT_ENOUGH
            return _refused(body, "NOT_ENOUGH" if short else "REFUSED", rejected.why)
        return as_json(200, move_fields(move), applied=made)

    return act


def _query(body: AskBody) -> Act:
    def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
        found = (find_move(connection, NAME, kind, body.number) for kind in _KINDS.values())
        move = next(filter(None, found), None)
        return as_json(200, move_fields(move)) if move else _refused(body, "NOT_FOUND")

    return act


def move_fields(move: Move) -> dict[str, Any]:
    """What became of a number. Money taken back afterwards is ABNORMAL here."""
    coupon = move.amount_fen if move.kind == COUPON else move.amount_fen - move.cash_fen
    return {
        "number": move.number,
        "state": ABNORMAL if move.state == REVERSED else move.state,
        "amount_fen": move.amount_fen,
        "cash_fen": move.amount_fen - coupon,
        "coupon_fen": coupon,
        "reference": move.ref,
        "succeeded_at": move.succeeded_at if move.state == SUCCESS else "",
        "code": "",
    }


def _refused(body: AskBody, state: str, code: str = "") -> Reply:
    return as_json(200, {"number": body.number, "state": state, "code": code})


def _is_signed(desk: Desk, content: bytes) -> bool:
    message_id = request.headers.get("webhook-id", "")
    stamp = request.headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", stamp):
        return False
    wanted = webhook_signature(desk.keys.secret(NAME), message_id, stamp, content)
    given = request.headers.get("webhook-signature", "").split(" ")
    fresh = abs(desk.now().timestamp() - int(stamp)) < STAMP_SECONDS
    # Bytes: a header may hold letters that compare_digest refuses in texts.
    return fresh and any(hmac.compare_digest(wanted.encode(), g.encode()) for g in given)


def _seal(desk: Desk, reply: Reply) -> Response:
    headers = _headers(desk, reply.body, f"msg_{secrets.token_hex(12)}", reply.forged)
    return Response(reply.body, reply.status, headers, content_type="application/json")


def _headers(desk: Desk, content: bytes, message_id: str, forged: bool = False) -> dict[str, str]:
    stamp = str(int(desk.now().timestamp()))
    secret = b"whsec_" + b"A" * 32 if forged else desk.keys.secret(NAME)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": webhook_signature(secret, message_id, stamp, content),
    }


def _write(desk: Desk, move: Move, queued: Queued) -> Draft:
    notice = {"type": "refund.updated", "timestamp": queued.at, "data": move_fields(move)}
    content = msgspec.json.encode(notice)
    headers = _headers(desk, content, f"msg_{queued.event_id[:24]}")
    return Draft({"Content-Type": "application/json", **headers}, content)
