"""order-snapshot/1 as the platform sends it, checked to the fen.

Strict: integers are fen and never floats, unknown fields are refused, and the sums must agree:
the lines' prices make `items`, items and shipping less the discounts make `paid_cash`, the lines'
paid parts and shipping make `paid_cash`, and the payments make it too.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from portal.times import moment

Text = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Platform = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Fen = Annotated[int, Field(ge=0, le=10**12)]
Count = Annotated[int, Field(ge=0, le=10**12)]


def _real_time(text: str) -> str:
    moment(text)
    return text


Time = Annotated[
    str,
    StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?[+-]\d\d:\d\d$"),
    AfterValidator(_real_time),
]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Part(BaseModel):
    """A closed, strict, immutable object of the snapshot."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Amounts(Part):
    items: Fen
    shipping: Fen
    discount_platform: Fen
    discount_merchant: Fen
    discount_streamer: Fen
    paid_cash: Fen


class NoReasonReturn(Part):
    days: Annotated[int, Field(ge=0, le=3660)]
    exempt: bool
    reason: str | None


class Line(Part):
    id: Id
    product_id: Id
    sku_id: Id
    title: Text
    spec: dict[str, str | int | bool | None]
    qty: Annotated[int, Field(ge=1, le=10**6)]
    unit_price: Fen
    paid: Fen
    category: Id
    no_reason_return: NoReasonReturn
    image_sha256: Sha256 | None


class Order(Part):
    id: Id
    shop_id: Id
    created_at: Time
    status: Literal["paid", "shipped", "delivered", "finished", "closed"]
    buyer_ref: Annotated[str, StringConstraints(pattern=r"^b_[0-9a-f]{16,120}$")]
    currency: Literal["CNY"]
    amounts: Amounts
    lines: Annotated[list[Line], Field(min_length=1, max_length=500)]


class AlreadyRefunded(Part):
    no: Id
    amount: Fen
    at: Time


class Payment(Part):
    id: Id
    channel: Literal["wechat", "alipay", "unionpay", "douyin", "stripe", "balance"]
    method: Literal["wallet", "debit_card", "credit_card"]
    provider_txn: Id
    merchant_txn: Id
    merchant_account: Id
    sub_merchant: Id | None
    paid: Fen
    payer_cash: Fen
    paid_at: Time
    refundable_until: Time
    already_refunded: list[AlreadyRefunded]


State = Literal[
    "created",
    "picked_up",
    "in_transit",
    "out_for_delivery",
    "pickup_ready",
    "delivered",
    "refused",
    "returning",
    "returned",
    "exception",
    "lost",
    "unknown",
]


class Trace(Part):
    at: Time
    state: State
    text: Text


class Shipment(Part):
    id: Id
    direction: Literal["outbound", "return", "exchange"]
    carrier: Id
    waybill: Id
    shipped_at: Time
    delivered_at: Time | None
    state: State
    raw_state: Text
    lines: list[Id]
    trace: Annotated[list[Trace], Field(min_length=1)]


class Segment(Part):
    line_id: Id | None
    product_id: Id
    start_at: Time
    end_at: Time
    offset_ms: Annotated[list[Count], Field(min_length=2, max_length=2)]
    transcript_sha256: Sha256 | None


class Live(Part):
    room_id: Id
    session_id: Id
    streamer_id: Id
    mcn_id: Id | None
    merchant_id: Id
    started_at: Time
    ended_at: Time
    replay_uri: Text
    replay_sha256: Sha256
    segments: Annotated[list[Segment], Field(min_length=1)]
    ordered_at_offset_ms: Count


class Compensation(Part):
    multiplier: Annotated[int, Field(ge=1, le=1000)] | None


class Promise(Part):
    id: Id
    text: Text
    kind: Literal["material", "function", "origin", "price", "gift", "after_sale", "compensation"]
    source: Literal["speech", "banner", "detail_page", "chat"]
    segment: Count
    compensation: Compensation


class AfterSale(Part):
    id: Id
    type: Literal[
        "refund_only",
        "return_refund",
        "partial",
        "exchange",
        "reissue",
        "repair",
        "compensation",
    ]
    received_goods: bool
    reason_code: Id
    requested: Fen
    merchant_answer: str | None
    platform_status: Text


class Deposit(Part):
    account: Id
    available: Fen
    floor: Fen


class Signature(Part):
    alg: Literal["ed25519"]
    key_id: Id
    value: Text


class Snapshot(Part):
    """The whole order-snapshot/1."""

    schema_: Annotated[Literal["order-snapshot/1"], Field(alias="schema")]
    platform: Platform
    snapshot_at: Time
    order: Order
    payments: Annotated[list[Payment], Field(min_length=1, max_length=20)]
    shipments: list[Shipment]
    live: Live
    promises: Annotated[list[Promise], Field(min_length=1)]
    after_sale: AfterSale
    deposit: Deposit
    signature: Signature

    @model_validator(mode="after")
    def sums_agree(self) -> Snapshot:
        _check_order(self.order)
        _check_payments(self)
        _check_ids(self)
        return self


def wrong(field: str, message: str) -> PydanticCustomError:
    """An error that names a field inside the object, which a plain validator cannot."""
    return PydanticCustomError("sum", "{message}", {"message": message, "field": field})


def _check_order(order: Order) -> None:
    amounts = order.amounts
    items = sum(line.unit_price * line.qty for line in order.lines)
    discounts = amounts.discount_platform + amounts.discount_merchant + amounts.discount_streamer
    if items != amounts.items:
        raise wrong("order.amounts.items", f"the lines' prices make {items}")
    if amounts.items + amounts.shipping - discounts != amounts.paid_cash:
        due = amounts.items + amounts.shipping - discounts
        raise wrong("order.amounts.paid_cash", f"items, shipping and discounts make {due}")
    paid = sum(line.paid for line in order.lines) + amounts.shipping
    if paid != amounts.paid_cash:
        raise wrong("order.lines", f"the lines' paid parts and shipping make {paid}")


def _check_payments(snapshot: Snapshot) -> None:
    amounts = snapshot.order.amounts
    paid = sum(payment.payer_cash for payment in snapshot.payments)
    if paid != amounts.paid_cash:
        raise wrong("payments", f"the payments make {paid}, paid_cash is {amounts.paid_cash}")
    # More would not be coupons but the payment of another order, and refunds would go out of it.
    coupons = sum(payment.paid - payment.payer_cash for payment in snapshot.payments)
    discounts = amounts.discount_platform + amounts.discount_merchant + amounts.discount_streamer
    if coupons > discounts:
        raise wrong("payments", f"coupons of {coupons} beside discounts of {discounts}")
    for number, payment in enumerate(snapshot.payments):
        refunded = sum(refund.amount for refund in payment.already_refunded)
        if refunded > payment.paid:
            raise wrong(f"payments.{number}.already_refunded", "more refunded than paid")
        if payment.payer_cash > payment.paid:
            raise wrong(f"payments.{number}.payer_cash", "more cash than was paid")


def _check_ids(snapshot: Snapshot) -> None:
    lines = [line.id for line in snapshot.order.lines]
    payments = [payment.id for payment in snapshot.payments]
    if len(set(lines)) != len(lines):
        raise wrong("order.lines", "two lines have one id")
    if len(set(payments)) != len(payments):
        raise wrong("payments", "two payments have one id")
