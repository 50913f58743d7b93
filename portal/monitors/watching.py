"""Once a minute: open what is wrong, close what is cured, let rise what lies too long.

Every query reads along an index, and what has its item already is passed over: a million finished
movements, or a hundred thousand that wait for goods, cost nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.monitors.conditions import MEASURED, UNTIL_MOVED, Stand, complaints, is_cured
from portal.monitors.escalation import Rise, rise
from portal.monitors.items import add_step, cure_item, open_item
from portal.monitors.standing import watch_standing
from portal.monitors.suspects import AT_ONCE, suspects
from portal.monitors.tables import ItemRow
from portal.refunds.tables import MovementRow, TurnRow


def watch(session: Session, now: datetime) -> None:
    """Look at every movement and shop that may be wrong. The caller commits."""
    for kind, query in suspects(session, now):
        for row, blocked in session.execute(query).all():
            if kind in complaints(stand_of(row, blocked), now):
                _open(session, kind, row, now)
    for item, row, blocked in _standing_items(session):
        # Without a row the tables are being rebuilt: nothing is known, so nothing is cured.
        if row is not None and is_cured(item.kind, stand_of(row, blocked), now):
            cure_item(session, item.kind, item.subject, now)
    watch_standing(session, now)


def _open(session: Session, kind: str, row: MovementRow, now: datetime) -> None:
    open_item(
        session,
        kind,
        row.refund_no,
        case_no=row.case_no,
        refund_no=row.refund_no,
        amount_fen=row.amount_fen,
        now=now,
    )


def _standing_items(session: Session) -> list[tuple[ItemRow, MovementRow | None, str | None]]:
    """Open items about single movements, with the movements as they are now."""
    watched = MEASURED | UNTIL_MOVED
    query = (
        select(ItemRow, MovementRow, TurnRow.blocked)
        .outerjoin(MovementRow, MovementRow.refund_no == ItemRow.refund_no)
        .outerjoin(TurnRow, TurnRow.refund_no == ItemRow.refund_no)
        .where(ItemRow.kind.in_(watched), ItemRow.state.in_(("OPEN", "TAKEN")))
        .where(ItemRow.refund_no != "")
    )
    return [(item, row, blocked) for item, row, blocked in session.execute(query)]


def stand_of(row: MovementRow, blocked: str | None) -> Stand:
    """A row as the conditions read it."""
    return Stand(
        state=row.state,
        over=row.over,
        waiting=row.waiting,
        channel=row.channel,
        method=row.method,
        route=row.route,
        ordered_at=row.ordered_at,
        called_at=row.called_at,
        latest=row.latest,
        blocked=blocked or "",
    )


def let_rise(session: Session, now: datetime) -> tuple[ItemRow, ...]:
    """Items whose time is up go one level higher; returns those that must be recorded."""
    due = select(ItemRow).where(ItemRow.next_at <= now).order_by(ItemRow.next_at).limit(AT_ONCE)
    to_record = []
    for row in session.scalars(due).all():
        step = rise(row.kind, row.level, row.next_at, now)
        if step is not None and step.what == "RAISED":
            to_record.append(row)  # the record comes first, the row follows it
        elif step is not None:
            _apply(session, row, step, now)
    return tuple(to_record)


def _apply(session: Session, row: ItemRow, step: Rise, now: datetime) -> None:
    """By compare-and-set: two workers raise it once."""
    moved = (
        update(ItemRow)
        .where(ItemRow.item_no == row.item_no, ItemRow.next_at == row.next_at)
        .values(level=step.level, owner=step.owner, deadline=step.deadline, next_at=step.next_at)
    )
    if session.execute(moved).rowcount:  # type: ignore[attr-defined]
        add_step(session, row.item_no, step.what, now)
