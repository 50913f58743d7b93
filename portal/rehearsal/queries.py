"""What a rehearsal may know beforehand: who was drawn for which seat."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.panels.seating import SEATED

ON_THE_PANEL = ("INVITED", "ACCEPTED")


@dataclass(frozen=True)
class DrawnSeat:
    number: int
    reviewer_id: str
    stratum: str
    state: str


def drawn_seats(session: AnySession, case_no: str) -> tuple[DrawnSeat, ...]:
    """The seats of a case in order; none when nobody has been drawn."""
    query = select(SeatRow).where(SeatRow.case_no == case_no, SeatRow.state.in_(ON_THE_PANEL))
    return tuple(
        DrawnSeat(row.number, row.reviewer_id, row.stratum, row.state)
        for row in session.scalars(query.order_by(SeatRow.number))
    )


def seats_in(session: AnySession, state: str) -> tuple[str, ...]:
    """Reviewers on seats in this state who have not voted, of panels that still may."""
    query = (
        select(SeatRow.reviewer_id)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.state == state, SeatRow.voted.is_(False), CaseRow.state.in_(SEATED))
        .distinct()
    )
    return tuple(session.scalars(query.order_by(SeatRow.reviewer_id)))
