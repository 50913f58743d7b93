"""What follows from a provider's word. One pure function for answers, queries, notices and bills:
whatever order they come in, however often, a movement ends in the same state.

    Movement + Heard -> Reading: steps to record, an item to open, when to look again

An attempt is ended only by a proof. A rank never falls but for SUCCESS -> REVERSED, which a query
must confirm, because a notice may be older than the success. What contradicts the record is never
booked: a person is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.arrivals.promising import promise_for
from portal.events import ArrivalPromise, Funding, Payment, RefundState
from portal.providers.values import Answer, Outcome
from portal.refunds.calling import KEPT
from portal.refunds.state import (
    COVERED,
    ENDED,
    OPEN,
    PAID,
    TO_CONFIRM,
    TO_SHOP,
    Movement,
    is_to_shop,
)
from portal.refunds.waiting import DAY, LATER, SOON, next_query, next_try
from portal.times import moment, stamp

PROVEN = ("QUERY", "BILL")  # words that are as new as the question
NO_WAIT = timedelta(0)
ANOTHER_CARD = "OTHER_BANKCARD"
ADVANCED = "PLATFORM_ADVANCE"


@dataclass(frozen=True)
class Heard:
    """An answer and how it came: `source` is ANSWER, QUERY, NOTICE or BILL. `sent_at`: the newest
    request under the number; `refused`: the provider's word when it refused that one; `to_shop`:
    a person had what was abnormal sent to the shop's own card."""

    answer: Answer
    source: str
    provider: str
    payment: Payment
    now: datetime
    sent_at: datetime | None = None
    quiet: timedelta = NO_WAIT
    refused: str = ""
    to_shop: bool = False


@dataclass(frozen=True)
class Concern:
    """An item to open: its kind, a note (the provider's own word), and a sum if it is not the
    movement's."""

    kind: str
    note: str = ""
    amount_fen: int = 0


@dataclass(frozen=True)
class Reading:
    """`again`: how long until the next look, None: nothing more from this. `may_send`: the
    provider provably does not know the number. `ask`: only a query can settle this."""

    steps: tuple[RefundState, ...] = ()
    concern: Concern | None = None
    again: timedelta | None = None
    may_send: bool = False
    ask: bool = False


def read(movement: Movement, heard: Heard) -> Reading:
    """What an answer means for a movement."""
    answer = heard.answer
    if answer.number != movement.attempt_no:
        return _of_an_earlier_attempt(movement, answer)
    if answer.code == "MISMATCH" or _another_amount(movement, answer):
        return Reading(concern=Concern("AMOUNT_DIFFERS", _said(answer)), again=LATER)
    return _READ[answer.outcome](movement, heard)


def _of_an_earlier_attempt(movement: Movement, answer: Answer) -> Reading:
    """It ended without paying; a success under its number would be a second payment."""
    if answer.outcome is not Outcome.SUCCESS or _is_known(movement, answer):
        return Reading()
    return Reading(concern=Concern("RECORD_DIFFERS", _said(answer)))


def _is_known(movement: Movement, answer: Answer) -> bool:
    """Whether it speaks of the very success that was reversed, or that gave the shop its money
    back, and of none after that."""
    ends = [
        at
        for event, at in movement.states
        if (event.state == "REVERSED" or is_to_shop(event))
        and f"a{event.attempt}" == _attempt_of(answer.number)
    ]
    try:
        return bool(ends) and moment(answer.provider_at) <= moment(ends[-1])
    except ValueError:
        return False


def _attempt_of(number: str) -> str:
    return f"a{number.rpartition('a')[2]}"


def _another_amount(movement: Movement, answer: Answer) -> bool:
    parts = answer.cash_fen + answer.coupon_fen
    amount = movement.asked_fen
    return answer.amount_fen not in (0, amount) or parts not in (0, amount)


def _said(answer: Answer) -> str:
    return " ".join(filter(None, (answer.outcome.value, answer.code, str(answer.amount_fen or ""))))


def _success(movement: Movement, heard: Heard) -> Reading:
    if movement.success and movement.success.route == "OFFLINE":  # paid outside as well
        return Reading(concern=Concern("RECORD_DIFFERS", _said(heard.answer)))
    if movement.state in OPEN:
        if _leaves_something_open(movement, heard):
            return Reading(ask=True)
        if heard.to_shop and heard.answer.route == ANOTHER_CARD:
            return Reading((_step(movement, heard, "CLOSED", code=TO_SHOP),), again=NO_WAIT)
        steps = (_paid(movement, heard),)
        if heard.answer.arrived:
            steps = (*steps, _arrived(movement, heard))
        concern = _in_coupons(steps[0]) or _out_of_another_purse(movement, heard.answer)
        return Reading(steps, concern or _by_another_route(heard.answer))
    if movement.state == "SUCCESS":
        return _still_paid(movement, heard)
    if movement.state == "ARRIVED" or (
        movement.is_back_at_shop and _is_known(movement, heard.answer)
    ):
        return Reading()
    if movement.state == "REVERSED" and heard.source not in PROVEN:
        return Reading(ask=True)
    return Reading(concern=Concern("RECORD_DIFFERS", _said(heard.answer)))


