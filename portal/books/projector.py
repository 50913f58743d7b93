"""From a case's events, and from what a platform says of a deposit, to the books' rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.books.accounts import Shop
from portal.books.advances import (
    DUE_AFTER,
    advanced_fen,
    outstanding_fen,
    paid_at,
    recouped_fen,
    was_advanced,
)
from portal.books.deposits import report_deposit
from portal.books.funding import follow
from portal.books.journal import post_movements
from portal.books.tables import RecoupRow
from portal.cases.state import Case
from portal.events import DepositSet
from portal.files import Files
from portal.history import History
from portal.refunds.state import Movement
from portal.times import moment


def project_books(session: Session, case: Case, history: History) -> None:
    """Post what is new, and keep funding and advances as the events have them."""
    if not any(movement.states for movement in case.movements):
        return
    post_movements(session, case, history)
    follow(session, case)
    for movement in case.movements:
        if was_advanced(movement):
            session.merge(_recoup(case, movement))


def project_deposit(session: Session, event: DepositSet, _files: Files) -> None:
    """A platform's own word on a deposit."""
    report_deposit(
        session,
        Shop(event.platform, event.shop_id),
        account=event.account,
        available_fen=event.available_fen,
        floor_fen=event.floor_fen,
        as_of=moment(event.as_of),
    )


def project_reported_deposit(session: Session, snapshot: Mapping[str, Any]) -> None:
    """What an order's snapshot says of its shop's deposit; the newest word counts."""
    said = snapshot["deposit"]
    report_deposit(
        session,
        Shop(snapshot["platform"], snapshot["order"]["shop_id"]),
        account=said["account"],
        available_fen=said["available"],
        floor_fen=said["floor"],
        as_of=moment(snapshot["snapshot_at"]),
    )


def _recoup(case: Case, movement: Movement) -> RecoupRow:
    paid, outstanding = paid_at(movement), outstanding_fen(movement)
    return RecoupRow(
        refund_no=movement.refund_no,
        case_no=case.claim.case_no,
        platform=case.claim.platform,
        shop_id=case.claim.shop_id,
        amount_fen=advanced_fen(movement),
        recouped_fen=recouped_fen(movement),
        open=outstanding != 0,
        paid_at=paid,
        due_at=paid + DUE_AFTER if paid else None,
    )
