"""What more than one API asks and answers: strict bodies, readable texts, the name of a wish."""

from __future__ import annotations

from typing import Annotated

from flask import request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from portal.access import Actor
from portal.idempotency import command_id
from portal.receipts import ReceiptOut, receipt_out
from portal.recorder import Receipt

KEY_HEADER = "Idempotency-Key"


def _readable(text: str) -> str:
    """JSON can spell half a surrogate pair; it has no UTF-8 and could never be recorded."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("not a text: half a surrogate pair") from None
    return text


Words = Annotated[str, AfterValidator(_readable)]
Fen = Annotated[int, Field(ge=0, le=10**12)]


class Body(BaseModel):
    """What a client sends. Unknown fields and near misses (a number as text) are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Asked(BaseModel):
    """What stands behind an address's question mark. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class Answered(BaseModel):
    """Read from our rows and frozen values by their attributes."""

    model_config = ConfigDict(from_attributes=True)


class RecordedOut(BaseModel):
    receipt: ReceiptOut


def recorded(receipt: Receipt) -> RecordedOut:
    return RecordedOut(receipt=receipt_out(receipt))


def wish_of(actor: Actor) -> str:
    """The command id of this API request: bound to the account, named by Idempotency-Key."""
    return command_id(actor, request.headers.get(KEY_HEADER))
