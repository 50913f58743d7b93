"""What is watched beside single movements: a deposit under its floor, an advance that did not come
back in time, an invariant that the night found broken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.books.tables import DepositRow, RecoupRow
from portal.invariants.queries import latest
from portal.monitors.items import MOST_SUBJECT, cure_item, open_item, open_key_of
from portal.monitors.tables import ItemRow

AT_ONCE = 500
UNRESOLVED = ("OPEN", "TAKEN")


def watch_standing(session: Session, now: datetime) -> None:
    """Open and cure DEPOSIT_LOW, RECOUP_OVERDUE and INVARIANT_BROKEN. The caller commits."""
    _watch_deposits(session, now)
    _watch_recoups(session, now)
    _watch_invariants(session, now)


def _watch_invariants(session: Session, now: datetime) -> None:
    """Only a look at everything can say that what was broken holds again."""
    run = latest(session)
    for finding in run.findings if run else ():
        if not finding.ok:
            note = " ".join(finding.examples)
            open_item(session, "INVARIANT_BROKEN", finding.name, note=note, now=now)
        elif run and run.whole:
            cure_item(session, "INVARIANT_BROKEN", finding.name, now)


def _watch_deposits(session: Session, now: datetime) -> None:
    name = DepositRow.platform + "/" + DepositRow.shop_id
    # As the item keeps it: names that are longer must not come up again and again before others.
    kept = func.substr(name, 1, MOST_SUBJECT)
    has_item = exists().where(ItemRow.open_key == open_key_of("DEPOSIT_LOW", "") + kept)
    low = select(DepositRow).where(DepositRow.low.is_(True), ~has_item).limit(AT_ONCE)
    for row in session.scalars(low).all():
        short = row.floor_fen - row.available_fen
        subject = f"{row.platform}/{row.shop_id}"
        open_item(session, "DEPOSIT_LOW", subject, amount_fen=max(short, 0), now=now)
    for item in _unresolved(session, "DEPOSIT_LOW"):
        platform, _, shop_id = item.subject.partition("/")
        found = session.get(DepositRow, (platform, shop_id))
        if found is not None and not found.low:
            cure_item(session, item.kind, item.subject, now)


def _watch_recoups(session: Session, now: datetime) -> None:
    has_item = exists().where(
        ItemRow.open_key == open_key_of("RECOUP_OVERDUE", "") + RecoupRow.refund_no
    )
    overdue = RecoupRow.open.is_(True), RecoupRow.due_at <= now, ~has_item
    query = select(RecoupRow).where(*overdue).order_by(RecoupRow.due_at).limit(AT_ONCE)
    for row in session.scalars(query).all():
        open_item(
            session,
            "RECOUP_OVERDUE",
            row.refund_no,
            case_no=row.case_no,
            refund_no=row.refund_no,
            amount_fen=row.amount_fen - row.recouped_fen,
            now=now,
        )
    for item in _unresolved(session, "RETURN_FAILED"):
        row = session.get(RecoupRow, item.refund_no)
        if row is not None and not row.open:
            cure_item(session, item.kind, item.subject, now)
    for item in _unresolved(session, "RECOUP_OVERDUE"):
        found = session.get(RecoupRow, item.refund_no)
        if found is not None and not (found.open and found.due_at and found.due_at <= now):
            cure_item(session, item.kind, item.subject, now)


def _unresolved(session: Session, kind: str) -> list[ItemRow]:
    query = select(ItemRow).where(ItemRow.kind == kind, ItemRow.state.in_(UNRESOLVED))
    return list(session.scalars(query))
