"""Checks of what is kept beside one case's entries, by which money moves and is looked after: a row
that says less than the entries do would let a sum go twice, or let nobody miss it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.history import load_case
from portal.refunds.state import Movement
from portal.refunds.tables import MovementRow, PaymentRow, ReservationRow


def payment_as_told(session: Session, case: Case) -> Iterator[str]:
    """I1: the payment is as large as a claim on it says, and each refund counts against it."""
    claim = case.claim
    key = claim.platform, claim.payment.provider_txn
    row = session.get(PaymentRow, key)
    if row is not None and row.paid_fen not in _told_of(session, case):
        yield f"{'/'.join(key)}: {row.paid_fen}"
    for movement in case.movements:
        held = session.get(ReservationRow, movement.refund_no)
        along = movement.order.rail == "REFUND"
        if held is not None and (held.capped, held.platform, held.provider_txn) != (along, *key):
            yield movement.refund_no


def _told_of(session: Session, case: Case) -> Iterator[int]:
    """What each claim on the payment says was paid, this one first: orders may share a payment."""
    yield case.claim.payment.paid_fen
    others = select(MovementRow.case_no).distinct()
    of_payment = others.where(
        MovementRow.platform == case.claim.platform,
        MovementRow.provider_txn == case.claim.payment.provider_txn,
        MovementRow.case_no != case.claim.case_no,
    )
    for case_no in session.scalars(of_payment).all():
        yield load_case(session, case_no).claim.payment.paid_fen


def movements_as_told(session: Session, case: Case) -> Iterator[str]:
    """I7: who looks for money that stands still looks at rows; they say what the entries say."""
    for movement in case.movements:
        row = session.get(MovementRow, movement.refund_no)
        if row is None or _kept(row) != _told(movement):
            yield movement.refund_no


def _kept(row: MovementRow) -> tuple[object, ...]:
    return row.state, row.over, row.waiting, row.amount_fen, row.attempt


def _told(movement: Movement) -> tuple[object, ...]:
    fen = movement.order.amount_fen
    return movement.state, movement.is_over, movement.waiting, fen, movement.attempt


KEPT_CHECKS: Mapping[str, Callable[[Session, Case], Iterator[str]]] = {
    "I1": payment_as_told,
    "I7": movements_as_told,
}
