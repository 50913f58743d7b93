"""A payee who does not find the money is somebody's task at once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.events import ArrivalQuestioned, RefundState
from portal.monitors.items import cure_item, open_item
from portal.projection import Happened
from portal.times import moment

KIND = "PAST_PROMISE"


def open_question(session: Session, happened: Happened, case: Case) -> None:
    """Open the operator's item; the payee's own word that it is there closes it again."""
    event, at = happened.event, moment(happened.at)
    if isinstance(event, RefundState) and event.state == "ARRIVED":
        cure_item(session, KIND, event.refund_no, at)
    movement = case.movement(event.refund_no) if isinstance(event, ArrivalQuestioned) else None
    if movement is None or not isinstance(event, ArrivalQuestioned):
        return
    open_item(
        session,
        KIND,
        event.refund_no,
        case_no=case.claim.case_no,
        refund_no=event.refund_no,
        amount_fen=movement.order.amount_fen,
        note=event.text,
        now=at,
    )
