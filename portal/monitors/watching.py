"""Once a minute: open what is wrong, close what is cured, let rise what lies too long.

Every query reads along an index, and what has its item already is passed over: a million finished
movements, or a hundred thousand that wait for goods, cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import Session

from portal.arrivals.promising import BANK_CARDS
from portal.monitors.conditions import (
    CALL_WITHIN,
    ENDED,
    HEAR_WITHIN,
    MEASURED,
    NATURAL_ROUTES,
    UNTIL_MOVED,
    Stand,
    complaints,
    day_of,
    is_cured,
)
from portal.monitors.escalation import Rise, rise
from portal.monitors.items import add_step, cure_item, open_item, open_key_of
from portal.monitors.standing import watch_standing
from portal.monitors.tables import ItemRow
from portal.refunds.tables import MovementRow, TurnRow

AT_ONCE = 500
RECENTLY = timedelta(hours=1)  # how far back a route is looked at; the watch itself is a minute's

Movements = Select[tuple[MovementRow, str | None]]


def watch(session: Session, now: datetime) -> None:
    """Look at every movement and shop that may be wrong. The caller commits."""
    for kinds, query in _suspects(now):
        for row, blocked in session.execute(query).all():
            found = complaints(_stand(row, blocked), now)
            for kind in found.intersection(kinds):
                _open(session, kind, row, now)
    for item, row, blocked in _standing_items(session):
        # Without a row the tables are being rebuilt: nothing is known, so nothing is cured.
        if row is not None and is_cured(item.kind, _stand(row, blocked), now):
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


def _suspects(now: datetime) -> Iterator[tuple[tuple[str, ...], Movements]]:
    """Rough along an index; `complaints` then decides."""
    state = MovementRow.state
    uncalled = and_(
        state.in_(("PLANNED", "RESERVED")),
        MovementRow.waiting.is_(False),
        MovementRow.ordered_at <= now - CALL_WITHIN,
    )
    yield ("NO_CALL",), _without_item("NO_CALL", uncalled)
    unheard = and_(
        state.in_(("SUBMITTED", "PROCESSING")), MovementRow.called_at <= now - HEAR_WITHIN
    )
    yield ("UNKNOWN_TOO_LONG",), _without_item("UNKNOWN_TOO_LONG", unheard)
    late = and_(state == "SUCCESS", MovementRow.latest < day_of(now).isoformat())
    yield ("PAST_PROMISE",), _without_item("PAST_PROMISE", and_(late, _takes_days()))
    for kind in ("ABNORMAL", *ENDED):
        yield (kind,), _without_item(kind, state == kind)
    routed = and_(
        state.in_(("SUCCESS", "ARRIVED")),
        MovementRow.heard_at >= now - RECENTLY,
        MovementRow.route.not_in(NATURAL_ROUTES),
    )
    yield ("ROUTE_DIFFERS",), _without_item("ROUTE_DIFFERS", routed)


def _takes_days() -> ColumnElement[bool]:
    """What an instant channel has paid is not looked at again for a week."""
    in_wallets = MovementRow.channel.in_(("wechat", "douyin", "balance"))
    return or_(MovementRow.method.in_(BANK_CARDS), ~in_wallets)


def _without_item(kind: str, wanted: ColumnElement[bool]) -> Movements:
    has_item = exists().where(ItemRow.open_key == open_key_of(kind, "") + MovementRow.refund_no)
    return (
        select(MovementRow, TurnRow.blocked)
        .outerjoin(TurnRow, TurnRow.refund_no == MovementRow.refund_no)
        .where(wanted, ~has_item)
        .limit(AT_ONCE)
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


def _stand(row: MovementRow, blocked: str | None) -> Stand:
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
