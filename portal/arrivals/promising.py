"""The promise of arrival: by channel, counted from the provider's success, in working days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from portal.arrivals.calendar import is_announced, working_days_after
from portal.events import ArrivalPromise
from portal.formats import BEIJING
from portal.times import moment

BANK_CARDS = ("debit_card", "credit_card", "bank")
ONE_DAY = timedelta(days=1)
MOST_AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Span:
    """How long a provider takes after its success: minutes, or working days from `least` to
    `most`. `chinese`: the receiving bank keeps the Chinese calendar."""

    minutes: int = 0
    least: int = 0
    most: int = 0
    chinese: bool = True


# The providers' own help pages; a channel that is not named here is a bank card.
AT_ONCE = Span()
WALLET = Span(minutes=5)
BANK_OF_WALLET = Span(least=1, most=3)
BANK = Span(least=3, most=7)
ABROAD = Span(least=5, most=10, chinese=False)


def span_for(channel: str, method: str) -> Span:
    """How long this channel usually takes after the provider's success."""
    if channel == "balance":
        return AT_ONCE
    if channel in ("wechat", "douyin"):
        return BANK_OF_WALLET if method in BANK_CARDS else WALLET
    return {"alipay": BANK_OF_WALLET, "stripe": ABROAD}.get(channel, BANK)


def promise_for(
    channel: str, method: str, succeeded_at: str, arrives_by: str = ""
) -> ArrivalPromise:
    """The two Beijing dates that the payer is told, both inclusive.

    `succeeded_at` is the provider's time of success (RFC 3339); `arrives_by`, the provider's own
    estimate (a date), replaces what the channel usually takes, unless it is months away: a promise
    is asked after when it has passed.
    """
    usual = _usual(span_for(channel, method), succeeded_at)
    latest = _date_of(arrives_by)
    paid_on = _day(succeeded_at)
    if latest is None or not paid_on <= latest <= paid_on + MOST_AHEAD:
        return usual
    earliest = min(usual.earliest, latest.isoformat())
    return ArrivalPromise(earliest=earliest, latest=latest.isoformat(), certain=True)


def is_late(promise: ArrivalPromise, today: date) -> bool:
    """Whether the last promised day has passed."""
    return promise.latest < today.isoformat()


def _usual(span: Span, succeeded_at: str) -> ArrivalPromise:
    if not span.most:
        day = _day(succeeded_at, span.minutes).isoformat()
        return ArrivalPromise(earliest=day, latest=day, certain=True)
    start = _day(succeeded_at)
    days = list(islice(working_days_after(start), span.most))
    return ArrivalPromise(
        earliest=days[span.least - 1].isoformat(),
        latest=days[-1].isoformat(),
        certain=span.chinese and all(map(is_announced, _between(start, days[-1]))),
    )


def _between(first: date, last: date) -> list[date]:
    return [first + ONE_DAY * n for n in range(1, (last - first).days + 1)]


def _day(at: str, minutes: int = 0) -> date:
    return (moment(at) + timedelta(minutes=minutes)).astimezone(BEIJING).date()


def _date_of(text: str) -> date | None:
    """The date that a provider's estimate begins with; None for anything else."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
