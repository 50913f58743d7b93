"""What the ledger says of items, carried into their rows; a lost row is made again, resolved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.tables import EntryRow
from portal.events import ItemEscalated, ItemResolved
from portal.files import Files
from portal.monitors.escalation import AT_THE_TOP
from portal.monitors.items import add_step
from portal.monitors.tables import ItemRow
from portal.times import moment


def project_resolved(session: Session, event: ItemResolved, files: Files) -> None:
    row = session.get(ItemRow, event.item_no) or _made_again(session, event)
    if row.how == "BY_HAND":
        return  # a rebuild: its history has the line already
    at = _recorded_at(session)
    row.state, row.how, row.open_key = "RESOLVED", "BY_HAND", None
    row.closed_at, row.next_at = at, None
    add_step(session, row.item_no, "RESOLVED", at, text=event.text)


def project_escalated(session: Session, event: ItemEscalated, files: Files) -> None:
    """An item that a restored database does not know is opened anew by the watch."""
    row = session.get(ItemRow, event.item_no)
    if row is not None and row.level < event.level:
        at = _recorded_at(session)
        row.level, row.owner, row.next_at = event.level, "ASSOCIATION", None
        row.deadline = at + AT_THE_TOP
        add_step(session, row.item_no, "RAISED", at)


def _made_again(session: Session, event: ItemResolved) -> ItemRow:
    opened_at = moment(event.opened_at)
    row = ItemRow(
        item_no=event.item_no,
        kind=event.kind,
        subject=event.subject,
        owner="OPERATOR",
        state="RESOLVED",
        opened_at=opened_at,
        deadline=opened_at,
    )
    session.add(row)
    return row


def _recorded_at(session: Session) -> datetime:
    """The time of the entry that is being projected: the newest row there is."""
    return moment(session.scalars(select(EntryRow.at).order_by(EntryRow.index.desc())).first())
