"""Answers of providers that this database does not have.

They live only in rows: after an older copy of the database was brought back they are gone, while
the ledger still has the steps that they led to. Whether a step came from a signed word cannot be
judged then. Each day with such steps is an item, and I11 stays broken until somebody closes it on
record. A closing covers the steps of its day up to the item's opening, none that is made later,
and no answer that is there and was not verified.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.tables import EntryRow
from portal.events import ItemResolved
from portal.history import History, load
from portal.monitors.items import cure_item, open_item
from portal.monitors.tables import ItemRow
from portal.refunds.reserving import day_of
from portal.streams import money_stream
from portal.times import moment

ANSWERS_LOST = "ANSWERS_LOST"


@dataclass(frozen=True)
class GivenUp:
    """Beijing days whose lost answers somebody has closed on record, and up to when."""

    until: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def covers(self, at: datetime) -> bool:
        until = self.until.get(day_of(at))
        return until is not None and at < until


NOTHING_GIVEN_UP = GivenUp()


def given_up(histories: list[History]) -> GivenUp:
    """By the ledger's words alone: the rows of items may be anybody's."""
    until: dict[str, datetime] = {}
    for closing in _closings(histories):
        opened_at = moment(closing.opened_at)
        until[closing.subject] = max(opened_at, until.get(closing.subject, opened_at))
    return GivenUp(until)


def _closings(histories: list[History]) -> Iterator[ItemResolved]:
    for history in histories:
        for event, _at in history.events:
            if isinstance(event, ItemResolved) and event.kind == ANSWERS_LOST:
                yield event


def money_histories(session: Session) -> dict[str, History]:
    """The streams in which items without a case are closed, one a month."""
    first = EntryRow.stream.startswith(money_stream("")), EntryRow.seq == 0
    names = session.scalars(select(EntryRow.stream).where(*first)).all()
    return {name: load(session, name) for name in names}


def tell_of_lost(
    session: Session, lost: tuple[tuple[str, int], ...], whole: bool, now: datetime
) -> None:
    """An item for each day; one whose answers are all there again is done with."""
    for day, count in lost:
        open_item(session, ANSWERS_LOST, day, note=str(count), now=now)
    if whole:
        there = ItemRow.kind == ANSWERS_LOST, ItemRow.open_key.is_not(None)
        for day in session.scalars(select(ItemRow.subject).where(*there)).all():
            if day not in dict(lost):
                cure_item(session, ANSWERS_LOST, day, now)
