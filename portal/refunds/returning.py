"""An advance is given back by the provider, out of the shop's account, in the movement's own turn.

    due, or wanted by a person
      -> the intent on record -> asked whether it knows of one -> asked for it, at most once
    asked -> asked after, until its word ends it; once it provably knows of none, asked again

The recipe is the one of every payment: a fence and a row before each exchange, the raw answer kept,
nothing booked but a verified word. A forgetful provider would take it twice of whoever asks
blindly, which is why not even the first request goes out before a question.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.books.commands import MoveReturn
from portal.books.returns import (
    ASKED,
    DONE,
    FAILED,
    ask_at,
    failed_ref,
    number_of,
    pending,
    ref_of,
    returnable_fen,
)
from portal.cases.state import Case
from portal.controls.queries import is_stopped
from portal.errors import Refused
from portal.events import RecoupState
from portal.providers.opening import Providers
from portal.providers.values import Answer, NotAvailable, Outcome, Provider, Recourse, Transfer
from portal.refunds.breaking import admit
from portal.refunds.calling import KEPT, RETURN, Calls
from portal.refunds.hearing import STILL_OUT, Hearing
from portal.refunds.reading import Concern
from portal.refunds.state import Movement
from portal.refunds.tables import CallRow
from portal.refunds.transfers import transfer_of
from portal.refunds.turns import Rest, Turn, Turns
from portal.refunds.waiting import DAY, LATER, SOON, next_query
from portal.times import moment

GONE = "GONE"  # the refund came back meanwhile, and with it what was advanced


@dataclass(frozen=True)
class _Back:
    """What is to come back, and who is asked for it. `ref`: the provider's number of the refund."""

    turn: Turn
    movement: Movement
    provider: Provider
    recourse: Recourse
    transfer: Transfer
    ref: str


