"""Setting a sum aside before anybody is asked for it: never more than was paid, over all rulings
and the platform's own refunds together. The database's CHECK refuses the rest, not this code.

Reservations are made here, in the engine's transaction, and follow the movement's steps from the
projection; a database restored from an older day makes the missing ones anew from the ledger.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.orm import Session

from portal.books.accounts import Shop
from portal.cases.state import Case
from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.events import CaseFiled
from portal.formats import BEIJING
from portal.inserting import insert_absent
from portal.monitors.items import open_item
from portal.orders.tables import OrderRow
from portal.refunds.state import Movement, without_attempt
from portal.refunds.tables import DayRow, MovementRow, PaymentRow, ReservationRow
from portal.times import moment

HELD, SPENT, RELEASED = "HELD", "SPENT", "RELEASED"
TOGETHER = ""  # whose sum is that of all shops


class OverPaid(Exception):
    """The payment has not enough left for this."""


class OverCap(Exception):
    """The day's limit of the shop or of all together is used up."""


@dataclass(frozen=True)
class Caps:
    """A day's limits in fen; None: no limit."""

    shop_fen: int | None = None
    total_fen: int | None = None


@dataclass(frozen=True)
class Elsewhere:
    """What the platform paid back on its own."""

    fen: int
    count: int


def set_aside(session: Session, case: Case, movement: Movement, caps: Caps, now: datetime) -> int:
    """HELD for this movement, once; returns what the platform has taken from it since, see
    `heed_platform`. Raises OverPaid, OverCap; the caller rolls back then."""
    _add_payment(session, case.claim)
    excess = heed_platform(session, case.claim)
    if session.get(ReservationRow, movement.refund_no) is not None:
        return excess
    row = _reservation(case, movement, day_of(now))
    if row.capped and not _shift(session, row, held=row.amount_fen):
        raise OverPaid
    for whose, cap in ((shop_of(row).name, caps.shop_fen), (TOGETHER, caps.total_fen)):
        if not _count(session, row.day, whose, row.amount_fen, cap):
            raise OverCap
    session.add(row)
    session.flush()
    return 0


def take_slot(session: Session, case: Case, spacing: timedelta, now: datetime) -> datetime | None:
    """Claim the payment for a request now; None, or when it may be asked next."""
    if _add_payment(session, case.claim, called_at=now):
        return None
    free = PaymentRow.called_at.is_(None) | (PaymentRow.called_at <= now - spacing)
    taken = update(PaymentRow).where(*_key(case.claim), free).values(called_at=now)
    if session.execute(taken).rowcount:  # type: ignore[attr-defined]
        return None
    called_at = session.scalar(select(PaymentRow.called_at).where(*_key(case.claim)))
    return (called_at or now) + spacing


def note_sent(session: Session, refund_no: str, now: datetime) -> None:
    """The spacing counts from the request itself, which may leave well after its slot was taken;
    a payout is no refund of its payment and keeps none waiting."""
    mine = select(ReservationRow.platform, ReservationRow.provider_txn).where(
        ReservationRow.refund_no == refund_no, ReservationRow.capped.is_(True)
    )
    asked = tuple_(PaymentRow.platform, PaymentRow.provider_txn).in_(mine)
    options = {"synchronize_session": False}
    session.execute(
        update(PaymentRow).where(asked).values(called_at=now), execution_options=options
    )


def partials_of(session: Session, case: Case, movement: Movement) -> int:
    """How many other refunds there are of this payment, the platform's own included."""
    others = select(func.count()).where(
        ReservationRow.platform == case.claim.platform,
        ReservationRow.provider_txn == case.claim.payment.provider_txn,
        ReservationRow.refund_no != movement.refund_no,
        ReservationRow.capped.is_(True),
        ReservationRow.state != RELEASED,
    )
    return (session.scalar(others) or 0) + elsewhere(session, case.claim).count


def heed_platform(session: Session, claim: CaseFiled) -> int:
    """Count what the platform paid back on its own; returns by how much that is too much: what it
    takes from a sum that we had set aside already."""
    found = elsewhere(session, claim)
    fits = PaymentRow.paid_fen - PaymentRow.held_fen - PaymentRow.spent_fen
    known = select(fits, PaymentRow.elsewhere_fen, PaymentRow.elsewhere_count)
    room, *counted = session.execute(known.where(*_key(claim))).one_or_none() or (0, 0, 0)
    fen, count = min(found.fen, room), found.count
    if counted != [fen, count]:
        counting = update(PaymentRow).where(*_key(claim))
        session.execute(counting.values(elsewhere_fen=fen, elsewhere_count=count))
    return int(max(0, found.fen - room))


