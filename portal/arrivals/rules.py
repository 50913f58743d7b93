"""Accepted, succeeded and arrived are three facts; only the third is the payee's to state."""

from __future__ import annotations

from datetime import datetime

from portal.arrivals.commands import ConfirmArrival, QuestionArrival
from portal.arrivals.promising import is_late
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import ArrivalQuestioned, Event, RefundState
from portal.formats import BEIJING
from portal.refunds.state import Movement

TEXT_LIMIT = 500


def confirm_arrival(case: Case, command: ConfirmArrival, now: datetime) -> tuple[Event, ...]:
    """REFUND_STATE ARRIVED by the buyer's word, also behind an arrival that the buyer denied."""
    movement = _paid(case, command.refund_no)
    if not may_confirm(movement):
        raise Refused(_("这笔款已经记为到账"))
    step = RefundState(
        refund_no=movement.refund_no,
        state="ARRIVED",
        amount_fen=movement.order.amount_fen,
        attempt=movement.attempt,
        source="BUYER",
    )
    return (step,)


def question_arrival(case: Case, command: QuestionArrival, now: datetime) -> tuple[Event, ...]:
    """ARRIVAL_QUESTIONED, once for each payment, and not before the promised days are over."""
    movement = _paid(case, command.refund_no)
    if len(command.text) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(n)s 个字"), n=TEXT_LIMIT)
    if movement.last and movement.last.source == "BUYER":
        raise Refused(_("你已经确认收到这笔款"))
    if is_questioned(movement):
        raise Refused(_("你已经说过没收到，正在核实"))
    if not may_question(movement, now):
        raise Refused(_("还没到承诺的最晚到账日"))
    return (ArrivalQuestioned(movement.refund_no, command.text),)


def may_confirm(movement: Movement) -> bool:
    """Paid, and not known to have arrived: nobody has said so, or the payee has denied it since."""
    return movement.is_paid and not has_arrived(movement)


def may_question(movement: Movement, now: datetime) -> bool:
    """Paid, late, and the payee has neither confirmed nor questioned it."""
    paid = movement.success
    if paid is None or is_questioned(movement) or movement.states[-1][0].source == "BUYER":
        return False
    today = now.astimezone(BEIJING).date()
    return paid.promise is None or is_late(paid.promise, today)


def is_questioned(movement: Movement) -> bool:
    """Whether the payee has questioned this very payment, and not found it since."""
    succeeded = [at for event, at in movement.states if event.state == "SUCCESS"]
    said = bool(movement.questioned_at and succeeded) and movement.questioned_at >= succeeded[-1]
    return said and movement.states[-1][0].source != "BUYER"


def has_arrived(movement: Movement) -> bool:
    """Recorded as arrived, and the payee has not said since that it is missing."""
    return movement.state == "ARRIVED" and not is_questioned(movement)


def _paid(case: Case, refund_no: str) -> Movement:
    movement = case.movement(refund_no)
    if movement is None or not movement.is_paid:
        raise Refused(_("支付机构还没有付出这笔款"))
    return movement
