"""What a reviewer's pages read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ledger import leaf_digest
from portal.access import Actor
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.events import BallotCommitted, Event, PanelDrawn, Recusal
from portal.history import load
from portal.panels.seating import SEATED
from portal.recorder import Receipt
from portal.streams import case_stream

MOST_LISTED = 200


@dataclass(frozen=True)
class MySeat:
    """One line of a reviewer's list; `due_at` is None once voting is over.

    `held`: INVITED, ACCEPTED, or ENDED for a panel that was voided or appealed.
    """

    case_no: str
    seat: int
    stratum: str
    held: str
    voted: bool
    due_at: datetime | None
    state: str
    outcome: str
    title: str
    seats: int
    votes: int

    @property
    def invited(self) -> bool:
        return self.held == "INVITED" and self.state in SEATED

    @property
    def waiting(self) -> bool:
        """The reviewer may vote now and has not."""
        return self.held == "ACCEPTED" and self.state in SEATED and not self.voted

    @property
    def over(self) -> bool:
        return not self.invited and not self.waiting


def my_seats(session: AnySession, actor: Actor) -> tuple[MySeat, ...]:
    """The actor's seats, those that wait for a vote first, the most urgent on top."""
    if not actor.reviewer_id:
        return ()
    query = (
        select(SeatRow, CaseRow)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.reviewer_id == actor.reviewer_id, SeatRow.state != "LEFT")
        .order_by(CaseRow.open.desc(), SeatRow.voted, CaseRow.due_at, CaseRow.case_no.desc())
        .limit(MOST_LISTED)
    )
    found = [_my_seat(seat, case) for seat, case in session.execute(query)]
    return tuple(sorted(found, key=lambda seat: seat.over))


def _my_seat(seat: SeatRow, case: CaseRow) -> MySeat:
    return MySeat(
        case_no=case.case_no,
        seat=seat.number,
        stratum=seat.stratum,
        held=seat.state,
        voted=seat.voted,
        due_at=case.due_at if case.state in SEATED else None,
        state=case.state,
        outcome=case.outcome,
        title=case.title,
        seats=case.seats,
        votes=case.voted,
    )


@dataclass(frozen=True)
class SealedVote:
    """A vote on record: the slip, who sealed it, and where the commitment stands."""

    seat: int
    code: str
    receipt: Receipt
    sealed_by: str  # BROWSER, SERVER, SERVER_KEY


def sealed_vote(session: AnySession, case_no: str, seat: int) -> SealedVote | None:
    """The vote of whoever holds a seat, from the case's own entries; None while they have not
    voted. A ballot of somebody who left the seat, or of an earlier panel, is not theirs."""
    for entry in reversed(load(session, case_stream(case_no)).entries):
        if isinstance(entry.event, PanelDrawn) or _left(entry.event, seat):
            return None
        if isinstance(entry.event, BallotCommitted) and entry.event.seat == seat:
            digest = leaf_digest(entry.raw.encode()).hex()
            receipt = Receipt(entry.index, 1, digest, entry.at, case_stream(case_no))
            return SealedVote(seat, entry.event.slip, receipt, entry.event.sealed_by)
    return None


def _left(event: Event | None, seat: int) -> bool:
    return isinstance(event, Recusal) and event.seat == seat
