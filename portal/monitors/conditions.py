"""What is wrong with a movement, as a function of where it stands and of the time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from portal.arrivals.promising import promise_for, span_for
from portal.formats import BEIJING
from portal.times import stamp

CALL_WITHIN = timedelta(minutes=5)
HEAR_WITHIN = timedelta(minutes=10)
# T19 of the timers: whatever holds it back, approval or switch, a ruling is carried out in a day.
ORDER_WITHIN = timedelta(hours=24)
RECENTLY = timedelta(hours=1)  # how far back a route is looked at; the watch itself is a minute's
UNCALLED = ("PLANNED", "RESERVED")
NATURAL_ROUTES = ("", "ORIGINAL", "OFFLINE")  # the last one two people have vouched for
PAID = ("SUCCESS", "ARRIVED")
ENDED = ("CLOSED", "REFUSED", "REVERSED")
MEASURED = frozenset(
    ("NO_CALL", "UNKNOWN_TOO_LONG", "PAST_PROMISE", "ROUTE_DIFFERS", "ABNORMAL", *ENDED)
)
UNTIL_MOVED = frozenset(("NOT_ENOUGH", "NOT_AVAILABLE", "PLATFORM_OVERLAP"))


@dataclass(frozen=True)
class Stand:
    """A movement as its row has it; `blocked`: what its turn waits for, such as an approval."""

    state: str
    over: bool
    waiting: bool
    channel: str
    method: str
    route: str
    ordered_at: datetime
    called_at: datetime | None
    latest: str
    blocked: str


def complaints(stand: Stand, now: datetime) -> frozenset[str]:
    """The kinds of items that this movement needs now."""
    found = {
        "NO_CALL": _is_uncalled(stand, now),
        "UNKNOWN_TOO_LONG": _is_unheard(stand, now),
        "PAST_PROMISE": _is_past_promise(stand, now),
        "ROUTE_DIFFERS": stand.route not in _routes(stand)
        and stand.state in ("SUCCESS", "ARRIVED"),
        "ABNORMAL": stand.state == "ABNORMAL",
        **{state: stand.state == state for state in ENDED},
    }
    return frozenset(kind for kind, holds in found.items() if holds)


def is_cured(kind: str, stand: Stand, now: datetime) -> bool:
    """Whether an item that stands open is done with by the movement's own progress. A route that
    differed, or an amount, is never undone by time: a person says what was done about it."""
    if kind == "PAST_PROMISE":
        # Perhaps the buyer's own word. An arrival closes it as it is recorded (arrivals.asking);
        # what stands open beside one is a buyer who denies what was presumed: a person answers.
        return stand.state not in PAID
    if kind in UNTIL_MOVED:
        return stand.over or stand.state == "PROCESSING"
    return kind in MEASURED - {"ROUTE_DIFFERS"} and kind not in complaints(stand, now)


def _is_uncalled(stand: Stand, now: datetime) -> bool:
    if stand.state not in UNCALLED or stand.waiting:
        return False
    within = ORDER_WITHIN if stand.blocked else CALL_WITHIN
    return now - stand.ordered_at >= within


def _is_unheard(stand: Stand, now: datetime) -> bool:
    """Nobody knows for ten minutes; or accepted, and longer under way than its kind may be."""
    if stand.called_at is None or stand.state not in ("SUBMITTED", "PROCESSING"):
        return False
    if stand.state == "SUBMITTED":
        return stand.called_at <= now - HEAR_WITHIN
    return stand.called_at <= quiet_since(stand.channel, stand.method, now)


def quiet_since(channel: str, method: str, now: datetime) -> datetime:
    """What was accepted, and called at this moment or earlier, has been quiet for too long: ten
    minutes where success is at once, else the whole days that are promised after a success."""
    if not takes_days(channel, method):
        return now - HEAR_WITHIN
    today = day_of(now)
    noon = datetime.combine(today, time(12), BEIJING)
    while promise_for(channel, method, stamp(noon)).latest >= today.isoformat():
        noon -= timedelta(days=1)
    return (noon + timedelta(hours=12) - timedelta.resolution).astimezone(UTC)


def _is_past_promise(stand: Stand, now: datetime) -> bool:
    late = bool(stand.latest) and stand.latest < day_of(now).isoformat()
    return stand.state == "SUCCESS" and late and takes_days(stand.channel, stand.method)


def takes_days(channel: str, method: str) -> bool:
    """Only where days are promised can a bank be late; elsewhere success is the arrival."""
    return span_for(channel, method).most > 0


def _routes(stand: Stand) -> tuple[str, ...]:
    return (*NATURAL_ROUTES, "BALANCE") if stand.channel == "balance" else NATURAL_ROUTES


def day_of(now: datetime) -> date:
    """The day in Beijing."""
    return now.astimezone(BEIJING).date()
