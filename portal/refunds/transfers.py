"""What is asked of a provider, a function of the record alone: repeated, it is the same bytes."""

from __future__ import annotations

from portal.cases.state import Case
from portal.providers.values import Transfer
from portal.refunds.state import Movement, attempt_no


def transfer_of(case: Case, movement: Movement, attempt: int | None = None) -> Transfer:
    """The transfer of an attempt, of the current one if none is named."""
    payment, order = case.claim.payment, movement.order
    return Transfer(
        kind="PAYOUT" if movement.pays_out else "REFUND",
        number=attempt_no(order.refund_no, attempt or movement.attempt),
        amount_fen=order.amount_fen,
        total_fen=payment.total_fen or payment.paid_fen,
        provider_txn=payment.provider_txn,
        merchant_txn=payment.merchant_txn,
        merchant_account=payment.merchant_account,
        sub_merchant=payment.sub_merchant,
        paid_at=payment.paid_at,
        advance=movement.is_advanced,
        reason=f"明案 {case.claim.case_no}",
    )
