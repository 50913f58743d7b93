"""From a ruling to what is owed in kind: who owes it, until when, what it falls back to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.cases.state import Case
from portal.claims.pricing import refundable_fen
from portal.events import ObligationOrdered, RulingIssued
from portal.rulebook import VERSIONS
from portal.times import stamp
from portal.words import IN_KIND

GRANTS_NOTHING = ("REJECTED", "REFUSED_TO_RULE")
DEBTORS = {"COUPON_RESTORE": "PLATFORM"}  # 七日无理由退货暂行办法 15: the issuer gives them back
PRICED = ("REPLACE", "REPAIR", "REPLACE_NO_RETURN")  # worth the goods that it stands for
VALUED = ("RESHIP_MISSING", "GIFT_DELIVER")  # worth what an officer finds, unless it was named


def obligations_of(
    case: Case, ruling: RulingIssued, now: datetime
) -> tuple[ObligationOrdered, ...]:
    """One obligation for each thing in kind that the ruling grants, numbered O1, O2 …"""
    first = len(case.obligations) + 1
    return tuple(
        order_of(case, f"O{number}", code, _fallback(case, ruling, code), now)
        for number, code in enumerate(_codes(ruling), first)
    )


def order_of(
    case: Case, number: str, code: str, fallback: tuple[str, int], now: datetime
) -> ObligationOrdered:
    return ObligationOrdered(
        number=number,
        code=code,
        debtor=DEBTORS.get(code, "MERCHANT"),
        due_at=period_end(case, "OBLIGATION", now, code),
        fallback=fallback[0],
        fallback_fen=fallback[1],
    )


def period_end(case: Case, period: str, now: datetime, code: str = "") -> str:
    """When a period that begins now is over, by the case's own version of the rules."""
    periods = VERSIONS[case.claim.rules_version].periods
    return stamp(now + periods.get(f"{period}/{code}", periods[period]))


def _codes(ruling: RulingIssued) -> Iterator[str]:
    """The leading remedy may be one in kind that is not repeated among what is owed."""
    if ruling.outcome in GRANTS_NOTHING:
        return
    named = (ruling.remedy, *(owed.code for owed in ruling.owed))
    yield from (code for code in dict.fromkeys(named) if code in IN_KIND)


def _fallback(case: Case, ruling: RulingIssued, code: str) -> tuple[str, int]:
    left = max(0, refundable_fen(case.claim) - ruling.refund_fen)
    named = next((o.amount_fen for o in ruling.owed if o.code == code and o.amount_fen), 0) or 0
    if named and code in (*PRICED, *VALUED):
        return ("REFUND", min(named, left)) if left else ("NONE", 0)
    if code in PRICED:
        return ("REFUND", left) if left else ("NONE", 0)
    return ("ASSESSED", 0) if code in VALUED else ("NONE", 0)


def left_fen(case: Case) -> int:
    """What may still be refunded, whatever was ordered on the refund rail before."""
    ordered = sum(
        m.order.amount_fen
        for m in case.movements
        if m.order.rail == "REFUND" and m.state != "CANCELLED"
    )
    return max(0, refundable_fen(case.claim) - ordered)
