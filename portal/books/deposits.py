"""A shop's deposit: what the platform reports, and what may still be taken out of it.

The platform takes out of the deposit what it is told to, so a report that is newer than a payment
has that payment in it already; sums that are held, and payments since, come off.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, func, or_, select, true, update
from sqlalchemy.orm import Session

from portal.books.accounts import Shop
from portal.books.tables import DepositRow, FundingRow


def report_deposit(
    session: Session,
    shop: Shop,
    *,
    account: str,
    available_fen: int,
    floor_fen: int,
    as_of: datetime,
) -> None:
    """Take down what the platform says; an older word than the last one changes nothing."""
    row = locked(session, shop) or _new(session, shop)
    if row.reported_at is not None and row.reported_at >= as_of:
        return
    row.account, row.reported_fen, row.floor_fen = account, available_fen, floor_fen
    row.reported_at = as_of
    recount(session, row)


def locked(session: Session, shop: Shop) -> DepositRow | None:
    """The row, ours until this transaction ends: an update first, which SQLite waits for too."""
    ours = DepositRow.platform == shop.platform, DepositRow.shop_id == shop.shop_id
    ask = update(DepositRow).where(*ours).values(version=DepositRow.version + 1)
    return session.scalar(ask.returning(DepositRow), execution_options={"populate_existing": True})


def recount(session: Session, row: DepositRow) -> None:
    """What is left of a locked deposit after every change of the report or the funding rows."""
    session.flush()
    left_fen = row.reported_fen - _taken(session, row)
    row.available_fen, row.short_fen = max(left_fen, 0), max(-left_fen, 0)
    row.low = row.reported_at is not None and left_fen < row.floor_fen
    session.flush()


def _taken(session: Session, row: DepositRow) -> int:
    ours = FundingRow.platform == row.platform, FundingRow.shop_id == row.shop_id
    since = FundingRow.spent_at > row.reported_at if row.reported_at is not None else true()
    counts = or_(FundingRow.state == "HELD", and_(FundingRow.state == "SPENT", since))
    taken = select(func.coalesce(func.sum(FundingRow.deposit_fen), 0)).where(*ours, counts)
    return int(session.scalar(taken) or 0)


def _new(session: Session, shop: Shop) -> DepositRow:
    row = DepositRow(platform=shop.platform, shop_id=shop.shop_id)
    session.add(row)
    session.flush()
    return row
