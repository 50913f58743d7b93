"""What is wrong with a movement, as a function of where it stands and of the time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.arrivals.promising import promise_for, span_for
from portal.formats import BEIJING
from portal.times import stamp

CALL_WITHIN = timedelta(minutes=5)
HEAR_WITHIN = timedelta(minutes=10)
# T19 of the timers: whatever holds it back, approval or switch, a ruling is carried out in a day.
ORDER_WITHIN = timedelta(hours=24)
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
    if stand.state not in ("PLANNED", "RESERVED") or stand.waiting:
        return False
    within = ORDER_WITHIN if stand.blocked else CALL_WITHIN
    return now - stand.ordered_at >= within


def _is_unheard(stand: Stand, now: datetime) -> bool:
    """Nobody knows for ten minutes; or accepted, and longer under way than its kind may be."""
    if stand.called_at is None or now - stand.called_at < HEAR_WITHIN:
        return False
    if stand.state != "PROCESSING" or _is_instant(stand):
        return stand.state in ("SUBMITTED", "PROCESSING")
    promised = promise_for(stand.channel, stand.method, stamp(stand.called_at))
    return promised.latest < day_of(now).isoformat()


def _is_past_promise(stand: Stand, now: datetime) -> bool:
    late = bool(stand.latest) and stand.latest < day_of(now).isoformat()
    return stand.state == "SUCCESS" and late and not _is_instant(stand)


def _is_instant(stand: Stand) -> bool:
    """The provider's success is the arrival; only where days are promised can a bank be late."""
    return span_for(stand.channel, stand.method).most == 0


def _routes(stand: Stand) -> tuple[str, ...]:
    return (*NATURAL_ROUTES, "BALANCE") if stand.channel == "balance" else NATURAL_ROUTES


def day_of(now: datetime) -> date:
    """The day in Beijing."""
    return now.astimezone(BEIJING).date()
