"""Days on which Chinese banks work: weekdays, but for the public holidays and their make-up days.

The table is what the State Council's office announces each November for the year after: the notices
of 12 November 2024 and 4 November 2025. A year that is not in it has weekends only, and whoever
counts its days is told so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Year:
    """Free stretches as (first, last), and weekend days that are worked instead; MM-DD."""

    free: tuple[tuple[str, str], ...]
    worked: tuple[str, ...]


YEARS = {
    2025: Year(
        free=(
            ("01-01", "01-01"),
            ("01-28", "02-04"),
            ("04-04", "04-06"),
            ("05-01", "05-05"),
            ("05-31", "06-02"),
            ("10-01", "10-08"),
        ),
        worked=("01-26", "02-08", "04-27", "09-28", "10-11"),
    ),
    2026: Year(
        free=(
            ("01-01", "01-03"),
            ("02-15", "02-23"),
            ("04-04", "04-06"),
            ("05-01", "05-05"),
            ("06-19", "06-21"),
            ("09-25", "09-27"),
            ("10-01", "10-07"),
        ),
        worked=("01-04", "02-14", "02-28", "05-09", "09-20", "10-10"),
    ),
}


def is_announced(day: date) -> bool:
    """Whether the holidays of the day's year are known."""
    return day.year in YEARS


def is_working_day(day: date) -> bool:
    """A day on which transfers between banks are booked."""
    year, short = YEARS.get(day.year), day.isoformat()[5:]
    if year and short in year.worked:
        return True
    free = bool(year) and any(first <= short <= last for first, last in year.free)
    return day.weekday() < SATURDAY and not free


def working_days_after(day: date) -> Iterator[date]:
    """The working days after the day, without end."""
    while True:
        day += ONE_DAY
        if is_working_day(day):
            yield day
