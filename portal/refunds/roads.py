"""Whether a refund can still go back along its payment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.errors import sentence as _
from portal.providers.values import Provider
from portal.refunds.reserving import partials_of
from portal.refunds.state import Movement
from portal.times import moment

TOO_OLD = _("这笔支付已经过了可以原路退回的期限，改为转账付款。")
TOO_MANY = _("这笔支付的退款次数已到支付机构的上限，改为转账付款。")


def must_pay_out(
    session: Session, case: Case, movement: Movement, provider: Provider, now: datetime
) -> str | None:
    """Why it must be paid by a transfer instead, in a sentence; None: it can go back."""
    payment = case.claim.payment
    if payment.paid_at and now > moment(payment.paid_at) + provider.window:
        return TOO_OLD
    if payment.refundable_until and now > moment(payment.refundable_until):
        return TOO_OLD
    if partials_of(session, case, movement) >= provider.most_partials:
        return TOO_MANY
    return None
