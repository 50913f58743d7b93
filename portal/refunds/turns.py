"""Whose turn it is: one worker at a time, by compare-and-set, for fifteen seconds.

A worker that dies keeps nobody out for longer: while a turn is taken its next look is the end of
the lease, so the sweep of any living worker brings the movement up again. A worker that was only
slow finds its version outdated when it renews the lease, which it does in the same transaction
that writes down a call, and then does not call.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import case as either
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.cases.state import Case
from portal.clock import Clock
from portal.database import AnySession
from portal.refunds.tables import TurnRow

LEASE = timedelta(seconds=15)
NO_TIME = timedelta(0)


@dataclass(frozen=True)
class Turn:
    """A lease on one movement. `skew`: how far this machine's clock is behind the database's."""

    refund_no: str
    case_no: str
    version: int
    wakes: int
    skew: timedelta


@dataclass(frozen=True)
class Rest:
    """When to look again; None: not before something happens. `blocked`: what is waited for."""

    until: datetime | None = None
    blocked: str = ""


@dataclass(frozen=True)
class Turns:
    sessions: sessionmaker[Session]
    clock: Clock

    def claim(self, refund_no: str) -> Turn | None:
        """Take the turn when a look is due and nobody else has it."""
        with self.sessions.begin() as session:
            skew = _skew(session)
            now = self.clock.now() + skew
            free = or_(TurnRow.leased_until.is_(None), TurnRow.leased_until <= now)
            taken = session.execute(
                update(TurnRow)
                .where(TurnRow.refund_no == refund_no, TurnRow.next_at <= now, free)
                .values(version=TurnRow.version + 1, **_lease(now))
                .returning(TurnRow.case_no, TurnRow.version, TurnRow.wakes)
            ).one_or_none()
        return Turn(refund_no, *taken, skew) if taken else None

    def now(self, turn: Turn) -> datetime:
        """The time that all workers on one database agree about."""
        return self.clock.now() + turn.skew

    def renew(self, session: Session, turn: Turn) -> bool:
        """The fence, in the caller's transaction: False when somebody else has the turn."""
        held = update(TurnRow).where(*_mine(turn)).values(**_lease(self.now(turn)))
        return bool(session.execute(held).rowcount)  # type: ignore[attr-defined]

    def release(self, turn: Turn, rest: Rest) -> None:
        """Give the turn back; what happened meanwhile brings it up again at once."""
        undisturbed = TurnRow.wakes == turn.wakes
        with self.sessions.begin() as session:
            session.execute(
                update(TurnRow)
                .where(*_mine(turn))
                .values(
                    next_at=either((undisturbed, rest.until), else_=self.now(turn)),
                    blocked=rest.blocked,
                    leased_until=None,
                )
            )


def blocked_of(session: AnySession, case: Case) -> dict[str, str]:
    """What each of a case's movements waits for, when that is not time alone."""
    numbers = [each.refund_no for each in case.movements]
    query = select(TurnRow).where(TurnRow.refund_no.in_(numbers), TurnRow.blocked != "")
    return {row.refund_no: row.blocked for row in session.scalars(query)}


def wake(session: Session, refund_no: str, now: datetime) -> None:
    """Something happened: look at once, or as soon as whoever has the turn is done."""
    _wake(session, now, TurnRow.refund_no == refund_no)


def wake_blocked(session: Session, now: datetime) -> None:
    """A limit or switch changed: everything that waits for one is looked at again."""
    _wake(session, now, TurnRow.blocked.in_(("APPROVAL", "CAP", "STOPPED", "NOT_AVAILABLE")))


def _wake(session: Session, now: datetime, which: object) -> None:
    leased = TurnRow.leased_until > now
    session.execute(
        update(TurnRow)
        .where(which)  # type: ignore[arg-type]
        .values(
            wakes=TurnRow.wakes + 1,
            blocked="",
            # Never before the end of a lease: a duty that finds the turn taken would be lost.
            next_at=either((leased, TurnRow.leased_until), else_=now),
        ),
        execution_options={"synchronize_session": False},
    )


def _mine(turn: Turn) -> tuple[object, ...]:
    return TurnRow.refund_no == turn.refund_no, TurnRow.version == turn.version


def _lease(now: datetime) -> dict[str, datetime]:
    return {"leased_until": now + LEASE, "next_at": now + LEASE}


def _skew(session: Session) -> timedelta:
    """Workers on several machines share the database's clock; on SQLite there is one machine."""
    if session.get_bind().dialect.name != "postgresql":
        return NO_TIME
    theirs = session.scalar(select(func.clock_timestamp()))
    return theirs - datetime.now(UTC) if theirs else NO_TIME
