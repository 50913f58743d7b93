"""What the system itself owes a case: to expire a clock, seat a panel, open ballots, pay.

Every duty looks at the case again before it acts, and every command has a fixed id: performing a
duty twice, late, or from two workers does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, sessionmaker

from ledger import Log
from portal.books.returns import WANTED
from portal.cases.commands import ExpireClock
from portal.cases.state import Case
from portal.cases.tables import CaseRow
from portal.clock import Clock
from portal.engine import Duty, Outbox
from portal.errors import NotReady, Refused
from portal.errors import sentence as _
from portal.events import ArrivalQuestioned, Event, MoneyApproved, MoneyOverridden, RecoupState
from portal.files import Files
from portal.history import load_case
from portal.keyring import Keyring
from portal.obligations.sweeping import LAPSE, expire, lapsed
from portal.panels.beacon import Beacon
from portal.panels.commands import RemoveReviewer
from portal.panels.pool import call_for, draw_from, removed_but_seated
from portal.projection import Happened
from portal.recorder import Recorder
from portal.refunds.execution import Execution
from portal.refunds.state import PLANNED
from portal.refunds.tables import TurnRow
from portal.refunds.turns import wake
from portal.times import moment, stamp
from portal.trustees.enrolment import sealing_to
from portal.trustees.opening import Opening
from portal.webhooks.delivering import DELIVER, Courier, due_deliveries
from portal.webhooks.tables import DeliveryRow

PATIENCE = timedelta(seconds=5)  # how long a duty may be under way before the sweep asks again
SWEPT = 200
FEW = 20
TODOS = ("SEAT", "OPEN")
WAKING = (MoneyApproved, MoneyOverridden, ArrivalQuestioned)
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
    courier: Courier
    beacon: Beacon | None = None

    def perform(self, kind: str, case_no: str, subject: str) -> None:
        """Do one duty; raises when it could not be done now, and is then asked again."""
        if kind == DELIVER:
            self.courier.deliver(int(subject))
            return
        if kind == "PAY":  # reads the case itself, once the turn is its own
            self.execution.pay(subject)
            return
        with self.sessions() as session:
            case = load_case(session, case_no)
        if kind == "EXPIRE":
            self._expire(case, subject)
        elif kind == "UNSEAT":
            self._unseat(case, subject)
        elif kind == LAPSE:
            expire(self.recorder, case_no, subject)
        elif kind == case.todo:
            self._todo()[kind](case)

    def _todo(self) -> dict[str, Callable[[Case], None]]:
        return {"SEAT": self._seat, "OPEN": self.opening.open}

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
            call = replace(call, beacon=self.beacon.coming() if self.beacon else "")
            self.recorder.record(call, by="SYSTEM", command_id=f"call/{panel}")
        called = self.log.recorded(f"call/{panel}")
        assert called is not None, "a panel was called by nobody"
        case = self._reload(number)
        draw = draw_from(
            self.files,
            case,
            self.log.first_checkpoint_covering(called[0].index),
            self.keyring.make().kid,
            sealing_to(self.sessions, self.opening.trustees),
        )
        draw = replace(draw, extra=(*draw.extra, *self._beacon_of(case)))
        self.recorder.record(draw, by="SYSTEM", command_id=f"draw/{panel}")

    def _beacon_of(self, case: Case) -> tuple[bytes, ...]:
        """What the round brought that the call named; raises NotReady while it is not there."""
        named = case.called.beacon if case.called else ""
        if not named:
            return ()
        if self.beacon is None:
            raise NotReady(_("抽签要用的公共随机数链 %(chain)s 没有配置"), chain=named)
        return (self.beacon.signature(named),)

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
        for movement in case.movements:
            if movement.state == PLANNED and not movement.waiting:
                outbox.put(session, Duty("PAY", case.claim.case_no, movement.refund_no))
        if isinstance(happened.event, WAKING) or _is_wanted(happened.event):
            wake(session, happened.event.refund_no, moment(happened.at))

    return react


def _is_wanted(event: Event | None) -> bool:
    """A person has an advance given back; what follows is the engine's own."""
    return isinstance(event, RecoupState) and event.state == WANTED


def due_duties(session: Session, clock: Clock, payments: int = SWEPT) -> list[Duty]:
    """Clocks that have run out, duties that stand too long, seats of reviewers who were removed
    from the pool, at most so many payments; costs index look-ups, and a look at each panel under
    way."""
    now = clock.now()
    minute = now.strftime("%Y%m%dT%H%M")
    seats = removed_but_seated(session, SWEPT)
    return [
        *(_expiry(row, minute) for row in session.scalars(_expired(now))),
        *(
            Duty(todo, case_no, again=minute)
            for todo in TODOS
            for case_no in session.scalars(_overdue(todo, now - PATIENCE))
        ),
        *(Duty("UNSEAT", *seat, minute) for seat in seats),
        *lapsed(session, now, SWEPT),
        *(_payment(row, now) for row in session.scalars(_payable(now, payments))),
        *(_delivery(row, minute) for row in due_deliveries(session, now, SWEPT)),
    ]


def _expired(now: datetime) -> Select[tuple[CaseRow]]:
    run_out = CaseRow.open.is_(True), CaseRow.todo == "", CaseRow.due_at <= now
    return select(CaseRow).where(*run_out).order_by(CaseRow.due_at).limit(SWEPT)


def _overdue(todo: str, since: datetime) -> Select[tuple[str]]:
    # A limit of its own: cases that wait for a larger pool do not keep clocks from running out.
    stands = CaseRow.todo == todo, CaseRow.updated_at < since
    return select(CaseRow.case_no).where(*stands).order_by(CaseRow.updated_at).limit(SWEPT)


def _payable(now: datetime, most: int) -> Select[tuple[TurnRow]]:
    return select(TurnRow).where(TurnRow.next_at <= now).order_by(TurnRow.next_at).limit(most)


def _payment(row: TurnRow, now: datetime) -> Duty:
    """Named by the look that is due, so that each is enqueued once, however often it is swept; and
    by the quarter of a minute: a worker may die with the duty in hand before it takes the turn."""
    assert row.next_at is not None, "the query asked for due looks"
    quarter = f"{now:%Y%m%dT%H%M}.{now.second // 15}"
    return Duty("PAY", row.case_no, row.refund_no, again=f"{stamp(row.next_at)}@{quarter}")


def _delivery(row: DeliveryRow, minute: str) -> Duty:
    assert row.next_at is not None, "the query asked for due deliveries"
    return Duty(DELIVER, row.case_no, str(row.id), again=f"{stamp(row.next_at)}@{minute}")


def _expiry(row: CaseRow, minute: str) -> Duty:
    assert row.due_at is not None, "the query asked for due cases"
    return Duty("EXPIRE", row.case_no, f"{row.clock}@{stamp(row.due_at)}", again=minute)


def sweep(sessions: sessionmaker[Session], outbox: Outbox, clock: Clock) -> int:
    """Enqueue what is due and not enqueued yet; returns how much.

    While many duties wait for a worker only the longest due payments are asked for again: most of
    the others are among those that wait, and would wait there a second time.
    """
    payments = FEW if outbox.is_busy(SWEPT // 4) else SWEPT
    with sessions() as session:
        due = due_duties(session, clock, payments)
    fresh = outbox.unknown(due)
    if fresh:
        with sessions.begin() as session:
            for duty in fresh:
                outbox.put(session, duty)
    return len(fresh)
