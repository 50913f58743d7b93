"""What waits for an officer; each kind is read along its index, the shortest time first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.obligations.queries import due_of_disputes

WANTED = ("DECIDE", "RETURN", "CONFIRM", "OBLIGATION", "RESULT")
SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """A case and what is wanted of an officer, see Case.officer."""

    case_no: str
    title: str
    reason_code: str
    claimed_fen: int
    wanted: str
    due_at: datetime | None
    since: datetime


def waiting(session: AnySession) -> tuple[Waiting, ...]:
    """At most SHOWN of each kind."""
    return tuple(each for wanted in WANTED for each in _of(session, wanted))


def _of(session: AnySession, wanted: str) -> list[Waiting]:
    query = select(CaseRow).where(CaseRow.officer == wanted)
    rows = list(session.scalars(query.order_by(CaseRow.due_at, CaseRow.case_no).limit(SHOWN)))
    owing = [row.case_no for row in rows] if wanted == "OBLIGATION" else []
    due = due_of_disputes(session, owing) if owing else {}
    return [
        Waiting(
            case_no=row.case_no,
            title=row.title,
            reason_code=row.reason_code,
            claimed_fen=row.claimed_fen,
            wanted=wanted,
            due_at=due.get(row.case_no, row.due_at),
            since=row.updated_at,
        )
        for row in rows
    ]
