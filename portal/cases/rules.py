"""What follows when a clock runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from portal.cases.commands import ExpireClock
from portal.cases.state import Case
from portal.errors import Refused
from portal.errors import sentence as _
from portal.events import CaseClosed, ClockExpired, Event, ReturnReceived
from portal.panels.rules import close_voting
from portal.rulings.orders import default
from portal.times import moment


def expire_clock(case: Case, command: ExpireClock, now: datetime) -> tuple[Event, ...]:
    """CLOCK_EXPIRED and its consequence; refused when the case has moved on meanwhile."""
    running = case.clock
    if running is None or (running.clock, running.due_at) != (command.clock, command.due_at):
        raise Refused(_("这个时限已经不再适用"))
    if now < moment(running.due_at):
        raise Refused(_("时限还没到"))
    expired = ClockExpired(clock=running.clock, due_at=running.due_at)
    return (expired, *CONSEQUENCES[running.clock](case, now))


def _to_panel(case: Case, now: datetime) -> tuple[Event, ...]:
    return ()


def _close_voting(case: Case, now: datetime) -> tuple[Event, ...]:
    return (close_voting(case),)


def _lapse(case: Case, now: datetime) -> tuple[Event, ...]:
    return (CaseClosed(reason="ABANDONED"),)


def _accept_return(case: Case, now: datetime) -> tuple[Event, ...]:
    return (ReturnReceived(confirmed_by="CLOCK"),)


CONSEQUENCES: dict[str, Callable[[Case, datetime], tuple[Event, ...]]] = {
    "MERCHANT_RESPOND": default,
    "BUYER_DECIDE": _to_panel,
    "DELIBERATION": _close_voting,
    "RETURN_GOODS": _lapse,
    "RETURN_INSPECT": _accept_return,
}
