"""The simulator's own interface, under /simulator: what no provider would offer.

PUT    /simulator/payments   introduce a payment, or a list of them; repeating is harmless
POST   /simulator/faults     {kind, provider?, times?, number?, seconds?, on?}: on SUBMIT, which is
                             usual, QUERY, RETURN or ANY
DELETE /simulator/faults     none any more
POST   /simulator/mode       {idempotent?, overdraw?, spacing?, settles_after?}
POST   /simulator/balance    {provider, fen}; null for as much as is needed
POST   /simulator/strays     {provider, provider_txn, amount_fen}: money that nobody asked for
GET    /simulator/log        requests for money and for what became of it, oldest first
GET    /simulator/returned   advances that were given back out of the shop's account
GET    /simulator/moves      what was really moved
GET    /simulator/notices    what is still to be sent, with its bytes
POST   /simulator/push       send what is due
"""

from __future__ import annotations

import sqlite3
from base64 import b64encode
from typing import Any, Literal

import msgspec
from flask import Blueprint, Response, jsonify, request

from portal.simulator.bank import (
    ABNORMAL,
    REFUND,
    REVERSED,
    Order,
    Rejected,
    Terms,
    set_balance,
    submit,
)
from portal.simulator.bodies import decode
from portal.simulator.faults import SUBMIT, Fault, Kind, clear_faults, set_fault
from portal.simulator.notices import Sender
from portal.simulator.outgoing import list_queued
from portal.simulator.payments import Differs, Payment, introduce
from portal.simulator.settling import settle
from portal.simulator.store import read_switch, text_of, time_of, write_switch
from portal.simulator.wire import Desk

Name = Literal["wechat", "douyin", "alipay", "stripe", "balance"]
MODES = {"idempotent": True, "overdraw": False, "spacing": True, "settles_after": 0}
_MOST_FEN = 10**12
_MOST_ROWS = 100_000


class PaymentBody(msgspec.Struct):
    channel: Name
    provider_txn: str
    paid_fen: int
    merchant_txn: str = ""
    cash_fen: int | None = None
    paid_at: str = ""
    method: str = "wallet"


class FaultBody(msgspec.Struct):
    kind: Kind
    provider: Name | Literal[""] = ""
    times: int = 1
    number: str = ""
    seconds: float | None = None
    on: Literal["SUBMIT", "QUERY", "RETURN", "ANY"] = SUBMIT


class ModeBody(msgspec.Struct):
    idempotent: bool | None = None
    overdraw: bool | None = None
    spacing: bool | None = None
    settles_after: float | None = None


class BalanceBody(msgspec.Struct):
    provider: Name
    fen: int | None


class StrayBody(msgspec.Struct):
    provider: Name
    provider_txn: str
    amount_fen: int


class BadRequest(Exception):
    """The body is not what this address takes."""


def admin_blueprint(desk: Desk, sender: Sender) -> Blueprint:
    """The addresses above. Only for the one who runs the simulator: it listens on this machine."""
    blueprint = Blueprint("admin", __name__, url_prefix="/simulator")
    blueprint.register_error_handler(BadRequest, lambda error: _answer(400, error=str(error)))
    blueprint.register_error_handler(Differs, lambda error: _answer(409, error="DIFFERS"))
    blueprint.register_error_handler(Rejected, lambda error: _answer(409, error=str(error)))
    routes = (
        ("PUT", "payments", lambda: _introduce(desk)),
        ("POST", "faults", lambda: _add_fault(desk)),
        ("DELETE", "faults", lambda: _clear(desk)),
        ("POST", "mode", lambda: _set_mode(desk)),
        ("GET", "mode", lambda: _mode(desk)),
        ("POST", "balance", lambda: _set_balance(desk)),
        ("POST", "strays", lambda: _stray(desk)),
        ("GET", "log", lambda: _log(desk)),
        ("GET", "moves", lambda: _moves(desk)),
        ("GET", "returned", lambda: _returned(desk)),
        ("GET", "notices", lambda: _notices(desk, sender)),
        ("POST", "push", lambda: _answer(200, sent=sender.push())),
    )
    for method, path, view in routes:
        blueprint.add_url_rule(f"/{path}", f"{method} {path}", view, methods=[method])
    return blueprint


def _introduce(desk: Desk) -> Response:
    given = _read(PaymentBody | list[PaymentBody])
    bodies = given if isinstance(given, list) else [given]
    now = text_of(desk.now())
    payments = [_payment(body, now) for body in bodies]
    with desk.store.transaction() as connection:
        for payment in payments:
            introduce(connection, payment)
    return _answer(200, known=len(payments))


def _payment(body: PaymentBody, now: str) -> Payment:
    cash = body.paid_fen if body.cash_fen is None else body.cash_fen
    if not (body.provider_txn or body.merchant_txn):
        raise BadRequest("provider_txn")
    if not 0 < body.paid_fen <= _MOST_FEN or not 0 <= cash <= body.paid_fen:
        raise BadRequest("paid_fen or cash_fen")
    try:
        paid_at = text_of(time_of(body.paid_at)) if body.paid_at else now
    except ValueError as error:
        raise BadRequest("paid_at") from error
    return Payment(
        provider=body.channel,
        provider_txn=body.provider_txn or f"SIM{body.merchant_txn}",
        merchant_txn=body.merchant_txn,
        paid_fen=body.paid_fen,
        cash_fen=cash,
        paid_at=paid_at,
        method=body.method,
    )