@dataclass(frozen=True)
class Returning:
    hearing: Hearing
    turns: Turns
    calls: Calls
    providers: Providers

    def beside(self, turn: Turn, before: Case, rest: Rest) -> Rest:
        """What the movement itself waits for, or sooner what its advance does. `before`: the case
        as the turn found it; only an advance that somebody chose can come back."""
        movement = before.movement(turn.refund_no)
        if movement is None or not movement.said("ADVANCE"):
            return rest
        until = self._look(turn)
        if until is None:
            return rest
        return Rest(min(until, rest.until or until), rest.blocked)

    def _look(self, turn: Turn) -> datetime | None:
        """One step further; when to look again, None: not before something happens."""
        case = self.hearing.current(turn.case_no)
        movement = case.movement(turn.refund_no)
        assert movement is not None, "the turn of no movement"
        asked, due = pending(movement), ask_at(movement)
        if asked is None and (due is None or self.turns.now(turn) < due):
            return due
        back = self._back(turn, case, movement, asked)
        if back is None:
            return None
        paused = self._paused(back)
        if paused is not None:
            return paused
        return self._follow(back, asked) if asked is not None else self._ask(back)

    def _back(
        self, turn: Turn, case: Case, movement: Movement, asked: RecoupState | None
    ) -> _Back | None:
        """None where the provider has no way for it: the shop pays it back otherwise."""
        number, ref = (asked.number, asked.provider_ref) if asked else ("", "")
        transfer = replace(transfer_of(case, movement), number=number or number_of(movement))
        try:
            provider = self.providers.of(movement.order.channel)
            recourse = self.providers.recourse(provider.name)
            back = _Back(turn, movement, provider, recourse, transfer, ref or ref_of(movement))
            recourse.prepare_return(back.transfer, back.ref)
        except NotAvailable:
            return None
        return back

    def _paused(self, back: _Back) -> datetime | None:
        with self.hearing.sessions.begin() as session:
            return admit(session, back.provider.name, self.turns.now(back.turn))

    def _ask(self, back: _Back) -> datetime | None:
        """For the first time: the intent, a question, and only then the request."""
        if not self._intend(back):
            return self._in(back, LATER)
        answer = self._query(back)
        if answer is None:
            return self._in(back, SOON)
        return self._send(back) if _knows_none(back, answer) else self._hear(back, answer, "QUERY")

    def _follow(self, back: _Back, asked: RecoupState) -> datetime | None:
        """Query first; asked for again only what the provider provably does not know."""
        answer = self._query(back)
        if answer is None:
            return self._in(back, SOON)
        if not _knows_none(back, answer):
            return self._hear(back, answer, "QUERY")
        newest = self.calls.newest(RETURN, back.transfer.number)
        left = self._quiet_until(back, newest) - self.turns.now(back.turn)
        if left > timedelta(0):
            return self._in(back, max(left, SOON))
        if newest is not None and newest.outcome == Outcome.REFUSED.value:
            self._end(back, answer, newest.code or "REFUSED")
            return None
        if asked.amount_fen != returnable_fen(back.movement):
            self._end(back, answer, GONE)
            return None
        if newest is not None and newest.outcome == Outcome.NOT_ENOUGH.value:
            again_at = newest.sent_at + DAY / 4
            if self.turns.now(back.turn) < again_at:
                return again_at
        return self._send(back) if self._intend(back) else self._in(back, LATER)

    def _quiet_until(self, back: _Back, newest: CallRow | None) -> datetime:
        """Until then NOT_FOUND may only mean that the request has not got there yet."""
        asked_at = moment(back.movement.returns[-1][1])
        sent_at = max(asked_at, newest.sent_at) if newest else asked_at
        return sent_at + max(back.provider.quiet, STILL_OUT)

    def _intend(self, back: _Back) -> bool:
        """The intent on record, with the bytes; False while the provider's switch holds it."""
        with self.hearing.sessions() as session:
            if is_stopped(session, back.provider.name):
                return False
        step = RecoupState(
            refund_no=back.movement.refund_no,
            state=ASKED,
            amount_fen=returnable_fen(back.movement),
            number=back.transfer.number,
            request_digest=back.recourse.prepare_return(back.transfer, back.ref).digest,
            provider=back.provider.name,
            provider_ref=back.ref,
        )
        return self._record(back, f"return/{step.number}/{self._intents(back) + 1}", step)

    def _intents(self, back: _Back) -> int:
        mine = (event for event, _at in back.movement.returns if event.state == ASKED)
        return sum(event.number == back.transfer.number for event in mine)

    def _query(self, back: _Back) -> Answer | None:
        return self.calls.ask_return(
            back.turn,
            back.provider,
            back.transfer.number,
            lambda: back.recourse.returned_advance(back.transfer, back.ref),
        )

    def _send(self, back: _Back) -> datetime | None:
        """Once for each intent: the row of the exchange carries the intent's place."""
        prepared = back.recourse.prepare_return(back.transfer, back.ref)
        movement = self._now(back)
        answer = self.calls.send_return(
            back.turn,
            back.provider,
            back.transfer.number,
            prepared,
            self._intents(replace(back, movement=movement)),
            lambda: back.recourse.return_advance(back.transfer, back.ref),
        )
        return self._hear(back, answer, "ANSWER") if answer else self._in(back, SOON)

    def _hear(self, back: _Back, answer: Answer, source: str) -> datetime | None:
        """What the word means: only a verified success of the very sum is booked."""
        asked = pending(self._now(back))
        if asked is None:
            return self._in(back, SOON)
        other = answer.code == "MISMATCH" or answer.amount_fen not in (0, asked.amount_fen)
        if other and answer.verified:
            self._open(back, "AMOUNT_DIFFERS", f"return-advance {answer.amount_fen}")
            self._end(back, answer, "AMOUNT_DIFFERS", source)
            return None
        if answer.outcome is Outcome.SUCCESS:
            self._record(back, f"returned/{asked.number}", _step(asked, answer, DONE, source))
            return None
        if answer.outcome is Outcome.CLOSED:
            self._end(back, answer, answer.code or "FAILED", source)
            return None
        age = self.turns.now(back.turn) - moment(self._now(back).returns[-1][1])
        return self._in(back, max(next_query(age), SOON))

    def _end(self, back: _Back, answer: Answer, code: str, source: str = "QUERY") -> None:
        """This try has ended without it: a person decides how the shop pays it back."""
        asked = pending(self._now(back))
        if asked is not None:
            failed = _step(asked, answer, FAILED, source, code)
            self._record(back, f"unreturned/{asked.number}", failed)
            self._open(back, "RETURN_FAILED", code)

    def _now(self, back: _Back) -> Movement:
        movement = self.hearing.current(back.turn.case_no).movement(back.turn.refund_no)
        assert movement is not None, "the turn of no movement"
        return movement

    def _record(self, back: _Back, name: str, step: RecoupState) -> bool:
        """False when the rules refuse: somebody has taken it up another way meanwhile."""
        try:
            wish = MoveReturn(back.turn.case_no, step)
            self.hearing.recorder.record(wish, by="SYSTEM", command_id=name)
        except Refused:
            return False
        return True

    def _open(self, back: _Back, kind: str, note: str) -> None:
        now = self.turns.now(back.turn)
        self.hearing.open(back.turn.case_no, back.movement, Concern(kind, note), now)

    def _in(self, back: _Back, span: timedelta) -> datetime:
        return self.turns.now(back.turn) + span


def _knows_none(back: _Back, answer: Answer) -> bool:
    """It was never asked for, or only with the try before, which has failed."""
    before = failed_ref(back.movement)
    old = answer.outcome is Outcome.CLOSED and before and answer.provider_ref == before
    return answer.verified and (answer.outcome is Outcome.NOT_FOUND or bool(old))


def _step(
    asked: RecoupState, answer: Answer, state: str, source: str, code: str = ""
) -> RecoupState:
    return RecoupState(
        refund_no=asked.refund_no,
        state=state,
        amount_fen=asked.amount_fen,
        number=asked.number,
        answer_digest=hashlib.sha256(answer.raw[:KEPT]).hexdigest() if answer.raw else "",
        source=source,
        provider=asked.provider,
        provider_ref=answer.provider_ref,
        code=code,
    )
