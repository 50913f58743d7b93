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
from portal.errors import sentence as _
from portal.files import Files
from portal.history import load_case
from portal.keyring import Keyring
from portal.panels.commands import RemoveReviewer
from portal.panels.pool import call_for, draw_from, removed_but_seated
from portal.projection import Happened
from portal.recorder import Recorder
from portal.refunds.execution import Execution
from portal.times import stamp
from portal.trustees.enrolment import sealing_to
from portal.trustees.opening import Opening

PATIENCE = timedelta(seconds=5)  # how long a duty may be under way before the sweep asks again
SWEPT = 200
LEFT_THE_POOL = _("这位评审员已被移出评审库。")


@dataclass(frozen=True)
class Duties:
    recorder: Recorder
    log: Log
    files: Files
    keyring: Keyring
    clock: Clock
    sessions: sessionmaker[Session]
    execution: Execution
    opening: Opening

    def perform(self, kind: str, case_no: str, subject: str) -> None:
        """Do one duty; raises when it could not be done now, and is then asked again."""
        with self.sessions() as session:
            case = load_case(session, case_no)
        if kind == "EXPIRE":
            self._expire(case, subject)
        elif kind == "UNSEAT":
            self._unseat(case, subject)
        elif kind == case.todo:
            self._todo()[kind](case)

    def _todo(self) -> dict[str, Callable[[Case], None]]:
        return {"SEAT": self._seat, "OPEN": self.opening.open, "PAY": self.execution.pay}

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

    def _unseat(self, case: Case, reviewer_id: str) -> None:
        """Whoever was removed from the pool leaves the panels under way as well."""
        number = case.claim.case_no
        wish = RemoveReviewer(number, reviewer_id, "OTHER", LEFT_THE_POOL)
        try:
            self.recorder.record(wish, by="SYSTEM", command_id=f"unseat/{number}/{reviewer_id}")
        except Refused:
            return  # gone already, or the vote is over

    def _seat(self, case: Case) -> None:
        """Call the panel, then draw it from the first checkpoint that covers the call."""
        number, panel = case.claim.case_no, f"{case.claim.case_no}/{case.round.number}"
        if case.called is None:
            with self.sessions() as session:
                call = call_for(session, self.files, case)
            self.recorder.record(call, by="SYSTEM", command_id=f"call/{panel}")
        called = self.log.recorded(f"call/{panel}")
        assert called is not None, "a panel was called by nobody"
        draw = draw_from(
            self.files,
            self._reload(number),
            self.log.first_checkpoint_covering(called[0].index),
            self.keyring.make().kid,
            sealing_to(self.sessions, self.opening.trustees),
        )
        self.recorder.record(draw, by="SYSTEM", command_id=f"draw/{panel}")

    def _reload(self, case_no: str) -> Case:
        with self.sessions() as session:
            return load_case(session, case_no)


def enqueue_reaction(outbox: Outbox) -> Callable[[Session, Happened, Case], None]:
    """The effect that turns a new state of a case into the duty it asks for."""

    def react(session: Session, happened: Happened, case: Case) -> None:
        if case.todo:
            # A case may be seated and opened more than once: each panel has duties of its own.
            panel = str(case.round.number)
            outbox.put(session, Duty(case.todo, case.claim.case_no, panel))

    return react


def due_duties(session: Session, clock: Clock) -> list[Duty]:
    """Clocks that have run out, duties that stand too long, seats of reviewers who were removed
    from the pool; costs three index look-ups."""
    now = clock.now()
    minute = now.strftime("%Y%m%dT%H%M")
    expired = (CaseRow.open.is_(True)) & (CaseRow.due_at <= now)
    overdue = (CaseRow.todo != "") & (CaseRow.updated_at < now - PATIENCE)
    query = select(CaseRow).where(or_(expired, overdue)).order_by(CaseRow.due_at).limit(SWEPT)
    due = [_duty(row, minute) for row in session.scalars(query)]
    return [*due, *(Duty("UNSEAT", *seat, minute) for seat in removed_but_seated(session, SWEPT))]


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
