"""From LIVESTREAM_RECORDED to the session's row and a row per promise."""

from __future__ import annotations

import json
from typing import Any

from msgspec import to_builtins
from sqlalchemy.orm import Session

from portal.events import LivestreamRecorded
from portal.files import Files
from portal.livestreams.tables import LivestreamRow, PromiseRow
from portal.times import moment


def project_livestream(session: Session, event: LivestreamRecorded, files: Files) -> None:
    """The session's document lies beside the log; the rows are what pages need of it."""
    document = json.loads(files.read(event.session))
    session.merge(_livestream(event, document))
    corrections = {c["corrects"]: c["text"] for c in document.get("corrections", ())}
    for promise in document["promises"]:
        session.merge(_promise(event, promise, corrections.get(promise["id"])))


def _livestream(event: LivestreamRecorded, document: dict[str, Any]) -> LivestreamRow:
    merchant = document["merchant"]
    return LivestreamRow(
        platform=event.platform,
        session_id=event.session_id,
        room_title=document["room"]["title"][:300],
        host=document["host"]["name"][:200],
        merchant_id=merchant["id"],
        merchant=merchant["name"][:200],
        shop_id=merchant["shop_id"],
        shop=merchant["shop"][:200],
        started_at=moment(document["started_at"]),
        ended_at=moment(document["ended_at"]),
        duration_ms=document["replay"]["duration_ms"],
        products=document["products"],
        session=to_builtins(event.session),
        replay=to_builtins(event.replay),
        transcript=to_builtins(event.transcript),
        chat=to_builtins(event.chat),
    )


def _promise(
    event: LivestreamRecorded, promise: dict[str, Any], correction: str | None
) -> PromiseRow:
    return PromiseRow(
        platform=event.platform,
        session_id=event.session_id,
        promise_id=promise["id"],
        product_id=promise.get("product_id"),
        kind=promise["kind"],
        source=promise["source"],
        verification=promise["verification"],
        text=promise["text"],
        context=promise.get("context") or promise["text"],
        start_ms=promise["start_ms"],
        end_ms=promise["end_ms"],
        at=promise["start_at"],
        multiplier=(promise.get("compensation") or {}).get("multiplier"),
        correction=correction,
    )
