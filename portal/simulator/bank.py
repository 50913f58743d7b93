"""The rules that every provider keeps, with its own limits, and the money it moved.

A number moves money once: asked again with the same content it is answered with what was done,
with other content it is refused. A simulator that was told to be forgetful (`idempotent` false)
moves the money again for the same number, up to what was paid, and with `overdraw` beyond it.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.simulator.faults import Fault, Kind
from portal.simulator.outgoing import queue_notice
from portal.simulator.payments import Payment, find_payment
from portal.simulator.store import read_switch, text_of, time_of, write_switch

REFUND, PAYOUT, COUPON = "REFUND", "PAYOUT", "COUPON"
PROCESSING, SUCCESS, CLOSED, ABNORMAL = "PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL"
REVERSED = "REVERSED"
DEPOSIT_DUE, DEPOSIT_DONE, DEPOSIT_FAILED = "P", "S", "F"
SEVEN_DAYS = timedelta(days=7).total_seconds()
BANK_DAYS = timedelta(days=1)


class Why(StrEnum):
    """Reasons to refuse; each provider has its own words for them."""

    NO_PAYMENT = "NO_PAYMENT"
    OTHER_CONTENT = "OTHER_CONTENT"  # the number is known with other content
    TOO_OLD = "TOO_OLD"
    TOO_SOON = "TOO_SOON"  # after another refund of the same payment
    TOO_MANY = "TOO_MANY"  # refunds of the same payment
    TOO_MUCH = "TOO_MUCH"  # more than was paid, with what was refunded before
    WRONG_TOTAL = "WRONG_TOTAL"
    NOT_ENOUGH = "NOT_ENOUGH"  # on the paying account
    BUSY = "BUSY"


class Rejected(Exception):
    """Nothing was done."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Terms:
    """One provider's limits for refunds of one payment; 0 is none."""

    spacing: timedelta = timedelta(0)
    most: int = 0
    window: timedelta = timedelta(days=36500)
    waits: bool = False  # for balance, where others refuse
    by_number: bool = True  # a number moves money once; Stripe goes by keys that it forgets


@dataclass(frozen=True)
class Order:
    """What is asked: money out of a payment, or to its payer beyond it. `digest` is of the
    content; `total_fen` is 0 where the provider does not ask for it."""

    provider: str
    kind: str
    number: str
    amount_fen: int
    digest: str
    provider_txn: str = ""
    merchant_txn: str = ""
    total_fen: int = 0
    payee: str = ""
    advance: bool = False
    reason: str = ""
    notify_url: str = ""
    note: str = ""  # kept for the client and given back


@dataclass(frozen=True)
class Move:
    """One movement, as its row; times are RFC 3339 UTC, empty while they are not."""

    id: int
    ref: str
    provider: str
    kind: str
    number: str
    nth: int
    provider_txn: str
    merchant_txn: str
    amount_fen: int
    cash_fen: int
    total_fen: int
    digest: str
    advance: int
    reason: str
    payee: str
    notify_url: str
    note: str
    state: str
    route: str
    deposit: str
    waits: int
    at: str
    succeeded_at: str
    ended_at: str


def find_move(connection: sqlite3.Connection, provider: str, kind: str, number: str) -> Move | None:
    """The first movement under this number: what a client is told."""
    return _one(
        connection, "provider = ? AND kind = ? AND number = ? AND nth = 1", provider, kind, number
    )


def find_by_ref(connection: sqlite3.Connection, ref: str) -> Move | None:
    """By the provider's own number."""
    return _one(connection, "ref = ?", ref)


def moves_of(connection: sqlite3.Connection, provider: str, provider_txn: str) -> list[Move]:
    """All refunds of a payment, oldest first."""
    rows = connection.execute(
        "SELECT * FROM move WHERE provider = ? AND provider_txn = ? AND kind = ? ORDER BY id",
        (provider, provider_txn, REFUND),
    )
    return [Move(**dict(row)) for row in rows]


def refunded_fen(moves: list[Move]) -> int:
    """What left a payment; closed and reversed refunds came back to it."""
    return sum(m.amount_fen for m in moves if not is_back(m, m.state))


def is_back(move: Move, state: str) -> bool:
    """In this state the money is with the payer of the refund again. WeChat and Douyin keep an
    abnormal refund, to send it to another card; with the others it has simply failed."""
    kept = move.provider in _SAY_ABNORMAL and move.kind == REFUND
    return state in (CLOSED, REVERSED) or (state == ABNORMAL and not kept)


