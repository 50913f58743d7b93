"""The queue of notices: what is still to be told, and when it is tried again."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.simulator.store import text_of

_MINUTE, _HOUR = 60, 3600
# Seconds between one try and the next. WeChat's is documented; Alipay's and Stripe's are as their
# documents describe them; the platform's is the one that Standard Webhooks recommends.
_WECHAT = (
    *(15, 15, 30, 3 * _MINUTE, 10 * _MINUTE, 20 * _MINUTE),
    *(30 * _MINUTE,) * 3,
    _HOUR,
    *(3 * _HOUR,) * 3,
    *(6 * _HOUR,) * 2,
)
SCHEDULES = {
    "wechat": _WECHAT,
    "douyin": _WECHAT,
    "alipay": (4 * _MINUTE, *(10 * _MINUTE,) * 2, _HOUR, 2 * _HOUR, 6 * _HOUR, 15 * _HOUR),
    "stripe": (5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, *(10 * _HOUR,) * 5),
    "balance": (5, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 5 * _HOUR, *(10 * _HOUR,) * 2),
}
_LEASE = timedelta(seconds=30)  # nobody else sends it meanwhile


@dataclass(frozen=True)
class Queued:
    """One notice; `due_at` is None once it was taken, or given up after the last try."""

    id: int
    event_id: str
    move_id: int
    event: str
    at: str
    due_at: str | None
    tries: int
    status: int


def queue_notice(connection: sqlite3.Connection, move_id: int, event: str, at: str) -> None:
    """Tell of what became of a movement, from `at` on."""
    connection.execute(
        "INSERT INTO notice (event_id, move_id, event, at, due_at, tries, status)"
        " VALUES (?, ?, ?, ?, ?, 0, 0)",
        (secrets.token_hex(16), move_id, event, at, at),
    )


def take_due(connection: sqlite3.Connection, now: datetime, most: int = 100) -> list[Queued]:
    """What has to be sent now; it is ours until the lease ends."""
    rows = connection.execute(
        "SELECT * FROM notice WHERE due_at <= ? ORDER BY due_at, id LIMIT ?", (text_of(now), most)
    ).fetchall()
    until = text_of(now + _LEASE)
    connection.executemany(
        "UPDATE notice SET due_at = ? WHERE id = ?", [(until, row["id"]) for row in rows]
    )
    return [Queued(**dict(row)) for row in rows]


def list_queued(connection: sqlite3.Connection) -> list[Queued]:
    """Every notice that is still to be sent."""
    rows = connection.execute("SELECT * FROM notice WHERE due_at IS NOT NULL ORDER BY id")
    return [Queued(**dict(row)) for row in rows]


def end_try(
    connection: sqlite3.Connection,
    queued: Queued,
    provider: str,
    status: int,
    taken: bool,
    now: datetime,
) -> None:
    """Taken, or due again by the provider's schedule, or given up."""
    schedule = SCHEDULES[provider]
    again = None
    if not taken and queued.tries < len(schedule):
        again = text_of(now + timedelta(seconds=schedule[queued.tries]))
    connection.execute(
        "UPDATE notice SET due_at = ?, tries = tries + 1, status = ? WHERE id = ?",
        (again, status, queued.id),
    )
