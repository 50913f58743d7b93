"""Checks of one case's orders against its ruling: how many, and for how much.

They add up for themselves what the ruling, the officer and the buyer's statement allow, and ask
none of the rules that gave the orders.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from portal.cases.state import Case
from portal.invariants.movement_checks import Told
from portal.obligations.state import Obligation
from portal.refunds.state import Movement
from portal.words import IN_KIND

BASIS_POINTS = 10_000
NO_REASON = "N"  # reason codes of a return without a reason: the buyer bears the freight


def one_order_each(told: Told) -> Iterator[str]:
    """I3: no movement is ordered twice; the ruling's refund once, up to its sum; each obligation's
    up to what it was worth; all of them up to the payment."""
    case_no = told.case.claim.case_no
    ordered = Counter(movement.refund_no for movement in told.movements)
    yield from (f"{number}: x{times}" for number, times in ordered.items() if times > 1)
    refunds, worth = _on(told, "REFUND"), _worth(told.case)
    of_ruling = [m for m in refunds if m.refund_no not in worth]
    yield from _beyond(case_no, of_ruling, _refund_fen(told.case))
    for movement in refunds:
        if movement.order.amount_fen > worth.get(movement.refund_no, movement.order.amount_fen):
            yield f"{movement.refund_no}: {movement.order.amount_fen}"
    if _sum(refunds) > told.case.claim.payment.paid_fen:
        yield f"{case_no}: {_sum(refunds)}"


def payout_within_ruling(told: Told) -> Iterator[str]:
    """I17: one order of the money beyond the price, up to what was granted and confirmed; one of
    the freight, up to the others' part of what the buyer stated."""
    case_no = told.case.claim.case_no
    yield from _beyond(case_no, _on(told, "PAYOUT"), _granted_fen(told.case))
    yield from _beyond(case_no, _on(told, "FREIGHT"), _freight_fen(told.case))


def _on(told: Told, rail: str) -> list[Movement]:
    return [m for m in told.movements if m.order.rail == rail and m.state != "CANCELLED"]


def _sum(movements: Sequence[Movement]) -> int:
    return sum(movement.order.amount_fen for movement in movements)


def _beyond(case_no: str, movements: Sequence[Movement], most_fen: int) -> Iterator[str]:
    if len(movements) > 1 or _sum(movements) > most_fen:
        rail = movements[0].order.rail
        yield f"{case_no} {rail}: {len(movements)}x {_sum(movements)} > {most_fen}"


def _refund_fen(case: Case) -> int:
    """By the ruling, or less by an officer's word on the goods that came back."""
    judged = case.dispute.judged if case.dispute else None
    ruled = case.ruling.refund_fen if case.ruling else 0
    return min(ruled, judged.refund_fen) if judged else ruled


def _worth(case: Case) -> dict[str, int]:
    """Numbers of the movements that may stand in for an obligation, with the most of each."""
    letters = "".join(c for c in case.claim.case_no if c.isalnum())
    return {f"R{letters}{o.number.lower()}": _worth_of(o) for o in case.obligations}


def _worth_of(obligation: Obligation) -> int:
    failed = obligation.last
    if failed is None or failed.state != "FAILED":
        return 0
    by_officer = failed.source == "OFFICER"
    return failed.refund_fen if by_officer else obligation.ordered.fallback_fen


def _granted_fen(case: Case) -> int:
    """What a statute gives needs an officer's confirmation."""
    confirmed = case.statutory is not None and case.statutory.confirmed
    owed = case.ruling.owed if case.ruling else ()
    in_money = (each for each in owed if each.code not in IN_KIND)
    return sum(each.amount_fen or 0 for each in in_money if each.confirmed or confirmed)


def _freight_fen(case: Case) -> int:
    """The others' part of what it cost to send the goods back, half a fen rounded up."""
    if case.shipped is None or case.ruling is None:
        return 0
    return (case.shipped.freight_fen * _others(case) + BASIS_POINTS // 2) // BASIS_POINTS


def _others(case: Case) -> int:
    assert case.ruling is not None, "asked after the ruling"
    granted = [owed.amount_fen for owed in case.ruling.owed if owed.code == "FREIGHT_RETURN"]
    if granted:  # a sum of its own is paid on the other rail
        return 0 if any(granted) else BASIS_POINTS
    if case.ruling.liability:
        return BASIS_POINTS - case.ruling.liability.get("BUYER", 0)
    return 0 if case.claim.reason_code.startswith(NO_REASON) else BASIS_POINTS


RULING_CHECKS: Mapping[str, Callable[[Told], Iterator[str]]] = {
    "I3": one_order_each,
    "I17": payout_within_ruling,
}
