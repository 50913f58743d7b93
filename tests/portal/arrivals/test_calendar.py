"""The table of working days against another's, day by day, and where it ends."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

import pytest
from holidays import country_holidays

from portal.arrivals.calendar import YEARS, is_announced, is_working_day, working_days_after


@pytest.mark.parametrize("year", sorted(YEARS))
def test_every_day_of_an_announced_year_agrees_with_another_table(year: int) -> None:
    other = country_holidays("CN", years=year)
    days = (date(year, 1, 1) + timedelta(n) for n in range(365))
    assert [day for day in days if is_working_day(day) != other.is_working_day(day)] == []


def test_make_up_days_are_worked_and_the_days_they_pay_for_are_free() -> None:
    assert is_working_day(date(2026, 10, 10))  # a Saturday
    assert is_working_day(date(2026, 2, 14))
    assert not is_working_day(date(2026, 10, 7))  # a Wednesday
    assert not is_working_day(date(2026, 2, 23))


def test_a_year_that_is_not_announced_has_weekends_only_and_says_so() -> None:
    assert not is_announced(date(2027, 10, 1))
    assert is_working_day(date(2027, 10, 1))
    assert not is_working_day(date(2027, 10, 2))


def test_the_spring_festival_is_stepped_over() -> None:
    found = list(islice(working_days_after(date(2026, 2, 13)), 3))
    assert found == [date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25)]