def _cash_of(moves: list[Move]) -> int:
    return sum(m.cash_fen for m in moves if m.state not in (CLOSED, REVERSED))


def submit(
    connection: sqlite3.Connection, order: Order, terms: Terms, fault: Fault | None, now: datetime
) -> tuple[Move, bool]:
    """Do it once. Gives the movement, and whether it was made now. Raises Rejected."""
    known = find_move(connection, order.provider, order.kind, order.number)
    if known is not None and terms.by_number:
        if known.digest != order.digest:
            raise Rejected(Why.OTHER_CONTENT)
        if read_switch(connection, "idempotent", True):
            return known, False
    payment = find_payment(connection, order.provider, order.provider_txn, order.merchant_txn)
    moves = moves_of(connection, order.provider, payment.provider_txn) if payment else []
    if order.kind == REFUND:
        _check(connection, order, terms, payment, moves, repeated=known is not None, now=now)
    waits = _pay(connection, order, terms, fault)
    return _insert(connection, order, payment, moves, fault, waits, now), True


def _check(
    connection: sqlite3.Connection,
    order: Order,
    terms: Terms,
    payment: Payment | None,
    moves: list[Move],
    *,
    repeated: bool,
    now: datetime,
) -> None:
    if payment is None:
        raise Rejected(Why.NO_PAYMENT)
    if order.total_fen and order.total_fen != payment.paid_fen:
        raise Rejected(Why.WRONG_TOTAL)
    if now > time_of(payment.paid_at) + terms.window:
        raise Rejected(Why.TOO_OLD)
    spaced = read_switch(connection, "spacing", True) and not repeated
    if spaced and moves and now < time_of(moves[-1].at) + terms.spacing:
        raise Rejected(Why.TOO_SOON)
    if terms.most and len(moves) >= terms.most:
        raise Rejected(Why.TOO_MANY)
    beyond = refunded_fen(moves) + order.amount_fen > payment.paid_fen
    if beyond and not (repeated and read_switch(connection, "overdraw", False)):
        raise Rejected(Why.TOO_MUCH)


def _pay(connection: sqlite3.Connection, order: Order, terms: Terms, fault: Fault | None) -> bool:
    """Take it from the paying account; true when it has to wait for money there."""
    short = fault is not None and fault.kind is Kind.NOT_ENOUGH
    has = None if order.advance else balance_of(connection, order.provider)
    if short or (has is not None and has < order.amount_fen):
        if not terms.waits:
            raise Rejected(Why.NOT_ENOUGH)
        return not short
    change_balance(connection, order.provider, 0 if order.advance else -order.amount_fen)
    return False


def balance_of(connection: sqlite3.Connection, provider: str) -> int | None:
    """Fen on the account that pays; None is as much as is needed."""
    found: int | None = read_switch(connection, f"balance/{provider}", None)
    return found


def set_balance(connection: sqlite3.Connection, provider: str, fen: int | None) -> None:
    write_switch(connection, f"balance/{provider}", fen)


def change_balance(connection: sqlite3.Connection, provider: str, fen: int) -> None:
    has = balance_of(connection, provider)
    if has is not None:
        set_balance(connection, provider, has + fen)


def _insert(
    connection: sqlite3.Connection,
    order: Order,
    payment: Payment | None,
    moves: list[Move],
    fault: Fault | None,
    waits: bool,
    now: datetime,
) -> Move:
    state, becomes, after = _outcome(connection, order, fault)
    card = payment is not None and "card" in payment.method
    values = {
        "ref": new_ref(order.provider, order.kind, now),
        "provider": order.provider,
        "kind": order.kind,
        "number": order.number,
        "nth": _times(connection, order) + 1,
        "provider_txn": payment.provider_txn if payment else order.provider_txn,
        "merchant_txn": payment.merchant_txn if payment else order.merchant_txn,
        "amount_fen": order.amount_fen,
        "cash_fen": _cash_part(order, payment, refunded_fen(moves), _cash_of(moves)),
        "total_fen": payment.paid_fen if payment else order.total_fen,
        "digest": order.digest,
        "advance": int(order.advance),
        "reason": order.reason,
        "payee": order.payee,
        "notify_url": order.notify_url,
        "note": order.note,
        "state": PROCESSING if waits else state,
        "route": "ORIGINAL",
        "deposit": DEPOSIT_DUE if card and order.kind == REFUND else "",
        "waits": int(waits),
        "at": text_of(now),
        "succeeded_at": "",
        "ended_at": "",
    }
    if values["state"] == SUCCESS:
        values["succeeded_at"] = values["at"]
    if becomes == "DEPOSIT_FAILED":
        values["deposit"] = DEPOSIT_DUE
    move = _write(connection, values)
    if not waits:
        _plan_what_follows(connection, move, becomes, after, now)
    return move


