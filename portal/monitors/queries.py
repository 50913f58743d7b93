"""Items as their readers may see them, read along an index."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select, tuple_

from portal.access import Actor, Role
from portal.accounts.tables import Account
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.monitors.escalation import TOP
from portal.monitors.kinds import KINDS
from portal.monitors.tables import ItemRow, ItemStepRow
from portal.refunds.tables import MovementRow

PAGE = 30
UNRESOLVED = ("OPEN", "TAKEN")


@dataclass(frozen=True)
class Items:
    """`next` goes into `after` for the next page."""

    rows: tuple[ItemRow, ...]
    next: str | None


@dataclass(frozen=True)
class Counts:
    """Unresolved items by kind, and how many of them are past their deadline."""

    by_kind: tuple[tuple[str, int], ...]
    total: int
    raised: int


def items(
    session: AnySession, actor: Actor, kind: str = "", state: str = "", after: str = ""
) -> Items:
    """A page of items, the nearest deadline first. `state` empty: all that are not resolved; the
    resolved ones come with the newest first."""
    resolved = state == "RESOLVED"
    query = _visible(actor).where(ItemRow.state.in_((state,) if state else UNRESOLVED))
    if kind:
        query = query.where(ItemRow.kind == kind)
    last = session.get(ItemRow, after) if after else None
    place = ItemRow.closed_at if resolved else ItemRow.deadline
    if last is not None:
        at = last.closed_at if resolved else last.deadline
        here = tuple_(place, ItemRow.item_no)
        query = query.where(here < (at, last.item_no) if resolved else here > (at, last.item_no))
    order = (place.desc(), ItemRow.item_no.desc()) if resolved else (place, ItemRow.item_no)
    rows = session.scalars(query.order_by(*order).limit(PAGE + 1)).all()
    return Items(tuple(rows[:PAGE]), rows[PAGE - 1].item_no if rows[PAGE:] else None)


def _visible(actor: Actor) -> Select[tuple[ItemRow]]:
    """The association sees what was left lying; everything else is the operator's own work."""
    query = select(ItemRow)
    return query if actor.has(Role.OPERATOR) else query.where(ItemRow.level >= TOP)


def raised(session: AnySession, after: str = "") -> Items:
    """What stood too long and the association therefore sees, the nearest deadline first."""
    query = select(ItemRow).where(ItemRow.level >= TOP, ItemRow.state.in_(UNRESOLVED))
    last = session.get(ItemRow, after) if after else None
    place = tuple_(ItemRow.deadline, ItemRow.item_no)
    if last is not None:
        query = query.where(place > (last.deadline, last.item_no))
    order = ItemRow.deadline, ItemRow.item_no
    rows = session.scalars(query.order_by(*order).limit(PAGE + 1)).all()
    return Items(tuple(rows[:PAGE]), rows[PAGE - 1].item_no if rows[PAGE:] else None)


def may_advance(session: AnySession, row: ItemRow) -> bool:
    """The advance is offered once a deadline has passed while a buyer waits for unpaid money."""
    if row.state == "RESOLVED" or row.level == 0 or not KINDS[row.kind].buyer_waits:
        return False
    movement = session.get(MovementRow, row.refund_no)
    return movement is not None and not movement.over and not movement.waiting


def counts(session: AnySession) -> Counts:
    """Of what is not resolved."""
    query = (
        select(ItemRow.kind, func.count())
        .where(ItemRow.state.in_(UNRESOLVED))
        .group_by(ItemRow.kind)
        .order_by(func.count().desc(), ItemRow.kind)
    )
    by_kind = tuple((str(kind), int(count)) for kind, count in session.execute(query))
    raised = select(func.count()).where(ItemRow.level >= TOP, ItemRow.state.in_(UNRESOLVED))
    total = sum(count for _kind, count in by_kind)
    return Counts(by_kind, total, int(session.scalar(raised) or 0))


def item_of(session: AnySession, actor: Actor, item_no: str) -> ItemRow:
    """Raises NotFound, also for what this reader may not see."""
    row = session.get(ItemRow, item_no)
    if row is None or not (actor.has(Role.OPERATOR) or row.level >= TOP):
        raise NotFound(_("没有这一项"))
    return row


def steps_of(session: AnySession, item_no: str) -> tuple[ItemStepRow, ...]:
    """Its history, oldest first."""
    query = select(ItemStepRow).where(ItemStepRow.item_no == item_no).order_by(ItemStepRow.id)
    return tuple(session.scalars(query))


def taker_of(session: AnySession, row: ItemRow) -> str:
    """The name of who sees to it; empty when nobody does."""
    if row.taken_by is None:
        return ""
    return session.scalar(select(Account.display_name).where(Account.id == row.taken_by)) or ""
