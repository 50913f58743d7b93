"""One movement, one turn: look, ask at most once, write down what it means, say when to look again.

    claim -> the case as the ledger has it -> one of
      nothing asked yet   controls, spacing, age -> reserve -> record the intent -> send once;
                          when it is late for that, query before
      asked               query first, always; only what is provably unknown is sent again
      paid, arrived       has it arrived? has it come back? asked whenever the turn comes up: on the
                          promised day, before the presumption, and when somebody's word wakes it

Killed anywhere, it begins again from the top after the lease: what was recorded is not recorded
twice, and a recorded intent is never sent again before a query. A provider's trouble is no
exception: it is a Rest. `pay` may be called by anybody, at any time, any number of times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from portal.arrivals.rules import is_questioned
from portal.cases.state import Case
from portal.clock import Clock
from portal.controls.queries import is_stopped
from portal.events import RefundState
from portal.providers.opening import Providers
from portal.providers.values import Answer, BankCard, NotAvailable, Outcome
from portal.recorder import Recorder
from portal.refunds.beginning import NOTHING, Asked, Beginning, promised_end
from portal.refunds.breaking import admit
from portal.refunds.calling import ABNORMAL, ABNORMAL_SHOP, Calls
from portal.refunds.hearing import About, Hearing
from portal.refunds.reading import Concern
from portal.refunds.returning import Returning
from portal.refunds.state import OPEN, PAID, Movement
from portal.refunds.tables import MovementRow
from portal.refunds.transfers import transfer_of
from portal.refunds.turns import Rest, Turn, Turns, wake
from portal.refunds.waiting import DAY, LATER, PRESUMED_AFTER, SOON, spread


@dataclass(frozen=True)
class Execution:
    recorder: Recorder
    providers: Providers
    sessions: sessionmaker[Session]
    clock: Clock

    @property
    def turns(self) -> Turns:
        return self.hearing.turns

    @property
    def calls(self) -> Calls:
        return self.hearing.calls

    @property
    def hearing(self) -> Hearing:
        return Hearing(self.recorder, self.sessions, self.clock)

    @property
    def beginning(self) -> Beginning:
        return Beginning(self.hearing, self.turns, self.calls)

    @property
    def returning(self) -> Returning:
        return Returning(self.hearing, self.turns, self.calls, self.providers)

    def pay(self, refund_no: str) -> None:
        """Take a movement one step further, if a step is due and nobody else is at it."""
        turn = self.turns.claim(refund_no)
        if turn is not None:
            case = self.hearing.current(turn.case_no)
            rest = self._step(turn, case)
            self.turns.release(turn, self.returning.beside(turn, case, rest))

    def _step(self, turn: Turn, case: Case) -> Rest:
        movement = case.movement(turn.refund_no)
        if movement is None or movement.waiting or movement.state == "CANCELLED":
            return NOTHING
        if movement.is_covered and movement.state not in (*OPEN, *PAID):
            return self.beginning.end_covered(turn, movement)
        if movement.is_paid_by_hand and movement.state not in (*OPEN, *PAID):
            return self.beginning.by_hand(turn, case, movement)
        if movement.success and movement.success.route == "OFFLINE":
            return self._presume(turn, movement)
        try:
            provider = self.providers.of(movement.order.channel)
        except NotAvailable as error:
            return self.beginning.unavailable(turn, movement, error)
        asked = Asked(turn, case, movement, provider)
        if movement.state in PAID:
            return self._look_after(asked)
        if movement.state == "REVERSED":
            return self._after_reversal(asked)
        return self._ask(asked) if movement.state in OPEN else self.beginning.begin(asked)

    def _ask(self, asked: Asked) -> Rest:
        """Query first; send again only what the provider provably does not know."""
        answer = self._query(asked)
        if isinstance(answer, Rest):
            return answer
        reading = self.hearing.hear(asked.about, answer, "QUERY", self.turns.now(asked.turn))
        if reading.may_send:
            return self.beginning.again(asked)
        return self.beginning.rest_after(asked.turn, reading)

    def _after_reversal(self, asked: Asked) -> Rest:
        """What came back may go out again, as long as the provider has not closed it: no new number
        before that is proven."""
        answer = self._query(asked)
        if isinstance(answer, Rest):
            return answer
        if answer.outcome is Outcome.CLOSED:
            return self.beginning.begin(asked)
        now = self.turns.now(asked.turn)
        reading = self.hearing.hear(asked.about, answer, "QUERY", now)
        return Rest(now + (reading.again or LATER), "DECISION")

    def _query(self, asked: Asked) -> Answer | Rest:
        with self.sessions.begin() as session:
            paused = admit(session, asked.provider.name, self.turns.now(asked.turn))
        if paused:
            return Rest(spread(paused, asked.turn.refund_no))
        transfer = transfer_of(asked.case, asked.movement)
        return self.calls.query(asked.turn, asked.provider, transfer) or NOTHING

    def _look_after(self, asked: Asked) -> Rest:
        """Asked after the promised day, once more before it is taken for arrived, and whenever a
        notice or the payee has said that something is wrong."""
        answer = self._query(asked)
        if isinstance(answer, Rest):
            return answer
        now = self.turns.now(asked.turn)
        reading = self.hearing.hear(asked.about, answer, "QUERY", now)
        if reading.steps or reading.concern:
            return self.beginning.rest_after(asked.turn, reading)
        if answer.outcome is not Outcome.SUCCESS:
            return self._unconfirmed(asked, answer, now)
        return self._presume(asked.turn, asked.movement)

    def _unconfirmed(self, asked: Asked, answer: Answer, now: datetime) -> Rest:
        """Nothing is presumed while the provider does not say that it is still paid; when it does
        not say so for long, somebody has to look."""
        success = asked.movement.success
        assert success is not None, "paid without a success"
        if now >= promised_end(success) + PRESUMED_AFTER:
            concern = Concern("RECORD_DIFFERS", f"{answer.outcome.value} {answer.code}".strip())
            self.hearing.open(asked.turn.case_no, asked.movement, concern, now)
        return Rest(now + DAY / 4)

    def _presume(self, turn: Turn, movement: Movement) -> Rest:
        """Arrived, when a week after the promised day nobody has said otherwise."""
        assert movement.success is not None, "paid without a success"
        if movement.state == "ARRIVED" or is_questioned(movement):
            return NOTHING  # if the payee said otherwise, somebody looks into it
        promised = promised_end(movement.success)
        for due in (promised, promised + PRESUMED_AFTER):
            if self.turns.now(turn) < due:
                return Rest(due)
        name = f"arrived/{movement.attempt_no}"
        self.hearing.record(turn.case_no, name, _presumed(movement))
        return NOTHING

    def send_on(self, case_no: str, refund_no: str, card: BankCard | None) -> bool:
        """Have an ABNORMAL movement sent to another card, the payer's or (None) the shop's; the
        card is handed on and never kept. Raises NotAvailable. False: it was not taken."""
        with self.sessions.begin() as session:
            wake(session, refund_no, self.clock.now())
            row = session.get(MovementRow, refund_no)
            if row is None or is_stopped(session, row.channel):
                return False
        case, turn = self.hearing.current(case_no), self.turns.claim(refund_no)
        movement = case.movement(refund_no)
        if turn is None or movement is None or movement.state != "ABNORMAL":
            return False
        rest = Rest(self.turns.now(turn) + SOON)
        try:
            answer = self._send_on(turn, case, movement, card)
            return answer is not None and answer.verified
        finally:
            self.turns.release(turn, rest)

    def _send_on(
        self, turn: Turn, case: Case, movement: Movement, card: BankCard | None
    ) -> Answer | None:
        provider = self.providers.of(movement.order.channel)
        recourse, transfer = self.providers.recourse(provider.name), transfer_of(case, movement)
        refs = [event.provider_ref for event, _at in movement.states if event.provider_ref]
        ref = refs[-1] if refs else ""
        answer = self.calls.abnormal(
            turn,
            provider,
            transfer.number,
            lambda: recourse.abnormal(transfer, ref, card),
            ABNORMAL if card else ABNORMAL_SHOP,
        )
        if answer is not None:
            about = About(turn.case_no, turn.refund_no, provider)
            self.hearing.hear(about, answer, "ANSWER", self.turns.now(turn))
        return answer


def _presumed(movement: Movement) -> RefundState:
    return RefundState(
        refund_no=movement.refund_no,
        state="ARRIVED",
        amount_fen=movement.order.amount_fen,
        attempt=movement.attempt,
        source="CLOCK",
    )
