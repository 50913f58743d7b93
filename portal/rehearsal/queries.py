"""What a rehearsal may know beforehand: who was drawn for which seat."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from portal.cases.access import AnySession
from portal.cases.tables import SeatRow


@dataclass(frozen=True)
class DrawnSeat:
    number: int
    reviewer_id: str
    stratum: str


def drawn_seats(session: AnySession, case_no: str) -> tuple[DrawnSeat, ...]:
    """The seats of a case in order; none when nobody has been drawn."""
    query = select(SeatRow).where(SeatRow.case_no == case_no).order_by(SeatRow.number)
    return tuple(
        DrawnSeat(row.number, row.reviewer_id, row.stratum) for row in session.scalars(query)
    )


def seats_to_vote(session: AnySession) -> tuple[str, ...]:
    """Reviewers who were drawn and have not voted, whatever the case."""
    query = select(SeatRow.reviewer_id).where(SeatRow.voted.is_(False)).distinct()
    return tuple(session.scalars(query.order_by(SeatRow.reviewer_id)))
