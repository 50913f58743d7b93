"""Checks of one case's movements, as its ledger entries tell them.

They read the record for themselves and ask none of the rules that wrote it: a wrong rule would
find its own work right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from portal.books.tables import JournalRow
from portal.cases.state import Case
from portal.events import Payment, RefundState
from portal.invariants.lost import NOTHING_GIVEN_UP, GivenUp
from portal.refunds.state import Movement, Word, attempt_no
from portal.refunds.tables import CallRow, MovementRow
from portal.times import moment

# How long after the payment a refund may be asked for, by the providers' published rules.
WINDOWS = {
    **dict.fromkeys(("wechat", "douyin", "alipay", "stripe"), timedelta(days=365)),
    "unionpay": timedelta(days=330),
}
RECORDED_WITHIN = timedelta(minutes=5)  # between the look at the clock and the entry
OVER = ("CLOSED", "REFUSED", "REVERSED")
WITNESSES = 2
# What may follow a state within one attempt; after OVER begins the next attempt.
NEXT: Mapping[str, tuple[str, ...]] = {
    "": ("RESERVED", "CANCELLED"),
    "RESERVED": ("RESERVED", "SUBMITTED", "CANCELLED"),
    "SUBMITTED": ("SUBMITTED", "PROCESSING", "SUCCESS", "ABNORMAL", "CLOSED", "REFUSED"),
    "PROCESSING": ("SUCCESS", "ABNORMAL", "CLOSED", "REFUSED"),
    "ABNORMAL": ("SUCCESS", "CLOSED", "REFUSED"),
    "SUCCESS": ("ARRIVED", "REVERSED"),
    "ARRIVED": ("REVERSED",),
    **dict.fromkeys(OVER, ("RESERVED", "SUBMITTED", "CANCELLED")),
}


@dataclass(frozen=True)
class Told:
    """A case as its entries tell it, and the rows that are kept of it. A step younger than `grace`
    at the time `now` may still be under way. `given_up`: lost answers, closed on record."""

    case: Case
    rows: Mapping[str, MovementRow]
    calls: tuple[CallRow, ...]
    journal: tuple[JournalRow, ...]
    now: datetime
    grace: timedelta
    given_up: GivenUp = NOTHING_GIVEN_UP

    @property
    def movements(self) -> tuple[Movement, ...]:
        return self.case.movements


def one_attempt_at_a_time(told: Told) -> Iterator[str]:
    """I2: a new number only behind the end of the one before it, and the next in order."""
    for movement in told.movements:
        state, attempt = "", 1
        for step in steps_of(movement):
            opens = state in OVER and step.state in ("RESERVED", "SUBMITTED")
            if step.attempt != attempt + opens:
                yield f"{movement.refund_no}: {step.state} a{step.attempt}"
            state, attempt = step.state, step.attempt


def same_number_same_bytes(told: Told) -> Iterator[str]:
    """I4: amount, provider and digest stay what they were at the first call of an attempt."""
    for movement in told.movements:
        for step in steps_of(movement):
            if step.amount_fen != movement.order.amount_fen:
                yield f"{movement.refund_no}: {step.state} {step.amount_fen}"
        for attempt in range(1, movement.attempt + 1):
            asked = [s for s in steps_of(movement) if _is_call(s, attempt)]
            if any(not s.request_digest for s in asked) or _differ(asked):
                yield attempt_no(movement.refund_no, attempt)


def _is_call(step: RefundState, attempt: int) -> bool:
    return step.state == "SUBMITTED" and step.attempt == attempt


def _differ(asked: list[RefundState]) -> bool:
    return len({(step.request_digest, step.provider) for step in asked}) > 1


def rank_never_falls(told: Told) -> Iterator[str]:
    """I12: each state follows from the one before it, along the drawn edges only."""
    for movement in told.movements:
        steps = (None, *steps_of(movement))
        for at, (before, after) in enumerate(pairwise(steps)):
            state = before.state if before else ""
            if not _follows(movement, at, state, after):
                yield f"{movement.refund_no}: {state or 'PLANNED'} -> {after.state}"


def _follows(movement: Movement, at: int, before: str, step: RefundState | None) -> bool:
    """Set aside anew only after a person's word, paid by hand or called paid by the platform only
    by the word of two."""
    assert step is not None, "pairs begin with nothing and end with a step"
    if before == step.state == "ARRIVED":
        return _is_found_again(movement, at, step)
    if step.state == "SUCCESS" and step.route == "OFFLINE":
        vouched = {word.event.approver for word in _words(movement, at, ("OFFLINE",))}
        return before in ("RESERVED", *OVER) and len(vouched) >= WITNESSES
    if step.state == "CANCELLED" and step.code == "COVERED":
        vouched = {word.event.approver for word in _words(movement, at, ("COVERED",))}
        return step.state in NEXT.get(before, ()) and len(vouched) >= WITNESSES
    if before == step.state == "RESERVED":
        return bool(_words(movement, at, ("ADVANCE", "TO_PAYOUT")))
    return step.state in NEXT.get(before, ())


def _is_found_again(movement: Movement, at: int, step: RefundState) -> bool:
    """The payee denied an arrival and then found the money. Only the newest denial is kept in the
    movement, hence no look at whether it came before this step."""
    presumed, presumed_at = movement.states[at - 1]
    denied = movement.questioned_at >= presumed_at
    return denied and presumed.source != "BUYER" and step.source == "BUYER"


def _words(movement: Movement, at: int, what: tuple[str, ...]) -> list[Word]:
    """What people had decided by the time of the step number `at`, counted from 0."""
    return [word for word in movement.words if word.event.what in what and word.after <= at]


def parts_make_the_whole(told: Told) -> Iterator[str]:
    """I15: the payer got what is owed in money, and with the coupons it is what was asked for."""
    for movement in told.movements:
        for step in steps_of(movement):
            parts = step.cash_fen, step.cash_fen + step.coupon_fen
            whole = step.amount_fen, _asked_for(movement, step)
            if step.state == "SUCCESS" and parts != whole:
                yield f"{movement.refund_no}: {step.cash_fen} + {step.coupon_fen}"


def _asked_for(movement: Movement, paid: RefundState) -> int:
    asked = (step.asked_fen for step in steps_of(movement) if _is_call(step, paid.attempt))
    return next(asked, 0) or paid.amount_fen


def promise_as_recorded(told: Told) -> Iterator[str]:
    """I18: the days that pages show are those of the ledger, and a payment has made one promise."""
    for movement in told.movements:
        row, success = told.rows.get(movement.refund_no), movement.success
        promise = success.promise if success else None
        recorded = (promise.earliest, promise.latest) if promise else ("", "")
        if row is None or (row.earliest, row.latest) != recorded:
            yield movement.refund_no
        elif success and not (promise and promise.earliest and promise.latest):
            yield f"{movement.refund_no}: no promise"


def asked_in_time(told: Told) -> Iterator[str]:
    """I13: no attempt at a refund along the payment begins when its provider takes none any more;
    from then on it goes by transfer, by somebody's word."""
    payment = told.case.claim.payment
    for movement in told.movements:
        begun = transfers_of(movement)
        for step, said_at in movement.states:
            number = attempt_no(movement.refund_no, step.attempt)
            if step.state != "SUBMITTED" or number in begun:
                continue  # asked again under its number, it is the same refund
            begun.add(number)
            begun_at = moment(said_at) - RECORDED_WITHIN
            if any(begun_at > end for end in _ends(payment, step.provider)):
                yield f"{number}: {said_at}"


def transfers_of(movement: Movement) -> set[str]:
    """The numbers under which it was asked for as a transfer, not as a refund along the payment."""
    along = movement.order.rail == "REFUND"
    return {
        attempt_no(movement.refund_no, step.attempt)
        for at, step in enumerate(steps_of(movement))
        if step.state == "SUBMITTED" and not (along and not _words(movement, at, ("TO_PAYOUT",)))
    }


def _ends(payment: Payment, provider: str) -> Iterator[datetime]:
    """By the order, and by the provider's own rules."""
    if payment.refundable_until:
        yield moment(payment.refundable_until)
    if payment.paid_at and provider in WINDOWS:
        yield moment(payment.paid_at) + WINDOWS[provider]


def steps_of(movement: Movement) -> tuple[RefundState, ...]:
    return tuple(event for event, _at in movement.states)


MOVEMENT_CHECKS: Mapping[str, Callable[[Told], Iterator[str]]] = {
    "I2": one_attempt_at_a_time,
    "I4": same_number_same_bytes,
    "I12": rank_never_falls,
    "I13": asked_in_time,
    "I15": parts_make_the_whole,
    "I18": promise_as_recorded,
}