def elsewhere(session: AnySession, claim: CaseFiled) -> Elsewhere:
    """The platform's own refunds of the claim's payment, by its newest word about each order that
    was paid with it; a refund listed under a number of ours is ours."""
    ours, found = _our_numbers(session, claim), Counter[str]()
    if session.get(OrderRow, (claim.platform, claim.order_id)) is None:  # as the claim was filed
        found += Counter({"": claim.payment.refunded_fen})
    for order_id, payment_id in _orders_of(session, claim):
        found |= _foreign(session, claim.platform, order_id, payment_id, ours)
    return Elsewhere(found.total(), len(found))


def _orders_of(session: AnySession, claim: CaseFiled) -> set[tuple[str, str]]:
    """(order, its name for the payment): this one, and those of other cases of the payment."""
    sharing = (
        select(CaseRow.order_id, MovementRow.payment_id)
        .join(MovementRow, MovementRow.case_no == CaseRow.case_no)
        .where(
            MovementRow.platform == claim.platform,
            MovementRow.provider_txn == claim.payment.provider_txn,
        )
        .distinct()
    )
    own = claim.order_id, claim.payment.payment_id
    return {own, *((order_id, payment_id) for order_id, payment_id in session.execute(sharing))}


def _foreign(
    session: AnySession, platform: str, order_id: str, payment_id: str, ours: frozenset[str]
) -> Counter[str]:
    """Fen by the platform's own number, of one order."""
    row, listed = session.get(OrderRow, (platform, order_id)), Counter[str]()
    for payment in row.document["payments"] if row else ():
        for refund in payment["already_refunded"] if payment["id"] == payment_id else ():
            if without_attempt(refund["no"]) not in ours:
                listed[refund["no"]] += refund["amount"]
    return listed


def is_covered(session: AnySession, case: Case, movement: Movement) -> bool:
    """Whether the payment has no room for the movement because the buyer has that money already:
    the platform paid back as much since the claim, or nothing of the payment is left."""
    claim, fen = case.claim, movement.order.amount_fen
    found, ours = elsewhere(session, claim), _our_numbers(session, claim)
    own_order = claim.platform, claim.order_id, claim.payment.payment_id
    told = _foreign(session, *own_order, ours).total() or claim.payment.refunded_fen
    row = session.get(PaymentRow, (claim.platform, claim.payment.provider_txn))
    mine = session.get(ReservationRow, movement.refund_no)
    own = mine.amount_fen if mine and mine.state == HELD and mine.capped else 0
    held, spent = (row.held_fen - own, row.spent_fen) if row else (0, 0)
    left = claim.payment.paid_fen - spent - found.fen
    ended = sum(m.order.amount_fen for m in case.movements if m.is_covered and m.is_over)
    since = told - claim.payment.refunded_fen - ended
    return left - held < fen and (since >= fen or left <= 0)


def _our_numbers(session: AnySession, claim: CaseFiled) -> frozenset[str]:
    mine = (
        ReservationRow.platform == claim.platform,
        ReservationRow.provider_txn == claim.payment.provider_txn,
    )
    return frozenset(session.scalars(select(ReservationRow.refund_no).where(*mine)))


# Following the ledger ---------------------------------------------------------------------------


def follow(session: Session, case: Case) -> None:
    """Bring the case's reservations to where its movements stand; a past told again changes
    nothing."""
    for movement in case.movements:
        row = session.get(ReservationRow, movement.refund_no)
        if row is None and movement.is_reserved:
            row = _restored(session, case, movement)
        if row is not None and row.steps < len(movement.states):
            _move(session, row, _state_of(movement))
            row.steps = len(movement.states)