def _add_fault(desk: Desk) -> Response:
    body = _read(FaultBody)
    if not 0 < body.times <= 10**6 or not 0 <= (body.seconds or 0) <= 10**8:
        raise BadRequest("times or seconds")
    fault = Fault(body.provider, body.kind, body.on, body.number, body.seconds, body.times)
    with desk.store.transaction() as connection:
        set_fault(connection, fault)
    return _answer(200)


def _clear(desk: Desk) -> Response:
    with desk.store.transaction() as connection:
        clear_faults(connection)
    return _answer(200)


def _set_mode(desk: Desk) -> Response:
    body = _read(ModeBody)
    with desk.store.transaction() as connection:
        for name in MODES:
            if (value := getattr(body, name)) is not None:
                write_switch(connection, name, value)
    return _mode(desk)


def _mode(desk: Desk) -> Response:
    with desk.store.reading() as connection:
        return _answer(200, **read_mode(connection))


def read_mode(connection: sqlite3.Connection) -> dict[str, Any]:
    """How the simulator behaves now."""
    return {name: read_switch(connection, name, default) for name, default in MODES.items()}


def _set_balance(desk: Desk) -> Response:
    body = _read(BalanceBody)
    if body.fen is not None and not 0 <= body.fen <= 10**15:
        raise BadRequest("fen")
    with desk.store.transaction() as connection:
        set_balance(connection, body.provider, body.fen)
        settle(connection, desk.now())
    return _answer(200)


def _stray(desk: Desk) -> Response:
    body = _read(StrayBody)
    now = desk.now()
    number = f"STRAY{int(now.timestamp() * 1000)}"
    order = Order(
        provider=body.provider,
        kind=REFUND,
        number=number,
        amount_fen=body.amount_fen,
        digest=number,
        provider_txn=body.provider_txn,
    )
    with desk.store.transaction() as connection:
        submit(connection, order, Terms(), None, now)
    return _answer(200, number=number)


def _log(desk: Desk) -> Response:
    where, values = _filter()
    with desk.store.reading() as connection:
        rows = connection.execute(
            f"SELECT * FROM asked WHERE kind != 'OTHER'{where} ORDER BY id LIMIT {_MOST_ROWS}",  # noqa: S608
            values,
        ).fetchall()
    return _answer(200, requests=[dict(row) | {"applied": bool(row["applied"])} for row in rows])


def _moves(desk: Desk) -> Response:
    where, values = _filter()
    with desk.store.transaction() as connection:
        settle(connection, desk.now())
        rows = connection.execute(
            f"SELECT * FROM move WHERE 1{where} ORDER BY id LIMIT {_MOST_ROWS}",  # noqa: S608
            values,
        ).fetchall()
    return _answer(200, moves=[move_fields(row) for row in rows])


def _returned(desk: Desk) -> Response:
    """Advances that shops gave back; `number` is the customer's own of the refund."""
    with desk.store.reading() as connection:
        rows = connection.execute(
            "SELECT provider, number, r.ref, r.id, r.amount_fen, r.at FROM returned r"
            " JOIN move ON move.ref = r.ref WHERE r.amount_fen > 0 ORDER BY r.at, r.ref"
        ).fetchall()
    return _answer(200, returned=[dict(row) for row in rows])


def move_fields(row: sqlite3.Row) -> dict[str, Any]:
    """One movement for the log. `reversed`: it had succeeded, and the money came back."""
    names = (
        *("id", "provider", "kind", "number", "nth", "ref", "provider_txn", "merchant_txn"),
        *("amount_fen", "cash_fen", "state", "route", "deposit", "at", "succeeded_at", "ended_at"),
    )
    came_back = row["state"] in (REVERSED, ABNORMAL) and bool(row["succeeded_at"])
    return {name: row[name] for name in names} | {
        "advance": bool(row["advance"]),
        "reversed": came_back,
    }


def _notices(desk: Desk, sender: Sender) -> Response:
    with desk.store.transaction() as connection:
        settle(connection, desk.now())
        queued = list_queued(connection)
        letters = [(each, sender.letter(connection, each)) for each in queued]
    listed = [
        {
            "id": each.id,
            "provider": letter.provider,
            "number": letter.number,
            "event": each.event,
            "at": each.at,
            "due_at": each.due_at,
            "tries": each.tries,
            "url": letter.url,
            "headers": letter.headers,
            "body": b64encode(letter.content).decode(),
        }
        for each, letter in letters
        if letter is not None
    ]
    return _answer(200, notices=listed)


def _filter() -> tuple[str, tuple[str, ...]]:
    """The conditions that the address names."""
    asked = {name: request.args[name] for name in ("provider", "number") if name in request.args}
    return "".join(f" AND {name} = ?" for name in asked), tuple(asked.values())


def _read(kind: Any) -> Any:
    try:
        return decode(request.get_data(), kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadRequest(str(error)) from error


def _answer(status: int, **fields: Any) -> Response:
    answer = jsonify(fields)
    answer.status_code = status
    return answer
