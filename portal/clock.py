"""Time is an argument. `Clock.now` is the only place of the portal that asks the machine.

A rehearsal (demo, `mingan play`) may move the clock forward, never back; the offset lives in the
database so that web and worker agree. Everybody else has an offset of zero for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def no_offset() -> timedelta:
    return timedelta(0)


@dataclass(frozen=True)
class Clock:
    """Wall clock in UTC plus the rehearsal's offset."""

    offset: Callable[[], timedelta] = no_offset

    def now(self) -> datetime:
        """Aware UTC datetime, whole milliseconds."""
        moment = datetime.now(UTC) + self.offset()
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
