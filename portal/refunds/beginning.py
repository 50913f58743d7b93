"""The first request of an attempt: allowed, set aside, recorded, and only then sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.books.funding import hold
from portal.cases.state import Case
from portal.controls.commands import OverrideMoney
from portal.controls.queries import (
    GO,
    IS_STOPPED,
    NEEDS_APPROVAL,
    OVER_CAP,
    caps_for,
    is_stopped,
    next_day,
    verdict,
)
from portal.errors import sentence as _
from portal.events import Funding, RefundState
from portal.providers.values import (
    Answer,
    NotAvailable,
    Outcome,
    Prepared,
    Provider,
    Transfer,
)
from portal.refunds.breaking import admit
from portal.refunds.calling import Calls
from portal.refunds.coupons import refunded, with_coupons
from portal.refunds.hearing import About, Hearing
from portal.refunds.reading import Concern, Reading
from portal.refunds.reserving import OverCap, OverPaid, heed_platform, set_aside, take_slot
from portal.refunds.roads import must_pay_out
from portal.refunds.state import COVERED, ENDED, Movement
from portal.refunds.transfers import next_transfer, transfer_of
from portal.refunds.turns import Rest, Turn, Turns
from portal.refunds.waiting import DAY, LATER, SOON, spread
from portal.times import moment, stamp

AT_ONCE = timedelta(minutes=1)  # what can be sent is sent within this, as a rule
MOST_ATTEMPTS = 3  # that follow each other without anybody's word
NOTHING = Rest()
BLOCKS = {NEEDS_APPROVAL: "APPROVAL", OVER_CAP: "CAP", IS_STOPPED: "STOPPED"}
Pockets = tuple[Funding, ...]


@dataclass(frozen=True)
class Asked:
    """What a turn is about, and who is asked."""

    turn: Turn
    case: Case
    movement: Movement
    provider: Provider

    @property
    def about(self) -> About:
        return About(self.turn.case_no, self.turn.refund_no, self.provider)


@dataclass(frozen=True)
class Beginning:
    hearing: Hearing
    turns: Turns
    calls: Calls

    def begin(self, asked: Asked) -> Rest:
        """Set the sum aside and ask for it once, when everything allows it."""
        if needs_a_person(asked.movement):
            return Rest(blocked="DECISION")
        held_back = self._held_back(asked)
        if isinstance(held_back, Rest):
            return held_back
        if held_back:
            return self._reroute(asked, held_back)
        try:
            asked.provider.prepare(next_transfer(asked.case, asked.movement))
        except NotAvailable as error:
            if asked.movement.is_advanced and not asked.movement.pays_out:
                return self._reroute(asked, BY_TRANSFER)
            return self.unavailable(asked.turn, asked.movement, error)
        funding = self._set_aside(asked.turn, asked.case, asked.movement, asked.provider)
        if isinstance(funding, Rest):
            return funding
        # Only now that the payment is ours to ask: what others were asked for stands still.
        transfer = next_transfer(asked.case, asked.movement, self._asked_fen(asked))
        prepared = asked.provider.prepare(transfer)
        return self._send(asked, transfer, prepared, reserved(asked.movement, funding))

    def again(self, asked: Asked) -> Rest:
        """The same number with the same bytes, after the provider was proven not to know it."""
        now, transfer = self.turns.now(asked.turn), transfer_of(asked.case, asked.movement)
        try:
            prepared = asked.provider.prepare(transfer)
        except NotAvailable as error:
            return self.unavailable(asked.turn, asked.movement, error)
        if prepared.digest != asked.movement.calls[0][0].request_digest:
            self.hearing.open(asked.turn.case_no, asked.movement, Concern("RECORD_DIFFERS"), now)
            return Rest(now + LATER)
        with self.hearing.sessions.begin() as session:
            if is_stopped(session, asked.provider.name):
                return Rest(now + LATER, "STOPPED")
            excess = heed_platform(session, asked.case.claim)
            if not excess and (
                later := _slot(session, asked.case, asked.movement, asked.provider, now)
            ):
                return Rest(later)
        if excess and asked.movement.order.rail == "REFUND":
            self._note_overlap(asked.turn, asked.movement, excess, now)
            return Rest(now + DAY / 4, "DECISION")
        return self._send(asked, transfer, prepared, ())

    def by_hand(self, turn: Turn, case: Case, movement: Movement) -> Rest:
        """Two people vouch that it was paid outside: booked like any other, without a provider."""
        now = self.turns.now(turn)
        funding = self._set_aside(turn, case, movement)
        if isinstance(funding, Rest):
            return funding
        steps = (*reserved(movement, funding), _offline(movement, stamp(now)))
        name = f"offline/{movement.refund_no}/{len(movement.states)}"
        self.hearing.record(turn.case_no, name, *steps)
        return Rest(now + SOON)

    def end_covered(self, turn: Turn, movement: Movement) -> Rest:
        """Two people say that the platform has paid it back on its own: not to be paid again."""
        step = RefundState(
            refund_no=movement.refund_no,
            state="CANCELLED",
            amount_fen=movement.order.amount_fen,
            attempt=movement.attempt,
            source="OPERATOR",
            code=COVERED,
        )
        name = f"covered/{movement.refund_no}/{len(movement.states)}"
        done = self.hearing.record(turn.case_no, name, step)
        return NOTHING if done else Rest(self.turns.now(turn) + SOON)

    def unavailable(self, turn: Turn, movement: Movement, error: NotAvailable) -> Rest:
        now = self.turns.now(turn)
        concern = Concern("NOT_AVAILABLE", str(error))
        self.hearing.open(turn.case_no, movement, concern, now)
        return Rest(now + DAY / 4, "NOT_AVAILABLE")

    def rest_after(self, turn: Turn, reading: Reading) -> Rest:
        """When to look again; a success is looked after on the day it was promised for."""
        now = self.turns.now(turn)
        newest = reading.steps[-1] if reading.steps else None
        if reading.again is not None:
            return Rest(now + reading.again)
        if newest is None:
            return Rest(now + LATER)
        if newest.state == "SUCCESS":
            return Rest(promised_end(newest))
        return NOTHING if newest.state == "ARRIVED" else Rest(now)

    def _held_back(self, asked: Asked) -> Rest | str | None:
        """Controls, and a provider that does not answer; a sentence if only another road is left
        to a refund."""
        now = self.turns.now(asked.turn)
        with self.hearing.sessions.begin() as session:
            found = verdict(session, asked.case, asked.movement, asked.provider.name, now)
            if found.kind != GO:
                # Approvals and switches wake it; the later look is for a wake that was lost.
                fallback = None if found.kind == NEEDS_APPROVAL else now + LATER
                return Rest(found.until or fallback, BLOCKS[found.kind])
            paused = admit(session, asked.provider.name, now)
            if paused:
                return Rest(spread(paused, asked.turn.refund_no))
            if asked.movement.pays_out:
                return None
            if asked.movement.is_back_at_shop:
                return BACK_AT_SHOP
            return must_pay_out(session, asked.case, asked.movement, asked.provider, now)

    def _reroute(self, asked: Asked, why: str) -> Rest:
        refund_no, case_no = asked.turn.refund_no, asked.turn.case_no
        wish = OverrideMoney(case_no, refund_no, "TO_PAYOUT", why, "SYSTEM")
        name = f"payout/{refund_no}"
        self.hearing.recorder.record(wish, by="SYSTEM", command_id=name)
        return Rest(self.turns.now(asked.turn))

    def _set_aside(
        self, turn: Turn, case: Case, movement: Movement, provider: Provider | None = None
    ) -> Pockets | Rest:
        """The payment's turn to be asked, if a provider is, and the sum on the payment and in the
        pocket that it comes out of: all of it or nothing; the same if asked again."""
        now = self.turns.now(turn)
        try:
            with self.hearing.sessions.begin() as session:
                if not self.turns.renew(session, turn):
                    return NOTHING
                if provider and (later := _slot(session, case, movement, provider, now)):
                    return Rest(spread(later, turn.refund_no))
                caps = caps_for(session, case, movement)
                excess = set_aside(session, case, movement, caps, now)
                funding = hold(session, case, movement, movement.is_advanced)
        except OverPaid:
            self._note_overlap(turn, movement, movement.order.amount_fen, now)
            return Rest(now + DAY / 4, "DECISION")
        except OverCap:
            return Rest(next_day(now), "CAP")
        if excess and movement.order.rail == "REFUND":
            self._note_overlap(turn, movement, excess, now)
            return Rest(now + DAY / 4, "DECISION")
        return funding

    def _asked_fen(self, asked: Asked) -> int:
        """The sum with the coupons that go back beside it; 0 where none took part."""
        payment, movement = asked.case.claim.payment, asked.movement
        if movement.pays_out or not asked.provider.prorates:
            return 0
        if payment.total_fen <= payment.paid_fen:
            return 0
        with self.hearing.sessions() as session:
            before = refunded(session, asked.case, movement)
        return with_coupons(movement.order.amount_fen, payment, before)

    def _note_overlap(self, turn: Turn, movement: Movement, fen: int, now: datetime) -> None:
        concern = Concern("PLATFORM_OVERLAP", amount_fen=fen)
        self.hearing.open(turn.case_no, movement, concern, now)

    def _send(
        self,
        asked: Asked,
        transfer: Transfer,
        prepared: Prepared,
        before: tuple[RefundState, ...],
    ) -> Rest:
        """Record the intent, then ask once; whoever does not get to write the call does not. What
        is late is sent only after the provider said that it does not know the number."""
        calls = asked.movement.calls if asked.movement.state == "SUBMITTED" else ()
        call = len(calls) + 1
        intent = RefundState(
            refund_no=asked.turn.refund_no,
            state="SUBMITTED",
            amount_fen=transfer.amount_fen,
            attempt=asked.movement.next_attempt,
            request_digest=prepared.digest,
            asked_fen=transfer.asked_fen if transfer.asked_fen != transfer.amount_fen else 0,
            provider=asked.provider.name,
        )
        name = f"submit/{transfer.number}/{call}"
        soon = Rest(self.turns.now(asked.turn) + SOON)
        if not self.hearing.record(asked.turn.case_no, name, *before, intent):
            return soon
        if call == 1 and self._may_be_known(asked):
            known = self.calls.query(asked.turn, asked.provider, transfer)
            if known is None or known.outcome is not Outcome.NOT_FOUND:
                return self._hear(asked, known, "QUERY") if known else soon
        answer = self.calls.submit(asked.turn, asked.provider, transfer, prepared, call)
        return self._hear(asked, answer, "ANSWER") if answer else soon

    def _hear(self, asked: Asked, answer: Answer, source: str) -> Rest:
        now = self.turns.now(asked.turn)
        return self.rest_after(asked.turn, self.hearing.hear(asked.about, answer, source, now))

    def _may_be_known(self, asked: Asked) -> bool:
        """What is asked for long after it could have been may have been asked for already, by a
        house whose ledger and database were since set back to an older copy."""
        movement = asked.movement
        newest = movement.states[-1][1] if movement.states else movement.ordered_at
        return self.turns.now(asked.turn) - moment(newest) > AT_ONCE


BACK_AT_SHOP = _("原来的账户收不了款，钱已退到商家的银行卡，改为由平台转账付给买家。")
BY_TRANSFER = _("支付机构不能垫付退款，改为由平台转账付款。")


def needs_a_person(movement: Movement) -> bool:
    """After a refusal or a reversal, after the same end again and again, after a payee did not
    confirm, and when one of two has said that it was paid outside."""
    if movement.is_vouched:
        return True
    if movement.state not in ENDED or movement.is_taken_up or movement.is_rerouted:
        return False
    if movement.waited_for_payee:
        return True
    return movement.state != "CLOSED" or movement.attempt >= MOST_ATTEMPTS


def _slot(
    session: Session, case: Case, movement: Movement, provider: Provider, now: datetime
) -> datetime | None:
    """Refunds of one payment keep their distance; a transfer is no refund of it."""
    return None if movement.pays_out else take_slot(session, case, provider.spacing, now)


def reserved(movement: Movement, funding: Pockets) -> tuple[RefundState, ...]:
    """The step that sets the sum aside; none when it is set aside already."""
    if movement.is_reserved and not movement.is_rerouted:
        return ()
    step = RefundState(
        refund_no=movement.refund_no,
        state="RESERVED",
        amount_fen=movement.order.amount_fen,
        attempt=movement.next_attempt,
        funding=funding,
    )
    return (step,)


def promised_end(success: RefundState) -> datetime:
    """The end of the last promised day, Beijing's."""
    promised = success.promise.latest if success.promise else success.provider_at[:10]
    return moment(f"{promised}T23:59:59+08:00")


def _offline(movement: Movement, now: str) -> RefundState:
    return RefundState(
        refund_no=movement.refund_no,
        state="SUCCESS",
        amount_fen=movement.order.amount_fen,
        attempt=movement.next_attempt if movement.is_rerouted else movement.attempt,
        source="OPERATOR",
        provider="offline",
        provider_at=now,
        route="OFFLINE",
        cash_fen=movement.order.amount_fen,
    )