def _leaves_something_open(movement: Movement, heard: Heard) -> bool:
    """WeChat Pay's notices of refunds do not say which way the money went, nor its bills whether
    the shop has it; its queries do. And a notice that names no sum vouches for none."""
    answer = heard.answer
    if heard.to_shop and not answer.route:
        return True
    told = bool(answer.amount_fen) and (bool(answer.route) or movement.pays_out)
    return heard.source == "NOTICE" and not told


def _still_paid(movement: Movement, heard: Heard) -> Reading:
    """Nothing new, unless it has arrived: in the bank, or fallen to another account."""
    answer, told = heard.answer, movement.success
    fallen = told is not None and bool(answer.route) and answer.route != (told.route or "ORIGINAL")
    if not answer.arrived and not fallen:
        return Reading()
    concern = _by_another_route(answer) if fallen else None
    return Reading((_arrived(movement, heard),), concern)


def _by_another_route(answer: Answer) -> Concern | None:
    return Concern("ROUTE_DIFFERS", answer.route) if answer.route not in ("", "ORIGINAL") else None


def _in_coupons(paid: RefundState) -> Concern | None:
    """Paid, but not the ordered sum in money: it is booked as it was, and somebody looks."""
    if paid.cash_fen == paid.amount_fen:
        return None
    parts = f"cash {paid.cash_fen}, coupon {paid.coupon_fen}"
    return Concern("AMOUNT_DIFFERS", parts, abs(paid.amount_fen - paid.cash_fen))


def _out_of_another_purse(movement: Movement, answer: Answer) -> Concern | None:
    """To ask WeChat Pay for the platform's money only permits it; its query says who paid."""
    asked = "PLATFORM" if movement.is_advanced else "MERCHANT"
    if movement.pays_out or answer.payer in ("", asked):
        return None
    return Concern("FUNDING_DIFFERS", answer.payer)


def _funding(movement: Movement, answer: Answer, paid_fen: int) -> tuple[Funding, ...]:
    """Nothing was advanced, and nothing is to come back, when the shop paid after all. When the
    platform paid, it has also paid what went back as coupon beside the ordered sum: the provider
    takes a refund out of one account, and gives back the whole of it."""
    if not movement.is_advanced or movement.pays_out:
        return ()
    beside_fen = paid_fen - movement.order.amount_fen
    if answer.payer == "MERCHANT":
        return (Funding("MERCHANT_PAYABLE", movement.order.amount_fen),)
    return with_more_advanced(movement.funding, beside_fen) if beside_fen > 0 else ()


def with_more_advanced(held: tuple[Funding, ...], fen: int) -> tuple[Funding, ...]:
    """What was set aside, and so much more out of the platform's own account."""
    advanced_fen = sum(part.amount_fen for part in held if part.account == ADVANCED)
    others = (part for part in held if part.account != ADVANCED)
    return (*others, Funding(ADVANCED, advanced_fen + fen))


def _paid(movement: Movement, heard: Heard) -> RefundState:
    answer = heard.answer
    at = _time_of(answer.provider_at, movement.ordered_at, heard.now)
    told = answer.cash_fen + answer.coupon_fen > 0
    cash = answer.cash_fen if told else movement.order.amount_fen
    coupon = answer.coupon_fen if told else movement.asked_fen - cash
    return _step(
        movement,
        heard,
        "SUCCESS",
        provider_at=at,
        route=_road(movement, answer),
        cash_fen=cash,
        coupon_fen=coupon,
        funding=_funding(movement, answer, cash + coupon),
        promise=_promise(heard, at),
    )


def _road(movement: Movement, answer: Answer) -> str:
    """As the provider named it, empty when it did not; only a refund has a way back."""
    return "" if movement.pays_out and answer.route == "ORIGINAL" else answer.route


def _promise(heard: Heard, at: str) -> ArrivalPromise:
    payment = heard.payment
    return promise_for(payment.channel, payment.method, at, heard.answer.arrives_by)


def _time_of(said: str, ordered_at: str, now: datetime) -> str:
    """The provider's time; ours when it said none that can be read, or none that can be true: by
    it the days of arrival and the books' day are counted."""
    try:
        at = moment(said)
    except ValueError:
        return stamp(now)
    return stamp(at if moment(ordered_at) - DAY <= at <= now + DAY else now)


def _arrived(movement: Movement, heard: Heard) -> RefundState:
    return _step(movement, heard, "ARRIVED", source="PROVIDER", route=heard.answer.route)


