"""Promises of arrival: counted from the provider's success, by channel, in days that banks work."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from

from portal.arrivals.calendar import is_announced, is_working_day
from portal.arrivals.promising import is_late, promise_for
from portal.events import ArrivalPromise
from portal.formats import BEIJING
from portal.times import stamp

MOMENTS = integers(0, 900 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
PLACES = (("alipay", "wallet"), ("wechat", "debit_card"), ("unionpay", "debit_card"))


def promised(channel: str, method: str, at: str, by: str = "") -> tuple[str, str, bool]:
    found = promise_for(channel, method, at, by)
    return found.earliest, found.latest, found.certain


@pytest.mark.parametrize(
    ("channel", "method", "days"),
    [
        ("wechat", "wallet", ("2026-11-20", "2026-11-20")),
        ("douyin", "wallet", ("2026-11-20", "2026-11-20")),
        ("balance", "", ("2026-11-20", "2026-11-20")),
        ("wechat", "debit_card", ("2026-11-23", "2026-11-25")),
        ("alipay", "wallet", ("2026-11-23", "2026-11-25")),
        ("unionpay", "debit_card", ("2026-11-25", "2026-12-01")),
    ],
)
def test_each_channel_has_its_own_span(channel: str, method: str, days: tuple[str, str]) -> None:
    friday = "2026-11-20T03:10:00.000Z"
    assert promised(channel, method, friday) == (*days, True)


def test_the_day_is_beijings_and_five_minutes_before_midnight_is_tomorrow() -> None:
    assert promised("wechat", "wallet", "2026-11-20T15:54:00.000Z")[1] == "2026-11-20"
    assert promised("wechat", "wallet", "2026-11-20T15:57:00.000Z")[1] == "2026-11-21"
    assert promised("alipay", "wallet", "2026-11-29T16:30:00.000Z")[0] == "2026-12-01"


@pytest.mark.parametrize(
    ("at", "days"),
    [
        ("2026-02-13T02:00:00.000Z", ("2026-02-14", "2026-02-25")),  # before the Spring Festival
        ("2026-09-30T02:00:00.000Z", ("2026-10-08", "2026-10-10")),  # a Saturday that is worked
        ("2026-04-30T02:00:00.000Z", ("2026-05-06", "2026-05-08")),  # over the end of a month
    ],
)
def test_holidays_and_their_make_up_days_count_as_banks_count(
    at: str, days: tuple[str, str]
) -> None:
    assert promised("alipay", "wallet", at) == (*days, True)


def test_a_promise_into_a_year_not_announced_is_only_expected() -> None:
    assert promised("alipay", "wallet", "2026-12-31T02:00:00.000Z") == (
        "2027-01-01",
        "2027-01-05",
        False,
    )


def test_a_bank_abroad_does_not_keep_our_calendar() -> None:
    assert promise_for("stripe", "credit_card", "2026-11-20T03:00:00.000Z").certain is False


def test_the_providers_own_estimate_goes_before_the_usual_span() -> None:
    at = "2026-11-20T03:10:00.000Z"
    assert promised("alipay", "wallet", at, "2026-11-27") == ("2026-11-23", "2026-11-27", True)
    assert promised("alipay", "wallet", at, "2026-11-22 20:00:00")[:2] == (
        "2026-11-22",
        "2026-11-22",
    )


@pytest.mark.parametrize("nonsense", ["soon", "2026-02-30", "2020-01-01", "9999-12-31", "0"])
def test_an_estimate_that_makes_no_sense_is_passed_over(nonsense: str) -> None:
    at = "2026-11-20T03:10:00.000Z"
    assert promised("alipay", "wallet", at, nonsense) == ("2026-11-23", "2026-11-25", True)


@given(at=MOMENTS, place=sampled_from(PLACES))
def test_both_ends_are_working_days_after_the_success(at: datetime, place: tuple[str, str]) -> None:
    found = promise_for(*place, stamp(at))
    start, first, last = _day(at), *map(date.fromisoformat, (found.earliest, found.latest))
    assert start < first <= last
    assert is_working_day(first)
    assert is_working_day(last)
    between = (start + timedelta(n) for n in range(1, (last - start).days + 1))
    assert found.certain is all(is_announced(day) for day in between)


@given(first=MOMENTS, second=MOMENTS, place=sampled_from(PLACES))
def test_a_later_success_is_never_promised_earlier(
    first: datetime, second: datetime, place: tuple[str, str]
) -> None:
    early, late = sorted((first, second))
    assert promise_for(*place, stamp(early)).latest <= promise_for(*place, stamp(late)).latest


def test_the_last_promised_day_itself_is_not_late() -> None:
    promise = ArrivalPromise("2026-11-23", "2026-11-25", certain=True)
    assert not is_late(promise, date(2026, 11, 25))
    assert is_late(promise, date(2026, 11, 26))


def _day(at: datetime) -> date:
    return at.astimezone(BEIJING).date()
