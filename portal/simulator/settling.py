"""What happens to movements by themselves, with time or with money on the paying account."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from portal.simulator.bank import (
    ABNORMAL,
    DEPOSIT_DONE,
    DEPOSIT_FAILED,
    PROCESSING,
    SUCCESS,
    Move,
    balance_of,
    change_balance,
    is_back,
    plan,
)
from portal.simulator.outgoing import queue_notice
from portal.simulator.store import text_of


def settle(connection: sqlite3.Connection, now: datetime) -> None:
    """Carry out everything that is due."""
    due = connection.execute(
        "SELECT * FROM plan WHERE at <= ? ORDER BY at, id", (text_of(now),)
    ).fetchall()
    for row in due:
        connection.execute("DELETE FROM plan WHERE id = ?", (row["id"],))
        become(connection, row["move_id"], row["becomes"], row["at"])
    _pay_those_who_wait(connection, text_of(now))


def become(connection: sqlite3.Connection, move_id: int, becomes: str, at: str) -> None:
    """Put a movement into its next state, and queue the news of it."""
    row = connection.execute("SELECT * FROM move WHERE id = ?", (move_id,)).fetchone()
    move = Move(**dict(row))
    if becomes == "DEPOSIT_DONE":
        _set(connection, move_id, deposit=DEPOSIT_DONE, ended_at=at)
    elif becomes == "DEPOSIT_FAILED":  # the bank's leg failed: the buyer's balance has it
        _set(connection, move_id, deposit=DEPOSIT_FAILED, route="BALANCE", ended_at=at)
    elif becomes == SUCCESS:
        _set(connection, move_id, state=SUCCESS, succeeded_at=at)
    else:
        _set(connection, move_id, state=becomes, ended_at=at)
        if is_back(move, becomes) and not move.advance:
            change_balance(connection, move.provider, move.amount_fen)
    queue_notice(connection, move_id, becomes, at)


def pay_to_card(connection: sqlite3.Connection, move: Move, route: str, now: datetime) -> None:
    """An abnormal refund is sent on, to a card that was named."""
    assert move.state == ABNORMAL, "only an abnormal refund is sent on"
    _set(connection, move.id, state=PROCESSING, route=route, ended_at="")
    plan(connection, move.id, now, SUCCESS)


def _pay_those_who_wait(connection: sqlite3.Connection, at: str) -> None:
    waiting = connection.execute(
        "SELECT id, provider, amount_fen FROM move WHERE waits = 1 ORDER BY id"
    ).fetchall()
    for row in waiting:
        has = balance_of(connection, row["provider"])
        if has is None or has >= row["amount_fen"]:
            change_balance(connection, row["provider"], -row["amount_fen"])
            _set(connection, row["id"], waits=0)
            become(connection, row["id"], SUCCESS, at)


def _set(connection: sqlite3.Connection, move_id: int, **values: object) -> None:
    pairs = ", ".join(f"{name} = ?" for name in values)
    connection.execute(
        f"UPDATE move SET {pairs} WHERE id = ?",  # noqa: S608 - names of columns
        (*values.values(), move_id),
    )
