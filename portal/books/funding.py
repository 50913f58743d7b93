"""Setting a sum aside in somebody's pocket before any provider is asked.

`hold` and `release` run in the transaction that also reserves the payment; `follow` brings the
rows in line with the ledger, so that a database restored from yesterday holds what it should.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.books.accounts import Shop
from portal.books.advances import paid_at
from portal.books.deposits import locked, recount
from portal.books.policy import split
from portal.books.tables import FundingRow
from portal.cases.state import Case
from portal.events import Funding
from portal.refunds.state import Movement

RELEASED = "RELEASED"
COLUMNS = {
    "MERCHANT_PAYABLE": "payable_fen",
    "MERCHANT_DEPOSIT": "deposit_fen",
    "PLATFORM_ADVANCE": "advance_fen",
}


def hold(session: Session, case: Case, movement: Movement, advance: bool) -> tuple[Funding, ...]:
    """Where the whole of a movement's amount comes from; the caller commits.

    Asked again it answers the same; asked with another `advance` it lets go and holds anew. A
    deposit never goes below zero: what it lacks is the platform's to advance. A deposit is locked
    only for what may touch it, or all refunds of a shop would wait for each other.
    """
    beyond = advance or movement.pays_out
    row = session.get(FundingRow, movement.refund_no, with_for_update=True)
    if row is not None and row.state != RELEASED and row.advanced == beyond:
        return parts_of(row)
    shop = Shop(case.claim.platform, case.claim.shop_id)
    deposit = locked(session, shop) if beyond or row is not None else None
    if row is not None and deposit is not None:
        row.state = RELEASED
        recount(session, deposit)
    rail = "PAYOUT" if movement.pays_out else movement.order.rail
    available_fen = deposit.available_fen if deposit is not None else 0
    parts = split(rail, movement.order.amount_fen, available_fen, advance)
    _keep(session, row, _row(case, movement, parts, reservations(movement) + 1))
    if deposit is not None:
        recount(session, deposit)
    return parts


def release(session: Session, refund_no: str) -> None:
    """Let go of what a movement held; the caller commits. Nothing held: nothing happens."""
    row = session.get(FundingRow, refund_no, with_for_update=True)
    if row is None or row.state == RELEASED:
        return
    row.state, row.spent_at = RELEASED, None
    _recount(session, row)


def follow(session: Session, case: Case) -> None:
    """Make the rows what the ledger says; one that is a step ahead keeps its parts."""
    for movement in case.movements:
        if movement.funding:
            _follow(session, case, movement)


def _follow(session: Session, case: Case, movement: Movement) -> None:
    row = session.get(FundingRow, movement.refund_no, with_for_update=True)
    told = _row(case, movement, movement.funding, reservations(movement))
    behind = row is None or row.reservation <= told.reservation
    if row is None or (behind and parts_of(row) != parts_of(told)):
        row = _keep(session, row, told)
        _recount(session, row)
    elif row.state != told.state and (behind or told.state != "HELD"):
        counted = RELEASED in (row.state, told.state)
        row.state, row.spent_at = told.state, told.spent_at
        if counted:
            _recount(session, row)


def parts_of(row: FundingRow) -> tuple[Funding, ...]:
    held = (Funding(account, getattr(row, name)) for account, name in COLUMNS.items())
    return tuple(part for part in held if part.amount_fen)


def reservations(movement: Movement) -> int:
    return sum(event.state == "RESERVED" for event, _at in movement.states)


def _row(
    case: Case, movement: Movement, parts: tuple[Funding, ...], reservation: int
) -> FundingRow:
    sums = dict.fromkeys(COLUMNS.values(), 0)
    for part in parts:
        sums[COLUMNS[part.account]] += part.amount_fen
    return FundingRow(
        refund_no=movement.refund_no,
        case_no=case.claim.case_no,
        platform=case.claim.platform,
        shop_id=case.claim.shop_id,
        reservation=reservation,
        advanced=not sums["payable_fen"],
        state=_state(movement),
        spent_at=paid_at(movement),
        **sums,
    )


def _state(movement: Movement) -> str:
    if movement.is_paid:
        return "SPENT"
    return RELEASED if movement.state == "CANCELLED" else "HELD"


def _keep(session: Session, row: FundingRow | None, told: FundingRow) -> FundingRow:
    """Write the told values into the row that is there, or as a new one."""
    if row is None:
        session.add(told)
        return told
    for column in FundingRow.__table__.c:
        setattr(row, column.key, getattr(told, column.key))
    return row


def _recount(session: Session, row: FundingRow) -> None:
    deposit = locked(session, Shop(row.platform, row.shop_id))
    if deposit is not None:
        recount(session, deposit)
