"""How the events of obligations change a case, and when a case waits for them alone."""

from __future__ import annotations

from dataclasses import replace

from portal.cases.state import Case
from portal.events import ObligationOrdered, ObligationState
from portal.obligations.state import Obligation

GOODS_COME_FIRST = ("AWAITING_RETURN", "RETURNING", "RETURN_DISPUTED")


def ordered(case: Case, event: ObligationOrdered, at: str) -> Case:
    """A case that is to be carried out in kind only waits for nothing else."""
    owing = replace(case, obligations=(*case.obligations, Obligation(event, at)))
    if case.state in GOODS_COME_FIRST:
        return owing
    if case.state == "REFUNDING":
        return carrying_out(owing)
    return replace(owing, clock=None, state="FULFILLING")


def moved(case: Case, event: ObligationState, at: str) -> Case:
    changed = tuple(
        replace(o, states=(*o.states, (event, at))) if o.number == event.number else o
        for o in case.obligations
    )
    return carrying_out(replace(case, obligations=changed))


def carrying_out(case: Case) -> Case:
    """Money first: what is owed in kind shows when no money is under way any more."""
    if case.state not in ("REFUNDING", "FULFILLING"):
        return case
    if case.needs_confirmation or not all(m.is_over for m in case.movements):
        return replace(case, state="REFUNDING")
    if all(o.is_over for o in case.obligations):
        return case
    return replace(case, state="FULFILLING")
