"""One movement, from order to proof: recorded intent, query, call, recorded answer.

Killed between any two of these, it starts again from the top: the intent is recorded once by its
command id, the provider is asked what it already did before it is asked to do anything, and the
request number never changes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from portal.cases.state import Case
from portal.events import Funding, RefundState
from portal.recorder import Recorder
from portal.refunds.commands import MoveMoney
from portal.refunds.provider import Provider, RefundRequest
from portal.refunds.state import Movement
from portal.refunds.tables import TurnRow


@dataclass(frozen=True)
class Execution:
    recorder: Recorder
    provider: Provider
    sessions: sessionmaker[Session]

    def pay(self, case: Case, refund_no: str) -> None:
        """Bring an ordered movement to SUCCESS, or raise and be called again."""
        movement = case.movement(refund_no)
        if movement is None or movement.is_over or movement.waiting:
            return
        request = request_of(case, movement)
        number = request.out_refund_no
        if not movement.calls:
            self._record(case, f"submit/{number}", *_intent(movement, request))
        answer = self.provider.query(number) or self.provider.refund(request)
        done = RefundState(
            refund_no=refund_no,
            state="SUCCESS",
            amount_fen=answer.amount_fen,
            request_digest=request.digest,
            provider_ref=answer.provider_ref,
            provider_at=answer.succeeded_at,
        )
        self._record(case, f"confirm/{number}", done)
        with self.sessions.begin() as session:
            session.execute(
                update(TurnRow).where(TurnRow.refund_no == refund_no).values(next_at=None)
            )

    def _record(self, case: Case, command_id: str, *steps: RefundState) -> None:
        wish = MoveMoney(case.claim.case_no, steps)
        self.recorder.record(wish, by="SYSTEM", command_id=command_id)


def _intent(movement: Movement, request: RefundRequest) -> tuple[RefundState, RefundState]:
    order = movement.order
    held = (Funding("MERCHANT_PAYABLE", order.amount_fen),)
    return (
        RefundState(order.refund_no, "RESERVED", order.amount_fen, funding=held),
        RefundState(order.refund_no, "SUBMITTED", order.amount_fen, request_digest=request.digest),
    )


def request_of(case: Case, movement: Movement) -> RefundRequest:
    """A function of the record alone: a repetition makes the same bytes."""
    payment, order = case.claim.payment, movement.order
    refund = order.rail == "REFUND"
    return RefundRequest(
        out_refund_no=movement.attempt_no,
        transaction_id=payment.provider_txn if refund else order.refund_no,
        refund_fen=order.amount_fen,
        total_fen=payment.paid_fen if refund else order.amount_fen,
        channel=payment.channel,
    )
