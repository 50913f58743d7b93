"""What is asked of a provider, a function of the record alone: repeated, it is the same bytes."""

from __future__ import annotations

from portal.cases.state import Case
from portal.providers.values import Transfer
from portal.refunds.state import Movement, attempt_no


def transfer_of(case: Case, movement: Movement) -> Transfer:
    """The transfer of the current attempt, as it was asked for."""
    return _transfer(case, movement, movement.attempt, movement.asked_fen)


def next_transfer(case: Case, movement: Movement, asked_fen: int = 0) -> Transfer:
    """The transfer of the attempt that is to be sent; `asked_fen` with the coupons beside it, 0
    where there are none."""
    asked_fen = asked_fen or movement.order.amount_fen
    return _transfer(case, movement, movement.next_attempt, asked_fen)


def _transfer(case: Case, movement: Movement, attempt: int, asked_fen: int) -> Transfer:
    payment, order = case.claim.payment, movement.order
    return Transfer(
        kind="PAYOUT" if movement.pays_out else "REFUND",
        number=attempt_no(order.refund_no, attempt),
        amount_fen=order.amount_fen,
        asked_fen=asked_fen,
        total_fen=payment.total_fen or payment.paid_fen,
        cash_total_fen=payment.paid_fen,
        provider_txn=payment.provider_txn,
        merchant_txn=payment.merchant_txn,
        merchant_account=payment.merchant_account,
        sub_merchant=payment.sub_merchant,
        paid_at=payment.paid_at,
        advance=movement.is_advanced,
        reason=f"明案 {case.claim.case_no}",
    )
