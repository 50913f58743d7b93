"""What a platform is told: types, numbers and codes. No words of a party, no name, no reference.

Whoever wants more asks the API with a token of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from portal import events as e
from portal.cases.state import Case
from portal.projection import Happened

MOVED = {
    "SUBMITTED": "refund.submitted",
    "PROCESSING": "refund.processing",
    "SUCCESS": "refund.succeeded",
    "ARRIVED": "refund.arrived",
    "REVERSED": "refund.reversed",
    "ABNORMAL": "refund.stuck",
    "REFUSED": "refund.stuck",
    "CLOSED": "refund.stuck",
    "CANCELLED": "refund.cancelled",
}
OBLIGED = ("shipped", "delivered", "done", "disputed", "overdue", "met", "failed")
TYPES = (
    "case.ruled",
    "case.closed",
    "refund.ordered",
    "refund.questioned",
    *dict.fromkeys(MOVED.values()),
    "obligation.ordered",
    *(f"obligation.{state}" for state in OBLIGED),
)


@dataclass(frozen=True)
class Message:
    """`id` names the entry of the ledger that it tells of: the same for every receiver."""

    id: str
    type: str
    content: str


def message_of(happened: Happened, case: Case) -> Message | None:
    """The message about an entry; None for what is nobody's business outside."""
    said = _said(happened.event, case)
    if said is None:
        return None
    kind, subject = said
    data = {
        "case_no": case.claim.case_no,
        "order_id": case.claim.order_id,
        "case_state": case.state,
        "entry_index": happened.index,
        **subject,
    }
    body = {"type": kind, "timestamp": happened.at, "data": data}
    return Message(f"msg_{happened.index}", kind, msgspec.json.encode(body).decode())


def _said(event: e.Event, case: Case) -> tuple[str, Mapping[str, object]] | None:
    if isinstance(event, e.RefundState):
        return (MOVED[event.state], _step(event, case)) if event.state in MOVED else None
    if isinstance(event, e.ExecutionOrdered):
        return "refund.ordered", _order(event)
    if isinstance(event, e.ArrivalQuestioned):
        return "refund.questioned", {"refund_no": event.refund_no}
    return _about_case(event) or _about_obligation(event)


def _about_case(event: e.Event) -> tuple[str, Mapping[str, object]] | None:
    if isinstance(event, e.RulingIssued):
        ruled = {"outcome": event.outcome, "basis": event.basis, "remedy": event.remedy}
        return "case.ruled", {**ruled, "refund_fen": event.refund_fen}
    return ("case.closed", {"reason": event.reason}) if isinstance(event, e.CaseClosed) else None


def _about_obligation(event: e.Event) -> tuple[str, Mapping[str, object]] | None:
    if isinstance(event, e.ObligationOrdered):
        owed = {"number": event.number, "code": event.code, "debtor": event.debtor}
        return "obligation.ordered", {**owed, "due_at": event.due_at}
    if isinstance(event, e.ObligationState) and event.state.lower() in OBLIGED:
        return f"obligation.{event.state.lower()}", {"number": event.number, "why": event.why}
    return None


def _order(event: e.ExecutionOrdered) -> Mapping[str, object]:
    return {
        "refund_no": event.refund_no,
        "rail": event.rail,
        "amount_fen": event.amount_fen,
        "payment_id": event.payment_id,
        "channel": event.channel,
        "return_first": event.return_first,
    }


def _step(event: e.RefundState, case: Case) -> Mapping[str, object]:
    movement = case.movement(event.refund_no)
    promise = msgspec.to_builtins(event.promise) if event.promise else None
    return {
        "refund_no": event.refund_no,
        "rail": movement.order.rail if movement else "",
        "state": event.state,
        "attempt": event.attempt,
        "amount_fen": event.amount_fen,
        "route": event.route,
        "code": event.code,
        "succeeded_at": event.provider_at or None,
        "promise": promise,
    }
