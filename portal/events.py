"""Everything that can happen, as frozen values. One class is one entry type of the ledger.

The codes are those of the vocabulary's list 5.9. Added to it, each with its reason: ORDER_RECORDED
and LIVESTREAM_RECORDED (what the platform handed over must be provable too), REVIEWER_ENROLLED (the
pool must be rebuildable), TRACK_ASSIGNED, PANEL_CALLED (fixes pool and exclusions before the seed
exists), VOTING_CLOSED (ballots may be opened only after it), OFFER_DECLINED, RETURN_SHIPPED,
RETURN_RECEIVED and CASE_CLOSED (a case's money waits for the first two, its history ends with the
last).

The fields of an event become the entry's disclosures (RFC 9901): each top-level field can be shown
and proven alone, so a field never mixes what everybody may see with what only the parties may.
Times are RFC 3339 UTC texts, money is integer fen, offsets into a replay are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping

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


class Seat(Value):
    number: int
    reviewer_id: str
    stratum: str


class Owed(Value):
    """Granted above the price paid, or in kind: recorded as owed, paid by a later road."""

    code: str
    amount_fen: int | None
    confirmed: bool = True


class Reason(Value):
    """One numbered reason of a ruling: a text with what it rests on."""

    text: str
    citations: tuple[str, ...] = ()


class Event(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """Something that happened."""


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


class ReviewerEnrolled(Event, tag="REVIEWER_ENROLLED"):
    reviewer_id: str
    stratum: str
    weight: int = 1
    fields: tuple[str, ...] = ()


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


class Contest(Value):
    number: str
    point: str
    text: str


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


class TrackAssigned(Event, tag="TRACK_ASSIGNED"):
    track: str
    reason: str


class Claimed(Value):
    """The claim in the form that the tally understands."""

    remedy: str
    refund_fen: int
    compensation_code: str | None
    compensation_fen: int
    exhibits: tuple[str, ...]
    replay_ms: int


class PanelCalled(Event, tag="PANEL_CALLED"):
    case_no: str
    track: str
    seats: Mapping[str, int]
    candidates: Mapping[str, tuple[tuple[str, int], ...]]
    exclusions: Mapping[str, int]
    pool_length: int
    claimed: Claimed


class PanelDrawn(Event, tag="PANEL_DRAWN"):
    checkpoint: str
    seed: str
    seats: tuple[Seat, ...]
    reserves: Mapping[str, tuple[str, ...]]
    panel_kid: str


class BallotCommitted(Event, tag="BALLOT_COMMITTED"):
    seat: int
    sealed: FileRef


class VotingClosed(Event, tag="VOTING_CLOSED"):
    why: str  # ALL_VOTED or DEADLINE
    seats: tuple[int, ...]


class BallotRevealed(Event, tag="BALLOT_REVEALED"):
    seat: int
    valid: bool
    ballot: Mapping[str, object]  # as it opened; empty when it could not be read at all
    refused: str = ""  # why it does not count


class TallyClosed(Event, tag="TALLY_CLOSED"):
    result: Mapping[str, object]


class RulingIssued(Event, tag="RULING_ISSUED"):
    outcome: str
    basis: str  # PANEL, DEFAULT, SETTLEMENT
    remedy: str
    refund_fen: int
    return_goods: bool
    owed: tuple[Owed, ...]
    reasons: tuple[Reason, ...]
    clause: str
    counts: Mapping[str, int]
    dissent: tuple[int, ...] = ()


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


EVENTS: dict[str, type[Event]] = {
    str(kind.__struct_config__.tag): kind for kind in Event.__subclasses__()
}


class UnknownEvent(Exception):
    """An entry type that this version does not know: the projection stops rather than guesses."""


def fields_of(event: Event) -> dict[str, object]:
    """The event's fields as JSON values, without its type."""
    built = msgspec.to_builtins(event)
    built.pop("type")
    return built


def code_of(event: Event) -> str:
    return str(event.__struct_config__.tag)


def event_from(code: str, fields: Mapping[str, object]) -> Event:
    """The event of an entry. Raises UnknownEvent; msgspec.ValidationError if a field is off."""
    kind = EVENTS.get(code)
    if kind is None:
        raise UnknownEvent(code)
    return msgspec.convert({"type": code, **fields}, kind)
