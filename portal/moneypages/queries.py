"""Movements of money as lists, read by index and page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from portal.access import Actor, Role
from portal.cases.access import of_shop, visible_row
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.refunds.state import ENDED
from portal.refunds.tables import MovementRow
from portal.times import moment, stamp

PAGE = 20
MOST_LINES = 100_000  # of one CSV


@dataclass(frozen=True)
class Tab:
    """Movements that stand alike; no states: all of them."""

    key: str
    label: str
    states: tuple[str, ...] = ()


TABS = (
    Tab("all", _("全部")),
    Tab("coming", _("还没付出"), ("PLANNED", "RESERVED", "SUBMITTED", "PROCESSING")),
    Tab("trouble", _("有问题"), (*ENDED, "ABNORMAL")),
    Tab("paid", _("已付款"), ("SUCCESS",)),
    Tab("arrived", _("已到账"), ("ARRIVED",)),
    Tab("cancelled", _("不再付款"), ("CANCELLED",)),
)


@dataclass(frozen=True)
class Listed:
    """One page of movements, the newest order first; `next` is the cursor of the page after it."""

    rows: tuple[MovementRow, ...]
    next: str | None


def tab_of(key: str | None) -> Tab:
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def movements_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A condition on MovementRow. Reviewers judge cases; the money is none of their business."""
    if actor.has(Role.ASSOCIATION, Role.OPERATOR):
        return true()
    conditions: list[ColumnElement[bool]] = [false()]
    if actor.has(Role.BUYER) and actor.buyer_ref:
        conditions.append(
            (MovementRow.buyer_ref == actor.buyer_ref) & (MovementRow.platform == actor.platform)
        )
    if actor.has(Role.MERCHANT) and actor.shop_id:
        conditions.append(of_shop(actor, MovementRow))
    if actor.has(Role.PLATFORM) and actor.platform:
        conditions.append(MovementRow.platform == actor.platform)
    return or_(*conditions)


def visible_movement(session: AnySession, actor: Actor, refund_no: str) -> MovementRow:
    """Raises NotFound, also for a movement that is somebody else's."""
    row = session.scalar(
        select(MovementRow).where(MovementRow.refund_no == refund_no, movements_visible_to(actor))
    )
    if row is None:
        raise NotFound(_("没有这笔款，或者它不是你的"))
    return row


def movements_of_case(session: AnySession, actor: Actor, case_no: str) -> tuple[MovementRow, ...]:
    """Raises NotFound for a case that is not this actor's."""
    visible_row(session, actor, case_no)
    query = select(MovementRow).where(MovementRow.case_no == case_no, movements_visible_to(actor))
    return tuple(session.scalars(query.order_by(MovementRow.ordered_at, MovementRow.refund_no)))


def listed(
    session: AnySession, query: Select[tuple[MovementRow]], after: str | None, most: int = PAGE
) -> Listed:
    """One page of a query, by key and never by offset."""
    page = query.where(_after(after)) if after else query
    rows = tuple(session.scalars(page.order_by(*_NEWEST_FIRST).limit(most + 1)))
    more = _cursor(rows[most - 1]) if len(rows) > most else None
    return Listed(rows[:most], more)


def of_tab(actor: Actor, tab: Tab) -> Select[tuple[MovementRow]]:
    """The movements of the actor's shop. Indexed: ix_movement_shop, ix_movement_shop_state."""
    query = select(MovementRow).where(of_shop(actor, MovementRow))
    return query.where(MovementRow.state.in_(tab.states)) if tab.states else query


def every(session: AnySession, query: Select[tuple[MovementRow]]) -> Iterator[MovementRow]:
    """All of a query up to MOST_LINES, read a page at a time."""
    after, left = None, MOST_LINES
    while left > 0:
        found = listed(session, query, after, most=min(500, left))
        for row in found.rows:
            yield row
            session.expunge(row)
        after, left = found.next, left - len(found.rows)
        if after is None:
            return


_NEWEST_FIRST = (MovementRow.ordered_at.desc(), MovementRow.refund_no.desc())


def _cursor(row: MovementRow) -> str:
    return f"{stamp(row.ordered_at)}~{row.refund_no}"


def _after(cursor: str) -> ColumnElement[bool]:
    """A cursor that somebody made up shows the first page."""
    try:
        text, refund_no = cursor.split("~", 1)
        at = moment(text)
    except ValueError:
        return MovementRow.refund_no != ""
    same = and_(MovementRow.ordered_at == at, MovementRow.refund_no < refund_no)
    return or_(MovementRow.ordered_at < at, same)
