"""When a message is sent again, and when it is given up: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=24),
)
PATIENCE = timedelta(days=5)
TAKEN = range(200, 300)
GONE = 410  # Standard Webhooks: the receiver wants nothing more


def next_attempt(attempts: int, first_at: datetime, now: datetime) -> datetime | None:
    """The time of the next attempt after `attempts` that failed; None: it has been long enough."""
    at = now + WAITS[min(attempts, len(WAITS)) - 1]
    return at if at < first_at + PATIENCE else None
