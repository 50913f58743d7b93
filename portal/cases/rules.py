"""What follows when a clock runs out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from portal.cases.commands import ExpireClock
from portal.cases.state import Case
from portal.errors import Refused
from portal.errors import sentence as _
from portal.events import ClockExpired, Event, RefundState
from portal.panels.seating import close_voting, replace_silent
from portal.returns.rules import goods_back
from portal.rulings.ending import followed_by_end
from portal.rulings.orders import default, execute
from portal.timers import start_clock
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
    return (close_voting(case, "DEADLINE"),)


def _to_officer(case: Case, now: datetime) -> tuple[Event, ...]:
    """An officer late is reminded, again and again, and others hear of it; an appraisal that did
    not come leaves the decision to the officer as the file stands."""
    return (start_clock("OFFICER_DECIDE", now, case.claim.rules_version),)


def _still_to_confirm(case: Case, now: datetime) -> tuple[Event, ...]:
    return (start_clock("CONFIRM_STATUTORY", now, case.claim.rules_version),)


def _take_effect(case: Case, now: datetime) -> tuple[Event, ...]:
    assert case.ruling is not None, "a window for an appeal against nothing"
    return execute(case, case.ruling, now)


def _lapse(case: Case, now: datetime) -> tuple[Event, ...]:
    """The refund falls; what was granted besides it is paid all the same."""
    refund = case.movement_on("REFUND")
    assert refund is not None, "goods were to come back for no refund"
    fallen = RefundState(refund.refund_no, "CANCELLED", refund.order.amount_fen, source="CLOCK")
    return followed_by_end(case, (fallen,), now)


def _accept_return(case: Case, now: datetime) -> tuple[Event, ...]:
    return goods_back(case, "CLOCK")


def _to_judge(case: Case, now: datetime) -> tuple[Event, ...]:
    """A silent buyer does not lose by it; an officer late is reminded, again and again."""
    return (start_clock("RETURN_JUDGE", now, case.claim.rules_version),)


CONSEQUENCES: dict[str, Callable[[Case, datetime], tuple[Event, ...]]] = {
    "MERCHANT_RESPOND": default,
    "BUYER_DECIDE": _to_panel,
    "SEATING": replace_silent,
    "DELIBERATION": _close_voting,
    "OFFICER_DECIDE": _to_officer,
    "APPRAISAL": _to_officer,
    "APPEAL_WINDOW": _take_effect,
    "APPEAL_EVIDENCE": _to_panel,
    "CONFIRM_STATUTORY": _still_to_confirm,
    "RETURN_GOODS": _lapse,
    "RETURN_INSPECT": _accept_return,
    "RETURN_ANSWER": _to_judge,
    "RETURN_JUDGE": _to_judge,
}
