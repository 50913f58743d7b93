"""Whose a draft is, whether it may still change, and what stands in the way of a second claim."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.access import Actor
from portal.claims.queries import Order
from portal.claims.tables import ClaimDraft
from portal.errors import NotFound, Refused
from portal.errors import sentence as _


def own_draft(session: Session, actor: Actor, draft_id: str) -> ClaimDraft:
    """The buyer's draft, sent or not. Raises NotFound."""
    draft = session.get(ClaimDraft, draft_id)
    if draft is None or (draft.platform, draft.buyer_ref) != (actor.platform, actor.buyer_ref):
        raise NotFound(_("没有这份草稿，或者它不是你的草稿"))
    return draft


def unsent_draft(session: Session, actor: Actor, draft_id: str) -> ClaimDraft:
    """The buyer's draft, while it may change. Raises NotFound, Refused."""
    draft = own_draft(session, actor, draft_id)
    if draft.sent_at is not None:
        raise Refused(_("这份投诉已经提交（%(number)s），不能再改。"), number=draft.case_no)
    return draft


def refuse_second(order: Order, line_ids: Sequence[str]) -> None:
    """Raise Refused while an open case is about one of these lines."""
    number = order.open_case(line_ids)
    if number:
        raise Refused(
            _("这件商品已经有一件投诉在处理（%(number)s）。结束之前不能再提。"), number=number
        )


def slot_of(order: Order) -> str:
    """The place that an order's unsent draft takes."""
    return hashlib.sha256(f"{order.platform}\n{order.order_id}".encode()).hexdigest()
