"""A ruling carried out: the order, the goods on their way back, the money, the end."""

from __future__ import annotations

from portal.events.values import Event


class ExecutionOrdered(Event, tag="EXECUTION_ORDERED"):
    refund_no: str
    amount_fen: int
    payment_id: str
    channel: str
    return_first: bool


class ReturnShipped(Event, tag="RETURN_SHIPPED"):
    carrier: str
    waybill: str


class ReturnReceived(Event, tag="RETURN_RECEIVED"):
    confirmed_by: str  # MERCHANT or CLOCK


class RefundState(Event, tag="REFUND_STATE"):
    refund_no: str
    state: str  # SUBMITTED, SUCCESS
    amount_fen: int
    request_digest: str
    provider_ref: str = ""
    provider_at: str = ""


class CaseClosed(Event, tag="CASE_CLOSED"):
    reason: str
