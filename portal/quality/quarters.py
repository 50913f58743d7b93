"""Quarters of the year in Beijing, as ``2026Q4``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from portal.pool.state import BEIJING

NAME = re.compile(r"20\d\dQ[1-4]")
NIGHT_HOUR = 3


def quarter_of(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{local.year}Q{(local.month - 1) // 3 + 1}"


def last_night(now: datetime) -> datetime:
    """The newest three o'clock in the morning, Beijing time, that is not after `now`."""
    local = now.astimezone(BEIJING)
    night = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return night if night <= local else night - timedelta(days=1)


def start_of(quarter: str) -> datetime:
    """Raises ValueError for anything that is no quarter."""
    if not NAME.fullmatch(quarter):
        raise ValueError(quarter)
    return datetime(int(quarter[:4]), int(quarter[5]) * 3 - 2, 1, tzinfo=BEIJING)


def before(quarter: str, steps: int) -> str:
    """The quarter `steps` before this one."""
    number = int(quarter[:4]) * 4 + int(quarter[5]) - 1 - steps
    return f"{number // 4}Q{number % 4 + 1}"
