"""Stripe's objects read as facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from portal.providers.calling import Reply
from portal.providers.conversions import (
    compact,
    fields_of,
    text_of,
    universal_from_seconds,
    whole_fen,
)
from portal.providers.reading import MISMATCH, differing, unclear
from portal.providers.values import Answer, BillRow, Outcome, Transfer

_STATES = {
    "succeeded": Outcome.SUCCESS,
    "pending": Outcome.PROCESSING,
    "requires_action": Outcome.PROCESSING,
    "failed": Outcome.CLOSED,
    "canceled": Outcome.CLOSED,
}
_SHORT = {"balance_insufficient", "insufficient_funds"}
_BUSY = {"lock_timeout", "idempotency_key_in_use", "rate_limit"}
_REFUSING = {"invalid_request_error", "card_error", "idempotency_error"}


def number_of(refund: Mapping[str, Any]) -> str:
    """The number that we gave the refund; empty for another's."""
    metadata = refund.get("metadata")
    return text_of(metadata, "refund_no", 64) if isinstance(metadata, dict) else ""


def amount_of(refund: Mapping[str, Any]) -> int:
    """In fen; 0 where it cannot be read."""
    try:
        return whole_fen(refund.get("amount"))
    except ValueError:
        return 0


def read_created(reply: Reply, transfer: Transfer) -> Answer:
    """The answer to a request."""
    fields = fields_of(reply.content)
    if reply.status != 200:
        return read_error(reply, transfer, query=False)
    if fields.get("object") != "refund":
        return unclear(transfer, reply, "GARBAGE")
    return read_refund(fields, reply, transfer)


def read_refund(fields: Mapping[str, Any], reply: Reply, transfer: Transfer) -> Answer:
    """A refund of the list or of an answer, tied to what was asked."""
    answer = replace(refund_of(fields, reply), raw=compact(fields))
    asked = (transfer.number, transfer.amount_fen, "cny")
    if (answer.number, answer.amount_fen, text_of(fields, "currency").lower()) != asked:
        return differing(transfer, reply, answer.amount_fen, answer.provider_ref)
    return answer


def refund_of(fields: Mapping[str, Any], reply: Reply) -> Answer:
    """A refund as it stands, also in a webhook; in another currency nothing of it is believed."""
    if text_of(fields, "currency").lower() != "cny":
        return replace(_as_said(fields, reply), outcome=Outcome.UNKNOWN, code=MISMATCH)
    return _as_said(fields, reply)


def _as_said(fields: Mapping[str, Any], reply: Reply) -> Answer:
    state, amount = text_of(fields, "status"), amount_of(fields)
    outcome = _STATES.get(state, Outcome.UNKNOWN)
    paid = outcome is Outcome.SUCCESS
    return Answer(
        outcome,
        number_of(fields),
        reply.content,
        reply.status,
        verified=True,
        provider_ref=text_of(fields, "id"),
        provider_at=universal_from_seconds(fields.get("created")) if paid else "",
        amount_fen=amount,
        cash_fen=amount,
        route="ORIGINAL" if paid else "",
        code=text_of(fields, "failure_reason", 64) or ("" if paid else state),
    )


def read_error(reply: Reply, transfer: Transfer, query: bool) -> Answer:
    """An error; a question that fails says nothing of the money."""
    error = fields_of(reply.content).get("error")
    error = error if isinstance(error, dict) else {}
    code = text_of(error, "code", 64) or text_of(error, "type", 64) or f"HTTP_{reply.status}"
    outcome = Outcome.UNKNOWN
    if reply.status == 429 or code in _BUSY:
        outcome = Outcome.BUSY
    elif not query and reply.status in (400, 402, 404, 409):
        if code in _SHORT:
            outcome = Outcome.NOT_ENOUGH
        elif text_of(error, "type") in _REFUSING:
            outcome = Outcome.REFUSED
    return Answer(outcome, transfer.number, reply.content, reply.status, bool(error), code=code)


def bill_row(line: int, refund: Mapping[str, Any]) -> BillRow:
    """A line of the day's list."""
    return BillRow(
        line=line,
        number=number_of(refund),
        provider_ref=text_of(refund, "id"),
        amount_fen=amount_of(refund),
        cash_fen=amount_of(refund),
        state=_STATES.get(text_of(refund, "status"), Outcome.UNKNOWN).value,
        at=universal_from_seconds(refund.get("created")),
        raw=compact(refund).decode(),
    )


def moment_of(row: BillRow) -> datetime:
    """When it was made; 1970 where that cannot be read."""
    return datetime.fromisoformat(row.at) if row.at else datetime.fromtimestamp(0, UTC)
