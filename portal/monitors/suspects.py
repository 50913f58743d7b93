"""Which movements may need an item, each kind by a range of an index.

What is healthy must not stand in front of what is wrong: a condition here is the one of
`complaints`, to the microsecond. So a limit cuts off only what gets its item a minute later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from portal.monitors.conditions import (
    CALL_WITHIN,
    ENDED,
    HEAR_WITHIN,
    NATURAL_ROUTES,
    ORDER_WITHIN,
    RECENTLY,
    UNCALLED,
    day_of,
    quiet_since,
    takes_days,
)
from portal.monitors.items import open_key_of
from portal.monitors.tables import ItemRow
from portal.refunds.tables import MovementRow, TurnRow

AT_ONCE = 500
Movements = Select[tuple[MovementRow, str | None]]
state = MovementRow.state


def suspects(session: Session, now: datetime) -> Iterator[tuple[str, Movements]]:
    """Kinds of items with the movements that lack one."""
    yield "NO_CALL", _without_item("NO_CALL", _uncalled(now))
    for kind, wanted in (*_unheard(session, now), *_late(session, now)):
        yield kind, _without_item(kind, wanted)
    for kind in ("ABNORMAL", *ENDED):
        yield kind, _without_item(kind, state == kind)
    yield "ROUTE_DIFFERS", _without_item("ROUTE_DIFFERS", _rerouted(now))


def _uncalled(now: datetime) -> ColumnElement[bool]:
    """What is held back for people or limits has a day; it is read, and cut off by no limit."""
    free = func.coalesce(TurnRow.blocked, "") == ""
    return and_(
        state.in_(UNCALLED),
        MovementRow.waiting.is_(False),
        MovementRow.ordered_at <= now - CALL_WITHIN,
        or_(free, MovementRow.ordered_at <= now - ORDER_WITHIN),
    )


def _unheard(session: Session, now: datetime) -> Iterator[tuple[str, ColumnElement[bool]]]:
    kind, called_at = "UNKNOWN_TOO_LONG", MovementRow.called_at
    yield kind, and_(state == "SUBMITTED", called_at <= now - HEAR_WITHIN)
    for place in _places(session, "PROCESSING"):
        yield kind, and_(_is_at(place, "PROCESSING"), called_at <= quiet_since(*place, now))


def _late(session: Session, now: datetime) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """What an instant channel has paid is not looked at: its success was the arrival."""
    today, latest = day_of(now).isoformat(), MovementRow.latest
    for place in _places(session, "SUCCESS"):
        if takes_days(*place):
            yield "PAST_PROMISE", and_(_is_at(place, "SUCCESS"), latest > "", latest < today)


def _rerouted(now: datetime) -> ColumnElement[bool]:
    into_purse = and_(MovementRow.channel == "balance", MovementRow.route == "BALANCE")
    return and_(
        state.in_(("SUCCESS", "ARRIVED")),
        MovementRow.heard_at >= now - RECENTLY,
        MovementRow.route.not_in(NATURAL_ROUTES),
        ~into_purse,
    )


def _places(session: Session, where: str) -> Iterator[tuple[str, str]]:
    """Channels and methods of the movements in a state: a handful, each found by one step along
    the index, however many movements there are."""
    channel, method = MovementRow.channel, MovementRow.method
    first = select(channel, method).where(state == where).order_by(channel, method).limit(1)
    found = session.execute(first).first()
    while found is not None:
        yield found.channel, found.method
        # Two questions: SQLite would walk through all equal pairs to answer them as one.
        same = first.where(channel == found.channel, method > found.method)
        other = first.where(channel > found.channel)
        found = session.execute(same).first() or session.execute(other).first()


def _is_at(place: tuple[str, str], where: str) -> ColumnElement[bool]:
    channel, method = place
    return and_(state == where, MovementRow.channel == channel, MovementRow.method == method)


def _without_item(kind: str, wanted: ColumnElement[bool]) -> Movements:
    has_item = exists().where(ItemRow.open_key == open_key_of(kind, "") + MovementRow.refund_no)
    return (
        select(MovementRow, TurnRow.blocked)
        .outerjoin(TurnRow, TurnRow.refund_no == MovementRow.refund_no)
        .where(wanted, ~has_item)
        .limit(AT_ONCE)
    )
