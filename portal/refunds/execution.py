"""The refund of one case, from order to proof: recorded intent, query, call, recorded answer.

Killed between any two of these, it starts again from the top: the intent is recorded once by its
command id, the provider is asked what it already did before it is asked to do anything, and the
request number never changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.state import Case
from portal.recorder import Recorder
from portal.refunds.commands import ConfirmRefund, SubmitRefund
from portal.refunds.provider import Provider, RefundRequest


@dataclass(frozen=True)
class Execution:
    recorder: Recorder
    provider: Provider

    def pay(self, case: Case) -> None:
        """Bring the ordered refund to SUCCESS, or raise and be called again."""
        request = request_of(case)
        number = request.out_refund_no
        if case.refund is None:
            intent = SubmitRefund(case.claim.case_no, request.digest)
            self.recorder.record(intent, by="SYSTEM", command_id=f"submit/{number}")
        answer = self.provider.query(number) or self.provider.refund(request)
        confirmed = ConfirmRefund(
            case_no=case.claim.case_no,
            amount_fen=answer.amount_fen,
            provider_ref=answer.provider_ref,
            provider_at=answer.succeeded_at,
        )
        self.recorder.record(confirmed, by="SYSTEM", command_id=f"confirm/{number}")


def request_of(case: Case) -> RefundRequest:
    """A function of the record alone: a repetition makes the same bytes."""
    assert case.order is not None, "no refund without an order"
    payment = case.claim.payment
    return RefundRequest(
        out_refund_no=case.order.refund_no,
        transaction_id=payment.provider_txn,
        refund_fen=case.order.amount_fen,
        total_fen=payment.paid_fen,  # what was refunded of it the provider adds up itself
        channel=payment.channel,
    )