def _plan_what_follows(
    connection: sqlite3.Connection, move: Move, becomes: str, after: float | None, now: datetime
) -> None:
    if move.state == SUCCESS:
        queue_notice(connection, move.id, SUCCESS, move.at)
    if after is not None:
        plan(connection, move.id, now + timedelta(seconds=after), becomes)
    elif move.deposit == DEPOSIT_DUE:
        plan(connection, move.id, now + BANK_DAYS, "DEPOSIT_DONE")


# What a fault makes of a movement: its first state, its next, and after how many seconds.
_BECOMES = {
    Kind.PROCESSING: (PROCESSING, SUCCESS, 60.0),
    Kind.NOT_ENOUGH: (PROCESSING, SUCCESS, 60.0),  # only where the provider lets it wait
    Kind.CLOSED: (PROCESSING, CLOSED, SEVEN_DAYS),
    Kind.ABNORMAL: (PROCESSING, ABNORMAL, 0.0),
    Kind.DBACK_F: (SUCCESS, "DEPOSIT_FAILED", 0.0),
    Kind.FAILED_AFTER_SUCCESS: (SUCCESS, REVERSED, 0.0),
}
# Others give back the payer's own money first.
_PRORATES = {"wechat", "douyin"}
# These have no other word for money that came back from the bank.
_SAY_ABNORMAL = {"wechat", "douyin"}


def _outcome(
    connection: sqlite3.Connection, order: Order, fault: Fault | None
) -> tuple[str, str, float | None]:
    if fault is not None and fault.kind in _BECOMES:
        state, becomes, seconds = _BECOMES[fault.kind]
        if becomes == REVERSED and order.provider in _SAY_ABNORMAL and order.kind == REFUND:
            becomes = ABNORMAL
        return state, becomes, fault.after(seconds)
    seconds = float(read_switch(connection, "settles_after", 0))
    return (PROCESSING, SUCCESS, seconds) if seconds else (SUCCESS, "", None)


def plan(connection: sqlite3.Connection, move_id: int, at: datetime, becomes: str) -> None:
    """What is to happen to a movement; it shows from the first request after its time."""
    connection.execute(
        "INSERT INTO plan (move_id, at, becomes) VALUES (?, ?, ?)", (move_id, text_of(at), becomes)
    )


def _cash_part(order: Order, payment: Payment | None, before_fen: int, cash_before: int) -> int:
    """What of it is the payer's own money. WeChat Pay gives back in proportion, each refund rounded
    for itself, and the last one the rest; the others the payer's own money first."""
    if payment is None or order.kind != REFUND:
        return order.amount_fen
    cash, paid, fen = payment.cash_fen, payment.paid_fen, order.amount_fen
    left_fen = max(0, cash - cash_before)
    whole = cash == paid or before_fen + fen >= paid
    if whole or payment.provider not in _PRORATES:
        return min(fen, left_fen) if cash < paid else fen
    return min((2 * fen * cash + paid) // (2 * paid), left_fen)


def _times(connection: sqlite3.Connection, order: Order) -> int:
    found: int = connection.execute(
        "SELECT count(*) FROM move WHERE provider = ? AND kind = ? AND number = ?",
        (order.provider, order.kind, order.number),
    ).fetchone()[0]
    return found


def _write(connection: sqlite3.Connection, values: dict[str, object]) -> Move:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    cursor = connection.execute(
        f"INSERT INTO move ({names}) VALUES ({marks})",  # noqa: S608 - names of columns
        tuple(values.values()),
    )
    move = _one(connection, "id = ?", cursor.lastrowid)
    assert move is not None, "it was written a line above"
    return move


def _one(connection: sqlite3.Connection, where: str, *values: object) -> Move | None:
    row = connection.execute(f"SELECT * FROM move WHERE {where}", values).fetchone()  # noqa: S608
    return Move(**dict(row)) if row else None


def new_ref(provider: str, kind: str, now: datetime) -> str:
    """A number of the provider's own, in its manner."""
    if provider == "stripe":
        return f"re_{secrets.token_hex(12)}"
    if provider == "balance":
        return f"B{secrets.token_hex(12)}"
    first = "503" if kind == REFUND else "130"
    return f"{first}{now:%Y%m%d}{secrets.randbelow(10**17):017d}"
