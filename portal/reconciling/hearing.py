"""The provider's bill says paid and we did not know: its word is heard like any other answer."""

from __future__ import annotations

from portal.house import House
from portal.providers.values import Answer, BillRow, NotAvailable, Outcome
from portal.reconciling.comparing import Ours
from portal.refunds.hearing import About
from portal.refunds.turns import wake

UNDER_WAY = ("SUBMITTED", "PROCESSING", "ABNORMAL")


def hear(house: House, provider: str, row: BillRow, ours: Ours, vouched: bool) -> None:
    """A bill's word may complete an attempt that is under way, and only that: the amount and the
    number are held against the order as in every answer. Then the movement gets its turn. What
    nobody signed (Alipay's file, one that was handed in) or names no sum only makes us ask."""
    if ours.state not in UNDER_WAY:
        return
    try:
        told = house.providers.named(provider)
    except NotAvailable:  # a bill by hand, of a provider that has no settings here
        return
    now, about = house.clock.now(), About(ours.case_no, ours.refund_no, told)
    if vouched and row.amount_fen:
        house.duties.execution.hearing.hear(about, _answer(row), "BILL", now)
    with house.sessions.begin() as session:
        wake(session, ours.refund_no, now)


def _answer(row: BillRow) -> Answer:
    """Of a bill whose digest was signed."""
    return Answer(
        outcome=Outcome.SUCCESS,
        number=row.number,
        raw=row.raw.encode(),
        verified=True,
        provider_ref=row.provider_ref,
        provider_at=row.at,
        amount_fen=row.amount_fen,
    )
