"""What a reviewer's pages read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from ledger import leaf_digest
from portal.access import Actor
from portal.cases.tables import CaseRow, SeatRow
from portal.events import BallotCommitted
from portal.history import load
from portal.recorder import Receipt
from portal.streams import case_stream

MOST_LISTED = 200


@dataclass(frozen=True)
class MySeat:
    """One line of a reviewer's list; `due_at` is None once voting is over."""

    case_no: str
    seat: int
    stratum: str
    voted: bool
    due_at: datetime | None
    state: str
    outcome: str
    title: str
    seats: int
    votes: int

    @property
    def waiting(self) -> bool:
        return self.state == "DELIBERATION" and not self.voted


def my_seats(session: Session | scoped_session[Session], actor: Actor) -> tuple[MySeat, ...]:
    """The actor's seats, those that wait for a vote first, the most urgent on top."""
    if not actor.reviewer_id:
        return ()
    query = (
        select(SeatRow, CaseRow)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.reviewer_id == actor.reviewer_id)
        .order_by(CaseRow.open.desc(), SeatRow.voted, CaseRow.due_at, CaseRow.case_no.desc())
        .limit(MOST_LISTED)
    )
    found = [_my_seat(seat, case) for seat, case in session.execute(query)]
    return tuple(sorted(found, key=lambda seat: not seat.waiting))


def _my_seat(seat: SeatRow, case: CaseRow) -> MySeat:
    voting = case.state == "DELIBERATION"
    return MySeat(
        case_no=case.case_no,
        seat=seat.number,
        stratum=seat.stratum,
        voted=seat.voted,
        due_at=case.due_at if voting else None,
        state=case.state,
        outcome=case.outcome,
        title=case.title,
        seats=case.seats,
        votes=case.voted,
    )


@dataclass(frozen=True)
class SealedVote:
    """A vote on record: the digest of the sealed ballot and where the commitment stands."""

    seat: int
    code: str
    receipt: Receipt


def sealed_vote(
    session: Session | scoped_session[Session], case_no: str, seat: int
) -> SealedVote | None:
    """The vote of one seat, from the case's own entries; None while it has not voted."""
    for entry in load(session, case_stream(case_no)).entries:
        if isinstance(entry.event, BallotCommitted) and entry.event.seat == seat:
            digest = leaf_digest(entry.raw.encode()).hex()
            receipt = Receipt(entry.index, 1, digest, entry.at, case_stream(case_no))
            return SealedVote(seat, entry.event.sealed.blob, receipt)
    return None