def _processing(movement: Movement, heard: Heard) -> Reading:
    wait = max(next_query(_age(heard)), heard.quiet)
    confirm = Concern(TO_CONFIRM) if heard.answer.code == TO_CONFIRM else None
    if movement.state == "SUBMITTED":
        return Reading((_step(movement, heard, "PROCESSING"),), confirm, again=wait)
    return Reading(concern=confirm, again=wait)


def _abnormal(movement: Movement, heard: Heard) -> Reading:
    if movement.state in ("SUBMITTED", "PROCESSING"):
        concern = Concern("ABNORMAL", heard.answer.code)
        return Reading((_step(movement, heard, "ABNORMAL"),), concern, again=LATER)
    if movement.state == "ABNORMAL":
        return Reading(again=DAY / 4)
    return _came_back(movement, heard) or _contradicted(movement, heard)


def _closed(movement: Movement, heard: Heard) -> Reading:
    if movement.state in OPEN:
        concern = Concern("CLOSED", heard.answer.code)
        return Reading((_step(movement, heard, "CLOSED"),), concern, again=SOON)
    return _came_back(movement, heard) or _contradicted(movement, heard)


def _came_back(movement: Movement, heard: Heard) -> Reading | None:
    """Proven: what was called a success is none."""
    if movement.state not in PAID or heard.source not in PROVEN:
        return None
    code = heard.answer.code or heard.answer.outcome.value
    concern = Concern("REVERSED", code)
    return Reading((_step(movement, heard, "REVERSED", code=code),), concern)


def _contradicted(movement: Movement, heard: Heard) -> Reading:
    """A word against a success: an old notice, or the truth; a query tells."""
    return Reading(ask=movement.state in PAID)


def _refused(movement: Movement, heard: Heard) -> Reading:
    """Believed once a query finds nothing under the number."""
    return Reading(again=max(heard.quiet, SOON))


def _not_enough(movement: Movement, heard: Heard) -> Reading:
    concern = Concern("NOT_ENOUGH", heard.answer.code)
    return Reading(concern=concern, again=max(next_try(_open_for(movement, heard)), heard.quiet))


def _not_found(movement: Movement, heard: Heard) -> Reading:
    if movement.state in ENDED:
        return Reading()
    if movement.state != "SUBMITTED":
        return Reading(concern=Concern("RECORD_DIFFERS", _said(heard.answer)), again=LATER)
    left = heard.quiet - _age(heard)
    if heard.source != "QUERY" or left > NO_WAIT:
        return Reading(again=max(left, SOON))
    if movement.is_rerouted or movement.is_covered or heard.refused:
        concern = Concern("REFUSED", heard.refused) if heard.refused else None
        code = heard.refused or (COVERED if movement.is_covered else "REROUTED")
        return Reading((_step(movement, heard, "REFUSED", code=code),), concern, again=NO_WAIT)
    return Reading(may_send=True)


def _unclear(movement: Movement, heard: Heard) -> Reading:
    """It may have happened: nothing is booked, and it is asked about; at once when the provider
    itself has written that something has changed, as Alipay's notices do."""
    return Reading(again=next_query(_age(heard)), ask=heard.source == "NOTICE")


def _busy(movement: Movement, heard: Heard) -> Reading:
    """Not taken; the longer that has gone on, the longer it is left alone."""
    return Reading(again=next_query(_open_for(movement, heard)))


def _age(heard: Heard) -> timedelta:
    return heard.now - heard.sent_at if heard.sent_at else NO_WAIT


def _open_for(movement: Movement, heard: Heard) -> timedelta:
    """Since the first request of the attempt."""
    return heard.now - moment(movement.calls[0][1]) if movement.calls else NO_WAIT


def _step(movement: Movement, heard: Heard, state: str, **more: object) -> RefundState:
    answer = heard.answer
    values: dict[str, object] = {
        "refund_no": movement.refund_no,
        "state": state,
        "amount_fen": movement.order.amount_fen,
        "attempt": movement.attempt,
        "answer_digest": hashlib.sha256(answer.raw[:KEPT]).hexdigest() if answer.raw else "",
        "source": heard.source,
        "provider": heard.provider,
        "provider_ref": answer.provider_ref,
        "code": answer.code,
    }
    return RefundState(**values | more)  # type: ignore[arg-type]


_READ: dict[Outcome, Callable[[Movement, Heard], Reading]] = {
    Outcome.SUCCESS: _success,
    Outcome.PROCESSING: _processing,
    Outcome.ABNORMAL: _abnormal,
    Outcome.CLOSED: _closed,
    Outcome.REFUSED: _refused,
    Outcome.NOT_ENOUGH: _not_enough,
    Outcome.NOT_FOUND: _not_found,
    Outcome.BUSY: _busy,
    Outcome.UNKNOWN: _unclear,
}
