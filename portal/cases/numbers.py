"""Case numbers: MA-2026-000001. Gaps are harmless, a number twice is refused by the ledger."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from portal.cases.tables import CaseNumber, CaseRow
from portal.formats import BEIJING

PREFIX = "MA"
DIGITS = 6
_FORM = re.compile(rf"{PREFIX}-[0-9]{{4}}-[0-9]{{{DIGITS},12}}", re.ASCII)


def is_case_no(text: str) -> bool:
    """Whether this could be the number of a case."""
    return _FORM.fullmatch(text) is not None


def allocate(sessions: sessionmaker[Session], now: datetime) -> str:
    """A number that no call has given before, in a transaction of its own."""
    year = now.astimezone(BEIJING).year
    with sessions.begin() as session:
        last = _increment(session, year)
    if last is None:
        _start(sessions, year)
        return allocate(sessions, now)
    return f"{PREFIX}-{year}-{last:0{DIGITS}}"


def _increment(session: Session, year: int) -> int | None:
    move = update(CaseNumber).where(CaseNumber.year == year).values(last=CaseNumber.last + 1)
    return session.scalar(move.returning(CaseNumber.last))


def _start(sessions: sessionmaker[Session], year: int) -> None:
    """The year's counter, behind every number in the rows: a restored database has lost it."""
    try:
        with sessions.begin() as session:
            session.add(CaseNumber(year=year, last=_highest(session, year)))
    except IntegrityError:
        return  # another process was faster; its counter serves us too


def _highest(session: Session, year: int) -> int:
    start = f"{PREFIX}-{year}-"
    known = CaseRow.case_no.startswith(start, autoescape=True)
    highest = session.scalar(select(func.max(CaseRow.case_no)).where(known))
    return int(highest.removeprefix(start)) if highest else 0
