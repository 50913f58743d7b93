"""A provider that does not answer is left alone for a while, then tried with one call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.inserting import insert_absent
from portal.providers.values import Answer, Outcome
from portal.refunds.tables import BreakerRow
from portal.refunds.turns import LEASE

PATIENCE = 5  # failures in a row
SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(minutes=10)
TROUBLE = (Outcome.UNKNOWN, Outcome.BUSY)


@dataclass(frozen=True)
class Pause:
    """A provider that is left alone."""

    provider: str
    failures: int
    until: datetime


def admit(session: Session, provider: str, now: datetime) -> datetime | None:
    """None: ask it. Else: not before then. After a pause one caller is let through to try."""
    row = session.get(BreakerRow, provider)
    if row is None or row.failures < PATIENCE or row.paused_until is None:
        return None
    if row.paused_until > now:
        return row.paused_until
    trying = (
        update(BreakerRow)
        .where(BreakerRow.provider == provider, BreakerRow.paused_until == row.paused_until)
        .values(paused_until=now + LEASE)
    )
    admitted = session.execute(trying).rowcount  # type: ignore[attr-defined]
    return None if admitted else now + LEASE


def note(session: Session, provider: str, answer: Answer, now: datetime) -> None:
    """Count a failure, or forget those before; a contradiction is no failure to answer."""
    failed = answer.outcome in TROUBLE and answer.code != "MISMATCH"
    row = session.get(BreakerRow, provider)
    if not failed and (row is None or not row.failures):
        return
    if row is None:
        insert_absent(session, BreakerRow, provider=provider, failures=0)
    failures = row.failures + 1 if failed and row else int(failed)
    pause = now + pause_after(failures) if failures >= PATIENCE else None
    session.execute(
        update(BreakerRow)
        .where(BreakerRow.provider == provider)
        .values(failures=failures, paused_until=pause)
    )


def pause_after(failures: int) -> timedelta:
    """30 s, doubled with each further failure, at most ten minutes."""
    doublings = min(failures - PATIENCE, 10)
    return min(SHORTEST * 2**doublings, LONGEST)


def pauses(session: Session, now: datetime) -> tuple[Pause, ...]:
    """Who is left alone now."""
    query = select(BreakerRow).where(BreakerRow.paused_until > now).order_by(BreakerRow.provider)
    return tuple(
        Pause(row.provider, row.failures, row.paused_until)
        for row in session.scalars(query)
        if row.paused_until is not None
    )
