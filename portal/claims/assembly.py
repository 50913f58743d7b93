"""A draft as the command that files it: the buyer's words with what the platform handed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import convert
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.claims.commands import FileClaim
from portal.claims.queries import Order, Promise, cited_promises
from portal.claims.tables import ClaimDraft
from portal.events import CaseFiled, CitedPromise, EvidenceSealed, FileRef, Remedy
from portal.evidence.intake import as_exhibits, uploads_of
from portal.history import load
from portal.livestreams.tables import LivestreamRow, PromiseRow
from portal.rulebook import CURRENT
from portal.streams import livestream_stream, order_stream


@dataclass(frozen=True)
class Handed:
    """A file that the platform handed over; `at` is when the ledger took it in."""

    kind: str
    provenance: str
    name: str
    file: FileRef
    at: str
    duration_ms: int | None = None


def assemble(session: Session, draft: ClaimDraft, order: Order, case_no: str) -> FileClaim:
    """The whole command, from the newest snapshot and the rows as they are now."""
    livestream = session.get(LivestreamRow, (order.platform, order.session_id))
    claim = claim_of(session, draft, order, livestream, case_no)
    handed = platform_exhibits(session, order, livestream)
    own = as_exhibits(uploads_of(session, f"draft:{draft.id}"), "BUYER")
    return FileClaim(claim=claim, exhibits=(*handed, *own), kid=draft.kid)


def claim_of(
    session: Session,
    draft: ClaimDraft,
    order: Order,
    livestream: LivestreamRow | None,
    case_no: str,
) -> CaseFiled:
    cited = cited_promises(session, order, draft.promise_ids) if livestream else ()
    return CaseFiled(
        case_no=case_no,
        rules_version=CURRENT.version,
        platform=order.platform,
        order_id=order.order_id,
        order_digest=order.digest,
        buyer_ref=order.buyer_ref,
        shop_id=order.shop_id,
        shop=livestream.shop if livestream else order.shop_id,
        merchant_id=order.merchant_id,
        lines=order.chosen(draft.line_ids),
        payment=order.payment,
        delivered_at=order.delivered_at,
        session_id=livestream.session_id if livestream else None,
        replay=convert(livestream.replay, FileRef) if livestream else None,
        replay_ms=livestream.duration_ms if livestream else 0,
        ordered_ms=order.ordered_ms,
        reason_code=draft.reason_code,
        secondary_codes=tuple(draft.secondary_codes),
        received_goods=draft.received_goods,
        text=draft.text,
        remedies=tuple(convert(remedy, Remedy) for remedy in draft.remedies),
        promises=tuple(map(_cited, cited)),
    )


def _cited(promise: Promise) -> CitedPromise:
    return CitedPromise(
        promise_id=promise.promise_id,
        kind=promise.kind,
        source=promise.source,
        text=promise.text,
        context=promise.context,
        start_ms=promise.start_ms,
        end_ms=promise.end_ms,
        at=promise.at,
        verification=promise.verification,
        multiplier=promise.multiplier,
        correction=promise.correction,
    )


def platform_exhibits(
    session: Session, order: Order, livestream: LivestreamRow | None
) -> tuple[EvidenceSealed, ...]:
    """P1, P2 …: the stored files themselves, each still under the key it was stored with."""
    handed = [*_of_session(session, livestream), _of_order(session, order)]
    handed.sort(key=lambda each: ORDERING.index(each.kind))
    return tuple(_sealed(each, number) for number, each in enumerate(handed, 1))


ORDERING = (
    "REPLAY_FULL",
    "TRANSCRIPT",
    "LIVE_CHAT",
    "ORDER_RECORD",
    "HOST_NOTICE",
    "ONAIR_CORRECTION",
)


def _of_session(session: Session, row: LivestreamRow | None) -> Iterator[Handed]:
    if row is None:
        return
    at = _recorded_at(session, livestream_stream(row.platform, row.session_id))
    replay = convert(row.replay, FileRef)
    own = "G1_PLATFORM_SYSTEM"
    yield Handed("REPLAY_FULL", own, "replay.mp4", replay, at, row.duration_ms)
    if row.transcript:
        transcript = convert(row.transcript, FileRef)
        yield Handed("TRANSCRIPT", "G5_DERIVED", "transcript.json", transcript, at)
    if row.chat:
        yield Handed("LIVE_CHAT", own, "chat.csv", convert(row.chat, FileRef), at)
    kind = "ONAIR_CORRECTION" if _has_corrections(session, row) else "HOST_NOTICE"
    yield Handed(kind, own, "livestream.json", convert(row.session, FileRef), at)


def _of_order(session: Session, order: Order) -> Handed:
    at = _recorded_at(session, order_stream(order.platform, order.order_id))
    return Handed("ORDER_RECORD", "G1_PLATFORM_SYSTEM", "order.json", order.snapshot, at)


def _recorded_at(session: Session, stream: str) -> str:
    """When the newest entry of the stream was recorded."""
    return load(session, stream).entries[-1].at


def _has_corrections(session: Session, row: LivestreamRow) -> bool:
    corrected = select(PromiseRow.promise_id).where(
        PromiseRow.platform == row.platform,
        PromiseRow.session_id == row.session_id,
        PromiseRow.correction.is_not(None),
    )
    return session.scalar(corrected.limit(1)) is not None


def _sealed(handed: Handed, number: int) -> EvidenceSealed:
    return EvidenceSealed(
        number=f"P{number}",
        side="PLATFORM",
        kind=handed.kind,
        provenance=handed.provenance,
        name=handed.name,
        note="",
        file=handed.file,
        picture=None,
        duration_ms=handed.duration_ms,
        captured_at=None,
        received_at=handed.at,
        upload_id=f"platform-{handed.file.sha256[:32]}",
    )
