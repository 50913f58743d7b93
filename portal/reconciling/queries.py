"""Reconciled days and what differed in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select, tuple_

from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.monitors.items import open_key_of
from portal.monitors.tables import ItemRow
from portal.reconciling.closed import Closing, closings, covered, of_row, why_red
from portal.reconciling.comparing import ITEMS
from portal.reconciling.tables import DayRow, DifferenceRow, PaidRow

PAGE = 60
MOST_ID = 2**53


@dataclass(frozen=True)
class Days:
    """`next` goes into `after`. `known`: (provider, day) whose every difference is closed."""

    rows: tuple[DayRow, ...]
    next: str | None
    known: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Difference:
    """`owner` and `deadline` are its item's, as long as that is not resolved. `words`: what people
    said to close it, oldest first; `red`: why no word closes it, in a sentence."""

    row: DifferenceRow
    item_no: str
    owner: str
    state: str
    deadline: datetime | None
    words: tuple[Closing, ...] = ()
    red: str = ""

    @property
    def digest(self) -> str:
        """Names it as it stands."""
        return of_row(self.row).digest

    @property
    def closed(self) -> Closing | None:
        """The word that closed it, as long as it covers the row."""
        last = self.words[-1] if self.words else None
        return last if last and last.event.in_force and not self.red else None


@dataclass(frozen=True)
class Place:
    """Which difference of which day."""

    provider: str
    day: str
    id: int


@dataclass(frozen=True)
class Differences:
    found: tuple[Difference, ...]
    next: int | None


@dataclass(frozen=True)
class Line:
    """A difference for a file."""

    row: DifferenceRow
    closed: Closing | None


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
    shown = tuple(rows[:PAGE])
    return Days(shown, f"{last.day}/{last.provider}" if last else None, known(session, shown))


def known(session: AnySession, rows: Iterable[DayRow]) -> frozenset[tuple[str, str]]:
    """Of these, the red days in which people have closed all that still differs."""
    red = {(row.provider, row.day): row.differences for row in rows if row.differences}
    if not red:
        return frozenset()
    words = covered(session, {day for _provider, day in red}).values()
    closed = Counter(_day_of(word) for word in words)
    return frozenset(day for day, count in red.items() if count == closed[day])


def _day_of(word: Closing) -> tuple[str, str]:
    return word.event.provider, word.event.day


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
    return Differences(_told(session, day, shown), shown[-1].id if rows[PAGE:] else None)


def difference(session: AnySession, place: Place) -> Difference:
    """One of them, with what people said of it. Raises NotFound."""
    return _told(session, place.day, [difference_of(session, place)])[0]


def id_of(text: str) -> int:
    """A row's id as it stands in addresses; 0, which no row has, for what is none."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_ID))
    return int(text) if is_number else 0


def difference_of(session: AnySession, place: Place) -> DifferenceRow:
    """Raises NotFound, also for one of another day."""
    row = session.get(DifferenceRow, place.id) if place.id <= MOST_ID else None
    if row is None or (row.provider, row.day) != (place.provider, place.day):
        raise NotFound(_("没有这处差异"))
    return row


def _told(session: AnySession, day: str, rows: Sequence[DifferenceRow]) -> tuple[Difference, ...]:
    owned, said = _owned(session, rows), closings(session, (day,))
    return tuple(
        _difference(
            row,
            owned.get(_key(row)),
            said.get(of_row(row), ()),
            why_red(session, row) if row.gone_at is None else "",
        )
        for row in rows
    )


def every_difference(session: AnySession, provider: str, day: str) -> Iterator[Line]:
    """All of them with the word that closed each, streamed."""
    closed = covered(session, (day,))
    query = _of_day(provider, day).execution_options(yield_per=500)
    for row in session.scalars(query):
        yield Line(row, closed.get(row.id))


def _of_day(provider: str, day: str) -> Select[tuple[DifferenceRow]]:
    of_day = DifferenceRow.provider == provider, DifferenceRow.day == day
    return select(DifferenceRow).where(*of_day).order_by(DifferenceRow.id)


def _owned(session: AnySession, rows: Sequence[DifferenceRow]) -> dict[str, ItemRow]:
    keys = {_key(row) for row in rows}
    found = session.scalars(select(ItemRow).where(ItemRow.open_key.in_(keys)))
    return {str(item.open_key): item for item in found}


def _key(row: DifferenceRow) -> str:
    return open_key_of(ITEMS[row.kind], row.number or f"{row.provider}/{row.day}")


def _difference(
    row: DifferenceRow, item: ItemRow | None, words: tuple[Closing, ...], red: str
) -> Difference:
    if item is None:
        return Difference(row, "", "", "RESOLVED", None, words, red)
    return Difference(row, item.item_no, item.owner, item.state, item.deadline, words, red)


def is_day(text: str) -> bool:
    """A date as it stands in addresses."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
