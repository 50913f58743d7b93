"""When a case is over: everything that its ruling ordered has come to an end."""

from __future__ import annotations

from datetime import datetime

from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.events import CaseClosed, Event
from portal.times import stamp


def followed_by_end(case: Case, events: tuple[Event, ...], now: datetime) -> tuple[Event, ...]:
    """The events, and CASE_CLOSED if after them nothing is left to do."""
    after = fold(((event, stamp(now)) for event in events), case)
    return (*events, *_end(after))


def _end(case: Case) -> tuple[Event, ...]:
    carried_out = case.state in ("REFUNDING", "FULFILLING") and case.closed is None
    if not carried_out or case.needs_confirmation:
        return ()
    if not all(each.is_over for each in (*case.movements, *case.obligations)):
        return ()
    return (CaseClosed(reason=_reason(case)),)


def _reason(case: Case) -> str:
    """What came of the ruling, the best that can be said of it first."""
    if any(movement.is_paid for movement in case.movements):
        return "EXECUTED"
    if any(o.state == "MET" and o.code != "SEND_BACK" for o in case.obligations):
        return "FULFILLED"
    if case.dispute and case.dispute.judged and case.dispute.judged.outcome == "NONE":
        return "RETURN_REFUSED"
    if any(movement.is_covered for movement in case.movements):
        return "COVERED"
    if case.obligations:
        return "UNFULFILLED"
    return "ABANDONED" if case.movements else "NO_MOVEMENT"
