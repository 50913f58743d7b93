"""One order, one refund: intent first, then the provider's answer, never a second number."""

from __future__ import annotations

from datetime import datetime

from portal.cases.state import Case
from portal.errors import Refused
from portal.errors import sentence as _
from portal.events import CaseClosed, Event, RefundState
from portal.refunds.commands import ConfirmRefund, SubmitRefund


def submit_refund(case: Case, command: SubmitRefund, now: datetime) -> tuple[Event, ...]:
    """REFUND_STATE SUBMITTED: the intent stands in the ledger before any call."""
    if case.state != "REFUNDING" or case.order is None:
        raise Refused(_("本案现在没有要执行的退款"))
    if case.refund is not None:
        raise Refused(_("这笔退款已经提交过"))
    return (
        RefundState(
            refund_no=case.order.refund_no,
            state="SUBMITTED",
            amount_fen=case.order.amount_fen,
            request_digest=command.request_digest,
        ),
    )


def confirm_refund(case: Case, command: ConfirmRefund, now: datetime) -> tuple[Event, ...]:
    """REFUND_STATE SUCCESS and the end of the case; another amount is never booked."""
    if case.state != "REFUNDING" or case.order is None or case.refund is None:
        raise Refused(_("这笔退款没有在途"))
    if command.amount_fen != case.order.amount_fen:
        raise Refused(_("支付机构退款金额与结论不一致，已停下等人工核对"))
    paid = RefundState(
        refund_no=case.order.refund_no,
        state="SUCCESS",
        amount_fen=command.amount_fen,
        request_digest=case.refund.request_digest,
        provider_ref=command.provider_ref,
        provider_at=command.provider_at,
    )
    return (paid, CaseClosed(reason="EXECUTED"))
