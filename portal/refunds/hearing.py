"""Every word of a provider goes through here: read, booked if it is proven, else asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.clock import Clock
from portal.errors import Refused
from portal.events import RefundState
from portal.monitors.items import open_item
from portal.providers.values import Answer, Provider
from portal.recorder import Recorder
from portal.refunds.calling import Calls
from portal.refunds.commands import MoveMoney
from portal.refunds.reading import Concern, Heard, Reading, read
from portal.refunds.state import Movement
from portal.refunds.tables import CallRow
from portal.refunds.turns import Turns, wake
from portal.streams import case_stream
from portal.times import moment

RACES = 3
NO_TIME = timedelta(0)
# A request may run for twenty seconds, longer than its worker's lease: until then NOT_FOUND may
# only mean that it has not got there yet.
STILL_OUT = timedelta(seconds=30)


@dataclass(frozen=True)
class About:
    """Whose movement a word is about."""

    case_no: str
    refund_no: str
    provider: Provider


@dataclass(frozen=True)
class Hearing:
    recorder: Recorder
    sessions: sessionmaker[Session]
    clock: Clock

    @property
    def turns(self) -> Turns:
        return Turns(self.sessions, self.clock)

    @property
    def calls(self) -> Calls:
        return Calls(self.sessions, self.turns)

    def current(self, case_no: str) -> Case:
        """The case as the ledger has it."""
        return fold(self.recorder.projection.newest(case_stream(case_no)).events)

    def hear(self, about: About, answer: Answer, source: str, now: datetime) -> Reading:
        """Record what an answer means; a race with another word is settled by reading again."""
        reading = Reading()
        for _race in range(RACES):
            case = self.current(about.case_no)
            movement = _movement(case, about.refund_no)
            heard = self._heard(about, case, answer, source, now)
            reading = read(movement, heard)
            if reading.concern:
                self.open(about.case_no, movement, reading.concern, now)
            if not reading.steps or self._follow(about.case_no, answer.number, reading):
                break
        return reading

    def notice(self, about: About, answer: Answer) -> Reading:
        """A provider's own message, recorded by whoever received it; doubts wake the engine."""
        now = self.clock.now()
        reading = self.hear(about, answer, "NOTICE", now)
        if reading.steps or reading.ask:
            with self.sessions.begin() as session:
                wake(session, about.refund_no, now)
        return reading

    def record(self, case_no: str, name: str, *steps: RefundState) -> bool:
        """False when the rules refuse: the movement has moved on meanwhile."""
        try:
            self.recorder.record(MoveMoney(case_no, steps), by="SYSTEM", command_id=name)
        except Refused:
            return False
        return True

    def open(self, case_no: str, movement: Movement, concern: Concern, now: datetime) -> None:
        """An item that somebody has to look at."""
        with self.sessions.begin() as session:
            open_item(
                session,
                concern.kind,
                movement.refund_no,
                case_no=case_no,
                refund_no=movement.refund_no,
                amount_fen=concern.amount_fen or movement.order.amount_fen,
                note=concern.note,
                now=now,
            )

    def _follow(self, case_no: str, number: str, reading: Reading) -> bool:
        states = "+".join(step.state for step in reading.steps).lower()
        return self.record(case_no, f"{states}/{number}", *reading.steps)

    def _heard(self, about: About, case: Case, answer: Answer, source: str, now: datetime) -> Heard:
        movement = _movement(case, about.refund_no)
        newest = self.calls.newest_submit(movement.attempt_no)
        refused = newest is not None and newest.outcome == "REFUSED"
        return Heard(
            answer=answer,
            source=source,
            provider=about.provider.name,
            payment=case.claim.payment,
            now=now,
            sent_at=_sent_at(movement, newest),
            quiet=max(about.provider.quiet, STILL_OUT),
            refused=(newest.code or "REFUSED") if newest and refused else "",
            to_shop=movement.state == "ABNORMAL" and self.calls.went_to_shop(movement.attempt_no),
        )


def _movement(case: Case, refund_no: str) -> Movement:
    movement = case.movement(refund_no)
    assert movement is not None, "an answer about no movement"
    return movement


def _sent_at(movement: Movement, newest: CallRow | None) -> datetime | None:
    """The newest request, by the ledger or by the row of the call, whichever is later."""
    times = [moment(at) for _event, at in movement.calls[-1:]]
    times += [newest.sent_at] if newest else []
    return max(times, default=None)
