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
    carried_out = case.state == "REFUNDING" and case.closed is None
    if not carried_out or case.needs_confirmation:
        return ()
    if not all(movement.is_over for movement in case.movements):
        return ()
    if any(movement.is_paid for movement in case.movements):
        return (CaseClosed(reason="EXECUTED"),)
    return (CaseClosed(reason="ABANDONED" if case.movements else "NO_MOVEMENT"),)
