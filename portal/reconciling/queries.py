"""Reconciled days and what differed in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, tuple_

from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.monitors.items import open_key_of
from portal.monitors.tables import ItemRow
from portal.reconciling.comparing import ITEMS
from portal.reconciling.tables import DayRow, DifferenceRow, PaidRow

PAGE = 60
MOST_ID = 2**53


@dataclass(frozen=True)
class Days:
    """`next` goes into `after`."""

    rows: tuple[DayRow, ...]
    next: str | None


@dataclass(frozen=True)
class Difference:
    """`owner` and `deadline` are its item's, as long as that is not resolved."""

    row: DifferenceRow
    item_no: str
    owner: str
    state: str
    deadline: datetime | None


@dataclass(frozen=True)
class Differences:
    found: tuple[Difference, ...]
    next: int | None


@dataclass(frozen=True)
class Payouts:
    """Payouts of a day: no bill of refunds lists them."""

    count: int
    fen: int


def days(session: AnySession, provider: str = "", result: str = "", after: str = "") -> Days:
    """A page of days, the newest first; `after` is ``day/provider`` of the last one shown."""
    query = select(DayRow).order_by(DayRow.day.desc(), DayRow.provider.desc())
    if provider:
        query = query.where(DayRow.provider == provider)
    if result:
        query = query.where(DayRow.result == result)
    if after:
        day, _slash, name = after.partition("/")
        query = query.where(tuple_(DayRow.day, DayRow.provider) < (day, name))
    rows = session.scalars(query.limit(PAGE + 1)).all()
    last = rows[PAGE - 1] if rows[PAGE:] else None
    return Days(tuple(rows[:PAGE]), f"{last.day}/{last.provider}" if last else None)


def newest_day(session: AnySession, provider: str) -> DayRow | None:
    query = select(DayRow).where(DayRow.provider == provider).order_by(DayRow.day.desc()).limit(1)
    return session.scalar(query)


def day_of(session: AnySession, provider: str, day: str) -> DayRow:
    """Raises NotFound."""
    row = session.get(DayRow, (provider, day))
    if row is None:
        raise NotFound(_("这一天还没有对账"))
    return row


def payouts_of(session: AnySession, provider: str, day: str) -> Payouts:
    paid_out = PaidRow.provider == provider, PaidRow.day == day, PaidRow.kind == "PAYOUT"
    query = select(func.count(), func.coalesce(func.sum(PaidRow.amount_fen), 0)).where(*paid_out)
    count, fen = session.execute(query).one()
    return Payouts(int(count), int(fen))


def differences(session: AnySession, provider: str, day: str, after: int = 0) -> Differences:
    """A page of what differs or differed, in the order in which it was found."""
    query = _of_day(provider, day).where(DifferenceRow.id > after).limit(PAGE + 1)
    rows = session.scalars(query).all()
    shown = rows[:PAGE]
    owned = _owned(session, shown)
    found = tuple(_difference(row, owned.get(_key(row))) for row in shown)
    return Differences(found, shown[-1].id if rows[PAGE:] else None)


def every_difference(session: AnySession, provider: str, day: str) -> Iterator[DifferenceRow]:
    """All of them, streamed."""
    query = _of_day(provider, day).execution_options(yield_per=500)
    yield from session.scalars(query)


def _of_day(provider: str, day: str) -> Select[tuple[DifferenceRow]]:
    of_day = DifferenceRow.provider == provider, DifferenceRow.day == day
    return select(DifferenceRow).where(*of_day).order_by(DifferenceRow.id)


def _owned(session: AnySession, rows: list[DifferenceRow]) -> dict[str, ItemRow]:
    keys = {_key(row) for row in rows}
    found = session.scalars(select(ItemRow).where(ItemRow.open_key.in_(keys)))
    return {str(item.open_key): item for item in found}


def _key(row: DifferenceRow) -> str:
    return open_key_of(ITEMS[row.kind], row.number or f"{row.provider}/{row.day}")


def _difference(row: DifferenceRow, item: ItemRow | None) -> Difference:
    if item is None:
        return Difference(row, "", "", "RESOLVED", None)
    return Difference(row, item.item_no, item.owner, item.state, item.deadline)


def is_day(text: str) -> bool:
    """A date as it stands in addresses."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
