"""A session's replay for somebody who bought in it."""

from __future__ import annotations

from msgspec import convert
from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from portal.access import Actor
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import FileRef
from portal.livestreams.tables import LivestreamRow
from portal.orders.tables import OrderRow


def replay_for_buyer(
    session: Session | scoped_session[Session], actor: Actor, platform: str, session_id: str
) -> FileRef:
    """Raises NotFound, also for a session in which this buyer has no order."""
    bought = select(OrderRow.order_id).where(
        OrderRow.buyer_ref == actor.buyer_ref,
        OrderRow.platform == actor.platform,
        OrderRow.platform == platform,
        OrderRow.session_id == session_id,
    )
    row = session.get(LivestreamRow, (platform, session_id))
    if row is None or session.scalar(bought.limit(1)) is None:
        raise NotFound(_("没有这场直播的回放，或者你在其中没有订单"))
    return convert(row.replay, FileRef)
