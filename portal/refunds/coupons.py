"""How much WeChat Pay is asked for, so that the payer gets the ordered sum in money.

A ruling owes cash out of the payer's cash. Where a coupon of the provider took part in the
payment, WeChat Pay gives back `refund` x cash / total, rounded half up, and the rest of `refund`
as coupon; all of the total gives back all of the cash. Asked for the ordered sum alone, it would
pay out less. Source: pay.weixin.qq.com/docs/merchant/products/refund/introduction.html, 3.3.

    paid 250 in money + 50 by coupon; owed 100 -> asked for 120; owed the other 150 -> 180
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.events import Payment
from portal.history import load_case
from portal.refunds.reserving import elsewhere
from portal.refunds.state import OPEN, PAID, Movement
from portal.refunds.tables import MovementRow


@dataclass(frozen=True)
class Refunded:
    """Of one payment, in fen: the payer's cash that went back or is on its way, and what the
    provider was asked for to that end."""

    cash_fen: int = 0
    asked_fen: int = 0


def with_coupons(owed_fen: int, payment: Payment, before: Refunded) -> int:
    """What to ask for; 0 where no coupon took part, and the ordered sum says all.

    All that is left of the total, when all that is left of the cash is owed; else what the
    provider's own rounding makes into `owed_fen`, and never so much that the rest of the cash
    would not find room.
    """
    if payment.total_fen <= payment.paid_fen:
        return 0
    left_fen = payment.paid_fen - before.cash_fen - owed_fen
    room_fen = payment.total_fen - before.asked_fen - max(0, left_fen)
    asked_fen = _share(owed_fen, payment) if left_fen > 0 else room_fen
    return max(owed_fen, min(asked_fen, room_fen))


def refunded(session: Session, case: Case, movement: Movement) -> Refunded:
    """What went back of the payment before this movement, by the record of every case of it; how
    the platform's own refunds were asked for is not told, so it is taken to be in proportion."""
    payment, own = case.claim.payment, elsewhere(session, case.claim).fen
    found = Refunded(own, _share(own, payment))
    for other in _others(session, case, movement):
        cash = other.success.cash_fen if other.success else other.order.amount_fen
        found = Refunded(found.cash_fen + cash, found.asked_fen + other.asked_fen)
    return found


def _others(session: Session, case: Case, movement: Movement) -> list[Movement]:
    """Refunds of the same payment that the provider was asked for, and did not end unpaid."""
    query = select(MovementRow.case_no, MovementRow.refund_no).where(
        MovementRow.platform == case.claim.platform,
        MovementRow.provider_txn == case.claim.payment.provider_txn,
        MovementRow.refund_no != movement.refund_no,
    )
    rows = session.execute(query.order_by(MovementRow.refund_no)).all()
    found = (load_case(session, case_no).movement(refund_no) for case_no, refund_no in rows)
    return [other for other in found if other is not None and _counts(other)]


def _counts(movement: Movement) -> bool:
    by_hand = movement.success is not None and movement.success.route == "OFFLINE"
    return movement.state in (*OPEN, *PAID) and not movement.pays_out and not by_hand


def _share(cash_fen: int, payment: Payment) -> int:
    """In proportion, to the nearest fen: half a fen of the total is less than half of the cash."""
    whole, cash = payment.total_fen or payment.paid_fen, payment.paid_fen
    return (2 * cash_fen * whole + cash) // (2 * cash) if cash else 0
