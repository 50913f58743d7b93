"""Times as Chinese providers write them: Beijing's, which has no summer time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from portal.simulator.store import text_of, time_of

BEIJING = timezone(timedelta(hours=8))


def beijing(text: str) -> str:
    """2026-11-22T16:00:00+08:00"""
    return time_of(text).astimezone(BEIJING).isoformat(timespec="seconds")


def clock_text(text: str) -> str:
    """2026-11-22 16:00:00, in Beijing; empty stays empty."""
    return time_of(text).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if text else ""


def day_span(day: date) -> tuple[str, str]:
    """First moment of a Beijing day, and of the next, as the store writes them."""
    begin = datetime.combine(day, time(), BEIJING)
    return text_of(begin), text_of(begin + timedelta(days=1))


def is_ready(day: date, hour: int, now: datetime) -> bool:
    """Whether it is that hour of the day after, in Beijing."""
    return now >= datetime.combine(day + timedelta(days=1), time(hour), BEIJING)
