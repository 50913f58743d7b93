"""Moving the rehearsal's clock, forward only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy.orm import Session, sessionmaker

from portal.errors import BadInput
from portal.errors import sentence as _
from portal.rehearsal.tables import ClockOffset

ONE = 1
FURTHEST = timedelta(days=3660)


def offset_of(sessions: sessionmaker[Session]) -> Callable[[], timedelta]:
    """Reads the offset afresh each time: web and worker are different processes."""

    def offset() -> timedelta:
        with sessions() as session:
            row = session.get(ClockOffset, ONE)
            return timedelta(seconds=row.seconds if row else 0)

    return offset


def move_clock(sessions: sessionmaker[Session], seconds: int) -> int:
    """Add seconds to the offset; returns the whole offset. Raises BadInput."""
    if not 0 < seconds <= FURTHEST.total_seconds():
        raise BadInput("seconds", _("时钟只能往前拨，最多十年"))
    with sessions.begin() as session:
        row = session.get(ClockOffset, ONE, with_for_update=True) or ClockOffset(id=ONE, seconds=0)
        row.seconds = min(row.seconds + seconds, int(FURTHEST.total_seconds()))
        session.add(row)
        return row.seconds
