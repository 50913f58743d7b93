"""Messages for one reader, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select, update

from portal.access import Actor, Role
from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.messages.tables import MessageRow

OFFICES = (Role.ASSOCIATION, Role.OPERATOR)  # one box for everybody of an office
PAGE = 30
MOST_COUNTED = 100


@dataclass(frozen=True)
class Message:
    """`text` is a message id for gettext."""

    id: int
    case_no: str
    text: str
    posted_at: datetime
    is_read: bool


@dataclass(frozen=True)
class MessagePage:
    """`older` is the id behind which the next page begins."""

    messages: tuple[Message, ...]
    older: int | None
    unread: int


def recipients_of(actor: Actor) -> tuple[str, ...]:
    """The keys under which messages for this actor are posted."""
    keys = (
        (Role.BUYER, "buyer", actor.buyer_ref),
        (Role.MERCHANT, "shop", actor.shop_id),
        (Role.REVIEWER, "reviewer", actor.reviewer_id),
    )
    own = [f"{name}:{ref}" for role, name, ref in keys if ref and actor.has(role)]
    return (*own, *(f"office:{role}" for role in OFFICES if actor.has(role)))


def _addressed_to(actor: Actor) -> ColumnElement[bool]:
    """Keys name buyers and shops as their platforms do, and two platforms may do it alike."""
    elsewhere = exists().where(
        CaseRow.case_no == MessageRow.case_no, CaseRow.platform != (actor.platform or "")
    )
    theirs = MessageRow.recipient.startswith("buyer:") | MessageRow.recipient.startswith("shop:")
    return MessageRow.recipient.in_(recipients_of(actor)) & ~(theirs & elsewhere)


def messages_of(session: AnySession, actor: Actor, before: int | None = None) -> MessagePage:
    mine = _addressed_to(actor)
    query = select(MessageRow).where(mine).order_by(MessageRow.id.desc()).limit(PAGE + 1)
    if before is not None:
        query = query.where(MessageRow.id < before)
    rows = session.scalars(query).all()
    return MessagePage(
        messages=tuple(_message(row) for row in rows[:PAGE]),
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        unread=count_unread(session, actor),
    )


def count_unread(session: AnySession, actor: Actor) -> int:
    """At most MOST_COUNTED, so that a crowded box costs no more than a quiet one."""
    mine = _addressed_to(actor)
    some = select(MessageRow.id).where(mine, MessageRow.read_at.is_(None)).limit(MOST_COUNTED)
    return session.scalar(select(func.count()).select_from(some.subquery())) or 0


def mark_read(session: AnySession, actor: Actor, until: int, now: datetime) -> None:
    """Mark what the reader has seen: everything up to the newest message of the page."""
    mine = _addressed_to(actor)
    unread = MessageRow.read_at.is_(None)
    seen = update(MessageRow).where(mine, unread, MessageRow.id <= until).values(read_at=now)
    session.execute(seen)
    session.commit()


def _message(row: MessageRow) -> Message:
    return Message(row.id, row.case_no, row.text, row.posted_at, row.read_at is not None)
