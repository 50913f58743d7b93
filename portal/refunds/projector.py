"""From a case's movements to their rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.books.returns import ask_at, pending
from portal.cases.state import Case
from portal.refunds.reserving import follow
from portal.refunds.state import Movement
from portal.refunds.tables import MovementRow, TurnRow
from portal.times import moment


def project_movements(session: Session, case: Case) -> None:
    """Write each movement's row as a function of the events; give a movement that has none its
    turn, also after a restore of the database."""
    follow(session, case)
    for movement in case.movements:
        session.merge(_row(case, movement))
        has_turns = not movement.waiting and movement.state != "CANCELLED"
        if has_turns and session.get(TurnRow, movement.refund_no) is None:
            session.add(_first_turn(case, movement))


def _first_turn(case: Case, movement: Movement) -> TurnRow:
    """Due at once; that of a movement that has arrived only when something wakes it, or when its
    advance is to come back."""
    asleep = movement.is_final and ask_at(movement) is None and pending(movement) is None
    return TurnRow(
        refund_no=movement.refund_no,
        case_no=case.claim.case_no,
        next_at=None if asleep else moment(movement.ordered_at),
    )


def _row(case: Case, movement: Movement) -> MovementRow:
    claim, order = case.claim, movement.order
    newest = movement.states[-1] if movement.states else None
    success = movement.success
    promise = success.promise if success else None
    return MovementRow(
        refund_no=order.refund_no,
        case_no=claim.case_no,
        shop_id=claim.shop_id,
        buyer_ref=claim.buyer_ref,
        platform=claim.platform,
        payment_id=order.payment_id,
        provider_txn=claim.payment.provider_txn,
        rail=order.rail,
        channel=order.channel,
        method=claim.payment.method,
        provider=_newest(movement, "provider"),
        provider_ref=_newest(movement, "provider_ref"),
        route=_newest(movement, "route"),
        funding=",".join(f"{part.account}:{part.amount_fen}" for part in movement.funding),
        amount_fen=order.amount_fen,
        state=movement.state,
        attempt=movement.attempt,
        waiting=movement.waiting,
        over=movement.is_over,
        ordered_at=moment(movement.ordered_at),
        called_at=_called_at(movement),
        heard_at=moment(newest[1] if newest else movement.ordered_at),
        succeeded_at=moment(success.provider_at) if success else None,
        earliest=promise.earliest if promise else "",
        latest=promise.latest if promise else "",
        certain=promise.certain if promise else True,
    )


def _newest(movement: Movement, field: str) -> str:
    """What the last step said that said anything."""
    said = (getattr(event, field) for event, _at in reversed(movement.states))
    return next(filter(None, said), "")


def _called_at(movement: Movement) -> datetime | None:
    called = (at for event, at in movement.states if event.state == "SUBMITTED")
    return next(map(moment, called), None)
