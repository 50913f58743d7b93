"""What people have closed on record, by the ledger's words alone, and which rows that covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.cases.tables import EntryRow
from portal.database import AnySession
from portal.events import DifferenceClosed
from portal.history import load_case, meaning
from portal.reconciling.comparing import PAID
from portal.reconciling.differing import Differing, closed_by, differing, stays_red
from portal.reconciling.tables import DifferenceRow
from portal.streams import money_stream

CODE = "DIFFERENCE_CLOSED"


@dataclass(frozen=True)
class Closing:
    """A person's word, and which entry of the ledger it is."""

    event: DifferenceClosed
    index: int
    at: str


def closings(session: AnySession, days: Iterable[str]) -> dict[Differing, tuple[Closing, ...]]:
    """Every word about differences in the months of these days, oldest first; read by the streams'
    own names, as a ledger is long."""
    streams = {money_stream(day) for day in days}
    query = select(EntryRow).where(EntryRow.stream.in_(streams), EntryRow.code == CODE)
    found: dict[Differing, tuple[Closing, ...]] = {}
    for row in session.scalars(query.order_by(EntryRow.index)):
        texts = tuple(row.disclosures.split("\n")) if row.disclosures else ()
        _by, event = meaning(row.code, texts)
        if isinstance(event, DifferenceClosed):
            about = closed_by(event)
            found[about] = (*found.get(about, ()), Closing(event, row.index, row.at))
    return found


def in_force(said: Mapping[Differing, tuple[Closing, ...]]) -> dict[Differing, Closing]:
    """What is closed, each by its last word."""
    return {about: words[-1] for about, words in said.items() if words[-1].event.in_force}


def covered(session: AnySession, days: Iterable[str] | None = None) -> dict[int, Closing]:
    """By the id of its row: what stands open, is closed as it stands, and hides no payment of ours
    beyond the order; of the months of these days, or of all. Costs what people have closed."""
    words = in_force(closings(session, _open_days(session) if days is None else days)).items()
    rows = ((row_of(session, about), word) for about, word in words)
    return {row.id: word for row, word in rows if row is not None and not why_red(session, row)}


def _open_days(session: AnySession) -> list[str]:
    query = select(DifferenceRow.day).where(DifferenceRow.gone_at.is_(None)).distinct()
    return list(session.scalars(query))


def row_of(session: AnySession, about: Differing) -> DifferenceRow | None:
    """The row that is still just so; None when it is gone or has changed."""
    query = select(DifferenceRow).where(
        DifferenceRow.provider == about.provider,
        DifferenceRow.day == about.day,
        DifferenceRow.kind == about.kind,
        DifferenceRow.number == about.number,
        DifferenceRow.place == about.place,
        DifferenceRow.gone_at.is_(None),
    )
    row = session.scalar(query)
    return row if row is not None and of_row(row) == about else None


def of_row(row: DifferenceRow) -> Differing:
    return differing(row.provider, row.day, row)


def why_red(session: AnySession, row: DifferenceRow) -> str:
    """Why no word closes this row, in a sentence; empty when one may."""
    movement = load_case(session, row.case_no).movement(row.refund_no) if row.case_no else None
    return stays_red(row, movement, _paid_rows(session, row.refund_no))


def _paid_rows(session: AnySession, refund_no: str) -> int:
    """Of all attempts, a range of the index."""
    query = select(func.count()).where(
        DifferenceRow.number >= f"{refund_no}a",
        DifferenceRow.number < f"{refund_no}b",
        DifferenceRow.gone_at.is_(None),
        DifferenceRow.bill_state == PAID,
    )
    return session.scalar(query) or 0
