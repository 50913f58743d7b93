"""From the platform's hand-over to the two sides' words: orders, claims, evidence, answers."""

from __future__ import annotations

from collections.abc import Mapping

from portal.events.values import (
    CitedPromise,
    Contest,
    Event,
    FileRef,
    OrderLine,
    Payment,
    Remedy,
)


class OrderRecorded(Event, tag="ORDER_RECORDED"):
    platform: str
    order_id: str
    snapshot_at: str
    digest: str
    signature: str
    core: Mapping[str, str]  # digest of each part that no later snapshot may change
    refunded: Mapping[str, int]  # fen already refunded, by payment
    snapshot: FileRef


class LivestreamRecorded(Event, tag="LIVESTREAM_RECORDED"):
    platform: str
    session_id: str
    digest: str
    session: FileRef
    replay: FileRef
    transcript: FileRef | None = None
    chat: FileRef | None = None


class CaseFiled(Event, tag="CASE_FILED"):
    case_no: str
    rules_version: str
    platform: str
    order_id: str
    order_digest: str
    buyer_ref: str
    shop_id: str
    shop: str
    merchant_id: str
    lines: tuple[OrderLine, ...]
    payment: Payment
    delivered_at: str | None
    session_id: str | None
    replay: FileRef | None
    replay_ms: int
    ordered_ms: int
    reason_code: str
    secondary_codes: tuple[str, ...]
    received_goods: bool
    text: str
    remedies: tuple[Remedy, ...]
    promises: tuple[CitedPromise, ...]


class EvidenceSealed(Event, tag="EVIDENCE_SEALED"):
    number: str  # B1, M2, P3: side and running number
    side: str  # BUYER, MERCHANT, PLATFORM
    kind: str
    provenance: str
    name: str
    note: str
    file: FileRef
    picture: FileRef | None
    duration_ms: int | None
    captured_at: str | None  # what the file claims, unverified
    received_at: str
    upload_id: str


class ClockStarted(Event, tag="CLOCK_STARTED"):
    clock: str
    due_at: str


class ClockExpired(Event, tag="CLOCK_EXPIRED"):
    clock: str
    due_at: str


class ResponseFiled(Event, tag="RESPONSE_FILED"):
    answer: str  # AGREE, OFFER, DENY
    text: str
    reason_code: str
    contested: tuple[Contest, ...] = ()


class OfferSealed(Event, tag="OFFER_SEALED"):
    remedy: Remedy
    text: str = ""


class OfferDeclined(Event, tag="OFFER_DECLINED"):
    text: str = ""


class SettlementReached(Event, tag="SETTLEMENT_REACHED"):
    remedies: tuple[Remedy, ...]
