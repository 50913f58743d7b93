"""How long to wait before the next look; pure functions of what has happened so far."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta

SOON = timedelta(seconds=5)
LATER = timedelta(hours=1)
DAY = timedelta(days=1)
PRESUMED_AFTER = timedelta(days=7)  # after the promised day without a word of the payer
SPREAD_MS = 5_000

# (age of the newest request, wait): WeChat Pay advises a minute after the request, each minute for
# five minutes, then 5, 10, 20, 30; a request whose answer was lost is asked about sooner.
_QUERIES = (
    (timedelta(seconds=20), SOON),
    (timedelta(minutes=5), timedelta(minutes=1)),
    (timedelta(minutes=10), timedelta(minutes=5)),
    (timedelta(minutes=20), timedelta(minutes=10)),
    (timedelta(hours=1), timedelta(minutes=20)),
    (timedelta(days=2), timedelta(minutes=30)),
)
_SHORT_OF_MONEY = (
    (timedelta(minutes=30), timedelta(minutes=5)),
    (timedelta(hours=6), timedelta(minutes=30)),
)


def next_query(age: timedelta) -> timedelta:
    """Until the next question about a request of this age."""
    return _wait(_QUERIES, age, timedelta(hours=6))


def next_try(age: timedelta) -> timedelta:
    """Until an account that was short is tried again."""
    return _wait(_SHORT_OF_MONEY, age, timedelta(hours=2))


def _wait(
    table: tuple[tuple[timedelta, timedelta], ...], age: timedelta, most: timedelta
) -> timedelta:
    return next((wait for until, wait in table if age < until), most)


def spread(moment: datetime, refund_no: str) -> datetime:
    """A little later for each, so that a provider that comes back is not overrun."""
    return moment + timedelta(milliseconds=zlib.crc32(refund_no.encode()) % SPREAD_MS)
