"""From an obligation that was not kept to the refund that stands in for it, if it has a price."""

from __future__ import annotations

from portal.cases.state import Case
from portal.events import Event, ExecutionOrdered, ObligationState
from portal.obligations.ordering import left_fen
from portal.obligations.state import Obligation
from portal.refunds.state import Movement
from portal.rulings.orders import movement_number, order


def most_fen(case: Case, obligation: Obligation) -> int:
    """What its refund may be at most: its price where it has one, within what is left to refund."""
    left = left_fen(case)
    ordered = obligation.ordered
    if ordered.fallback == "REFUND":
        return min(ordered.fallback_fen, left)
    return left if ordered.fallback == "ASSESSED" else 0


def fail(case: Case, obligation: Obligation, failed: ObligationState) -> tuple[Event, ...]:
    """FAILED, and the order of the refund; without a price it stays on record as broken."""
    worth = failed.refund_fen if failed.source == "OFFICER" else most_fen(case, obligation)
    return (failed, *_refund(case, obligation, worth))


def refund_for(case: Case, obligation: Obligation) -> Movement | None:
    """The movement that stands in for it, once it has fallen back."""
    return case.movement(movement_number(case.claim.case_no, _line(obligation)))


def _line(obligation: Obligation) -> str:
    """R<case>o<n>: an obligation falls back at most once, so its number is free."""
    return obligation.number.lower()


def _refund(case: Case, obligation: Obligation, amount_fen: int) -> tuple[ExecutionOrdered, ...]:
    return (order(case, _line(obligation), amount_fen),) if amount_fen else ()
