"""A buyer's own list: what waits for them, what runs, what is over, what was never sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

from portal.access import Actor
from portal.cases.tables import CaseRow
from portal.claims.tables import ClaimDraft
from portal.database import AnySession
from portal.orders.tables import OrderRow
from portal.words import REASONS

MOST_OPEN = 200
PAGE = 20


@dataclass(frozen=True)
class MyCase:
    case_no: str
    title: str
    reason: str
    state: str
    outcome: str
    due_at: datetime | None
    filed_at: datetime
    refund_fen: int
    mine: bool  # waits for the buyer


@dataclass(frozen=True)
class MyDraft:
    draft_id: str
    title: str
    reason: str
    created_at: datetime


@dataclass(frozen=True)
class MyList:
    """`older` is where the next page of closed cases begins."""

    waiting: tuple[MyCase, ...]
    running: tuple[MyCase, ...]
    closed: tuple[MyCase, ...]
    drafts: tuple[MyDraft, ...]
    older: datetime | None


def my_list(session: AnySession, actor: Actor, before: datetime | None = None) -> MyList:
    """Read by index, whatever the number of cases of everybody else."""
    mine = and_(CaseRow.buyer_ref == actor.buyer_ref, CaseRow.platform == actor.platform)
    still_open = _cases(session, mine & CaseRow.open.is_(True), MOST_OPEN)
    over = mine & CaseRow.open.is_(False)
    closed = _cases(session, over & (CaseRow.filed_at < before) if before else over, PAGE + 1)
    return MyList(
        waiting=tuple(case for case in still_open if case.mine),
        running=tuple(case for case in still_open if not case.mine),
        closed=closed[:PAGE],
        drafts=_drafts(session, actor),
        older=closed[PAGE - 1].filed_at if len(closed) > PAGE else None,
    )


def _cases(session: AnySession, condition: ColumnElement[bool], most: int) -> tuple[MyCase, ...]:
    query = select(CaseRow).where(condition).order_by(CaseRow.filed_at.desc()).limit(most)
    return tuple(_case(row) for row in session.scalars(query))


def _case(row: CaseRow) -> MyCase:
    return MyCase(
        case_no=row.case_no,
        title=row.title,
        reason=REASONS[row.reason_code],
        state=row.state,
        outcome=row.outcome,
        due_at=row.due_at,
        filed_at=row.filed_at,
        refund_fen=row.refund_fen,
        mine=row.turn in ("BUYER", "BOTH"),
    )


def _drafts(session: AnySession, actor: Actor) -> tuple[MyDraft, ...]:
    unsent = and_(
        ClaimDraft.buyer_ref == actor.buyer_ref,
        ClaimDraft.platform == actor.platform,
        ClaimDraft.sent_at.is_(None),
    )
    same = and_(OrderRow.platform == ClaimDraft.platform, OrderRow.order_id == ClaimDraft.order_id)
    query = select(ClaimDraft, OrderRow.title).join(OrderRow, same).where(unsent)
    rows = session.execute(query.order_by(ClaimDraft.created_at.desc()).limit(MOST_OPEN))
    return tuple(
        MyDraft(draft.id, title, REASONS[draft.reason_code], draft.created_at)
        for draft, title in rows
    )
