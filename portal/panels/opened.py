"""Which exhibits a reviewer has opened: without all that are required no ballot is taken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from portal.cases.state import Case
from portal.database import AnySession
from portal.panels.tables import OpenedExhibit

REPLAY = "REPLAY"


def opened_by(session: AnySession, case_no: str, reviewer_id: str) -> tuple[str, ...]:
    """Numbers of exhibits, sorted."""
    query = select(OpenedExhibit.number).where(
        OpenedExhibit.case_no == case_no, OpenedExhibit.reviewer_id == reviewer_id
    )
    return tuple(sorted(session.scalars(query)))


def note_opened(
    sessions: sessionmaker[Session],
    case: Case,
    reviewer_id: str,
    numbers: Iterable[str],
    at: datetime,
) -> None:
    """Durable on return; numbers that the case does not have are left aside."""
    known = {exhibit.number for exhibit in case.exhibits} | {REPLAY}
    for number in sorted(known.intersection(numbers)):
        _add(sessions, case.claim.case_no, reviewer_id, number, at)


def _add(
    sessions: sessionmaker[Session], case_no: str, reviewer_id: str, number: str, at: datetime
) -> None:
    key = (case_no, reviewer_id, number)
    try:
        with sessions.begin() as session:
            if session.get(OpenedExhibit, key) is None:
                session.add(
                    OpenedExhibit(case_no=case_no, reviewer_id=reviewer_id, number=number, at=at)
                )
    except IntegrityError:
        return  # opened in two windows at once
