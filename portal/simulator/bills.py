"""What bills of all providers are made of: the movements of a day, and links that end."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from portal.simulator.bank import REFUND, Move
from portal.simulator.store import text_of


def refunds_on(connection: sqlite3.Connection, provider: str, span: tuple[str, str]) -> list[Move]:
    """Refunds that succeeded in the span, in the order of their success. One that failed later
    stays: it did succeed that day."""
    return moves_on(connection, provider, REFUND, span)


def moves_on(
    connection: sqlite3.Connection, provider: str, kind: str, span: tuple[str, str]
) -> list[Move]:
    rows = connection.execute(
        "SELECT * FROM move WHERE provider = ? AND kind = ? AND succeeded_at >= ?"
        " AND succeeded_at < ? ORDER BY succeeded_at, id",
        (provider, kind, *span),
    )
    return [Move(**dict(row)) for row in rows]


def write_link(
    connection: sqlite3.Connection, token: str, provider: str, what: str, now: datetime
) -> None:
    """An address that leads to a bill."""
    connection.execute(
        "INSERT INTO link VALUES (?, ?, ?, ?)", (token, provider, what, text_of(now))
    )


def take_link(connection: sqlite3.Connection, token: str, provider: str) -> tuple[str, str] | None:
    """What a link leads to, and since when; None when there is none."""
    row = connection.execute(
        "SELECT what, at FROM link WHERE token = ? AND provider = ?", (token, provider)
    ).fetchone()
    return (row["what"], row["at"]) if row else None
