"""How an item rises when its deadline passes. Pure.

level 0  the operator owns it, `patience` of its kind
level 1  still the operator's; where a buyer waits, the advance is offered; a day
level 2  the association sees it, and that it stood so long is recorded
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.monitors.kinds import KINDS

TOP = 2
SECOND = timedelta(days=1)
AT_THE_TOP = timedelta(days=3)


@dataclass(frozen=True)
class Rise:
    """Where an item goes. `deadline` counts from now: whoever gets it has real time for it."""

    level: int
    owner: str
    deadline: datetime
    next_at: datetime | None
    what: str


def rise(kind: str, level: int, next_at: datetime | None, now: datetime) -> Rise | None:
    """The next step of an unresolved item, or None while its time runs or nothing is above."""
    if next_at is None or now < next_at or level >= TOP:
        return None
    if level + 1 == TOP:
        return Rise(TOP, "ASSOCIATION", now + AT_THE_TOP, None, "RAISED")
    deadline = now + SECOND
    what = "OFFERED" if KINDS[kind].buyer_waits else "REMINDED"
    return Rise(level + 1, "OPERATOR", deadline, deadline, what)
