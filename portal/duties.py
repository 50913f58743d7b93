"""What the system itself owes a case: to expire a clock, seat a panel, open ballots, pay.

Every duty looks at the case again before it acts, and every command has a fixed id: performing a
duty twice, late, or from two workers does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from ledger import Log
from portal.cases.commands import ExpireClock
from portal.cases.state import Case
from portal.cases.tables import CaseRow
from portal.clock import Clock
from portal.engine import Duty, Outbox
from portal.errors import Refused
from portal.files import Files
from portal.history import load_case
from portal.keyring import Keyring
from portal.panels.commands import DrawPanel, OpenBallots
from portal.panels.pool import call_for
from portal.panels.sealing import unseal
from portal.projection import Happened
from portal.recorder import Recorder
from portal.refunds.execution import Execution
from portal.times import stamp

PATIENCE = timedelta(seconds=5)  # how long a duty may be under way before the sweep asks again
SWEPT = 200


@dataclass(frozen=True)
class Duties:
    recorder: Recorder
    log: Log
    files: Files
    keyring: Keyring
    clock: Clock
    sessions: sessionmaker[Session]
    execution: Execution

    def perform(self, kind: str, case_no: str, subject: str) -> None:
        """Do one duty; raises when it could not be done now, and is then asked again."""
        with self.sessions() as session:
            case = load_case(session, case_no)
        if kind == "EXPIRE":
            self._expire(case, subject)
        elif kind == case.todo:
            self._todo()[kind](case)

    def _todo(self) -> dict[str, Callable[[Case], None]]:
        return {"SEAT": self._seat, "OPEN": self._open, "PAY": self.execution.pay}

    def _expire(self, case: Case, subject: str) -> None:
        clock, due_at = subject.split("@", 1)
        number = case.claim.case_no
        try:
            self.recorder.record(
                ExpireClock(number, clock, due_at),
                by="SYSTEM",
                command_id=f"expire/{number}/{subject}",
            )
        except Refused:
            return  # somebody acted in time, or the clock is no longer this one

    def _seat(self, case: Case) -> None:
        number = case.claim.case_no
        if case.called is None:
            with self.sessions() as session:
                call = call_for(session, case)
            self.recorder.record(call, by="SYSTEM", command_id=f"call/{number}/1")
        called = self.log.recorded(f"call/{number}/1")
        assert called is not None, "a panel was called by nobody"
        checkpoint = self.log.first_checkpoint_covering(called[0].index)
        draw = DrawPanel(number, checkpoint.text, checkpoint.root, self.keyring.make().kid)
        self.recorder.record(draw, by="SYSTEM", command_id=f"draw/{number}/1")

    def _open(self, case: Case) -> None:
        opened = tuple((b.seat, unseal(self.files, b.sealed)) for b in case.ballots)
        number = case.claim.case_no
        self.recorder.record(
            OpenBallots(number, opened), by="SYSTEM", command_id=f"open/{number}/1"
        )


def enqueue_reaction(outbox: Outbox) -> Callable[[Session, Happened, Case], None]:
    """The effect that turns a new state of a case into the duty it asks for."""

    def react(session: Session, happened: Happened, case: Case) -> None:
        if case.todo:
            outbox.put(session, Duty(case.todo, case.claim.case_no))

    return react


def due_duties(session: Session, clock: Clock) -> list[Duty]:
    """Clocks that have run out and duties that stand too long; costs two index look-ups."""
    now = clock.now()
    minute = now.strftime("%Y%m%dT%H%M")
    expired = (CaseRow.open.is_(True)) & (CaseRow.due_at <= now)
    overdue = (CaseRow.todo != "") & (CaseRow.updated_at < now - PATIENCE)
    query = select(CaseRow).where(or_(expired, overdue)).order_by(CaseRow.due_at).limit(SWEPT)
    return [_duty(row, minute) for row in session.scalars(query)]


def _duty(row: CaseRow, minute: str) -> Duty:
    if row.todo:
        return Duty(row.todo, row.case_no, again=minute)
    assert row.due_at is not None, "the query asked for due cases"
    return Duty("EXPIRE", row.case_no, f"{row.clock}@{stamp(row.due_at)}", again=minute)


def sweep(sessions: sessionmaker[Session], outbox: Outbox, clock: Clock) -> int:
    """Enqueue what is due; returns how much. Asked again within a minute it enqueues the same."""
    with sessions.begin() as session:
        duties = due_duties(session, clock)
        for duty in duties:
            outbox.put(session, duty)
        return len(duties)
