"""What events are made of: frozen parts that several of them share."""

from __future__ import annotations

import msgspec


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of an event."""


class FileRef(Value):
    """An encrypted file beside the log."""

    blob: str  # hex SHA-256 of the ciphertext, its name in the store
    kid: str  # data key
    sha256: str  # hex SHA-256 of the plaintext as received
    size: int  # bytes of plaintext
    media_type: str


class Remedy(Value):
    code: str
    amount_fen: int | None = None


class CitedPromise(Value):
    promise_id: str
    kind: str
    source: str
    text: str
    context: str
    start_ms: int
    end_ms: int
    at: str
    verification: str
    multiplier: int | None = None
    correction: str | None = None


class OrderLine(Value):
    line_id: str
    product_id: str
    title: str
    spec: str
    qty: int
    paid_fen: int


class Payment(Value):
    payment_id: str
    channel: str
    method: str
    provider_txn: str
    paid_fen: int
    refunded_fen: int
    refundable_until: str
    merchant_txn: str = ""  # the shop's own number of the payment
    merchant_account: str = ""
    sub_merchant: str = ""
    paid_at: str = ""
    total_fen: int = 0  # with the provider's coupons; 0 in claims filed before it was kept


class Seat(Value):
    number: int
    reviewer_id: str
    stratum: str


class TrusteeKey(Value):
    name: str
    holder: str  # OPERATOR, ASSOCIATION, THIRD
    key: str  # base64, X25519


class Owed(Value):
    """Granted above the price paid, or in kind: recorded as owed, paid by a later road."""

    code: str
    amount_fen: int | None
    confirmed: bool = True


class Funding(Value):
    """Out of whose pocket a part of a movement comes."""

    account: str  # MERCHANT_PAYABLE, MERCHANT_DEPOSIT, PLATFORM_ADVANCE
    amount_fen: int


class ArrivalPromise(Value):
    """When the payer may count on the money: two dates (Beijing), both inclusive."""

    earliest: str
    latest: str
    certain: bool  # False when a year's holidays are not announced yet


class Reason(Value):
    """One numbered reason of a ruling: a text with what it rests on."""

    text: str
    citations: tuple[str, ...] = ()


class Contest(Value):
    number: str
    point: str
    text: str


class Claimed(Value):
    """The claim in the form that the tally understands."""

    remedy: str
    refund_fen: int
    compensation_code: str | None
    compensation_fen: int
    exhibits: tuple[str, ...]
    replay_ms: int


class Event(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Something that happened."""