def _restored(session: Session, case: Case, movement: Movement) -> ReservationRow:
    """The ledger knows of a sum set aside, the database does not."""
    at = next(at for event, at in movement.states if event.state == "RESERVED")
    row = _reservation(case, movement, day_of(moment(at)))
    _add_payment(session, case.claim)
    room = {"elsewhere_fen": 0}  # counted anew with the next reservation
    session.execute(update(PaymentRow).where(*_key(case.claim)).values(**room))
    if row.capped and not _shift(session, row, held=row.amount_fen):
        row.capped = False  # what has no room cannot be counted, and the record goes on
        _alarm(session, row, moment(at))
    for whose in (shop_of(row).name, TOGETHER):
        _count(session, row.day, whose, row.amount_fen, None)
    session.add(row)
    session.flush()
    return row


def _alarm(session: Session, row: ReservationRow, now: datetime) -> None:
    """The ledger has more set aside than was paid: somebody has to look."""
    open_item(
        session,
        "RECORD_DIFFERS",
        row.refund_no,
        case_no=row.case_no,
        refund_no=row.refund_no,
        amount_fen=row.amount_fen,
        note="more than was paid",
        now=now,
    )


def _state_of(movement: Movement) -> str:
    if movement.is_paid:
        return SPENT
    return RELEASED if movement.state == "CANCELLED" else HELD


def _move(session: Session, row: ReservationRow, state: str) -> None:
    if state == row.state:
        return
    amount = row.amount_fen
    leaving = {HELD: {"held": -amount}, SPENT: {"spent": -amount}}.get(row.state, {})
    entering = {HELD: {"held": amount}, SPENT: {"spent": amount}}.get(state, {})
    if row.capped:
        _shift(session, row, **leaving, **entering)
    if state == RELEASED:
        for whose in (shop_of(row).name, TOGETHER):
            _count(session, row.day, whose, -amount, None)
    row.state = state


def _reservation(case: Case, movement: Movement, day: str) -> ReservationRow:
    order = movement.order
    return ReservationRow(
        refund_no=order.refund_no,
        case_no=case.claim.case_no,
        platform=case.claim.platform,
        provider_txn=case.claim.payment.provider_txn,
        shop_id=case.claim.shop_id,
        amount_fen=order.amount_fen,
        capped=order.rail == "REFUND",
        state=HELD,
        day=day,
        steps=0,
    )


def _add_payment(session: Session, claim: CaseFiled, called_at: datetime | None = None) -> bool:
    return insert_absent(
        session,
        PaymentRow,
        platform=claim.platform,
        provider_txn=claim.payment.provider_txn,
        paid_fen=claim.payment.paid_fen,
        held_fen=0,
        spent_fen=0,
        elsewhere_fen=0,
        elsewhere_count=0,
        called_at=called_at,
    )


def _shift(session: Session, row: ReservationRow, held: int = 0, spent: int = 0) -> bool:
    """Whether the payment has room for it."""
    taken = PaymentRow.held_fen + PaymentRow.spent_fen + PaymentRow.elsewhere_fen
    moved = (
        update(PaymentRow)
        .where(
            PaymentRow.platform == row.platform,
            PaymentRow.provider_txn == row.provider_txn,
            taken + held + spent <= PaymentRow.paid_fen,
        )
        .values(held_fen=PaymentRow.held_fen + held, spent_fen=PaymentRow.spent_fen + spent)
    )
    return _changes(session, moved)


def _count(session: Session, day: str, whose: str, fen: int, cap: int | None) -> bool:
    """Add to a day's sum unless that leads beyond its limit."""
    added = update(DayRow).where(DayRow.day == day, DayRow.whose == whose)
    if cap is not None:
        added = added.where(DayRow.fen + fen <= cap)
    added = added.values(fen=DayRow.fen + fen)
    if _changes(session, added):
        return True
    insert_absent(session, DayRow, day=day, whose=whose, fen=0)
    return _changes(session, added)


def _changes(session: Session, statement: Any) -> bool:
    options = {"synchronize_session": False}
    return bool(session.execute(statement, execution_options=options).rowcount)  # type: ignore[attr-defined]


def _key(claim: CaseFiled) -> tuple[Any, ...]:
    return (
        PaymentRow.platform == claim.platform,
        PaymentRow.provider_txn == claim.payment.provider_txn,
    )


def shop_of(about: CaseFiled | ReservationRow) -> Shop:
    """A shop's number means something only on its platform."""
    return Shop(about.platform, about.shop_id)


def day_of(now: datetime) -> str:
    """Beijing's date."""
    return now.astimezone(BEIJING).date().isoformat()
