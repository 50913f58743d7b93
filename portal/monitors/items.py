"""To open an item, and to close it when its condition is gone. In the caller's transaction.

One item at a time stands open for a kind and a subject, by a unique key: opened twice, from two
workers at once or a minute later, it is there once.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime

from sqlalchemy import select, update

from portal.database import AnySession
from portal.inserting import insert_absent
from portal.monitors.kinds import KINDS
from portal.monitors.tables import ItemRow, ItemStepRow
from portal.times import stamp

MOST_SUBJECT = 128
MOST_NOTE = 2000
FIRST_OWNER = "OPERATOR"


def open_item(
    session: AnySession,
    kind: str,
    subject: str,
    *,
    case_no: str = "",
    refund_no: str = "",
    amount_fen: int = 0,
    note: str = "",
    now: datetime,
) -> None:
    """Open it unless it is open. For a movement the subject is its refund_no: only then can the
    watch close it again. `note` is a sentence or the provider's word. KeyError: no such kind."""
    subject = subject[:MOST_SUBJECT]
    deadline = now + KINDS[kind].patience
    values = {
        "item_no": item_no_of(kind, subject, now),
        "open_key": open_key_of(kind, subject),
        "kind": kind,
        "subject": subject,
        "case_no": case_no,
        "refund_no": refund_no,
        "amount_fen": amount_fen,
        "note": note[:MOST_NOTE],
        "owner": FIRST_OWNER,
        "state": "OPEN",
        "level": 0,
        "opened_at": now,
        "deadline": deadline,
        "next_at": deadline,
        "how": "",
    }
    if insert_absent(session, ItemRow, **values):
        add_step(session, str(values["item_no"]), "OPENED", now, text=note[:MOST_NOTE])


def count_item(
    session: AnySession, kind: str, subject: str, times: int, note: str, now: datetime
) -> None:
    """Open it, or add to how often that happened while it stands open; its note begins with the
    count, ``12 x …``. Of two that count at the same moment one may be missing."""
    mine = ItemRow.open_key == open_key_of(kind, subject[:MOST_SUBJECT])
    before = session.scalar(select(ItemRow.note).where(mine))
    counted = f"{times + _count_in(before or '')} x {note}"[:MOST_NOTE]
    if before is None:
        open_item(session, kind, subject, note=counted, now=now)
    else:
        session.execute(update(ItemRow).where(mine).values(note=counted))


def _count_in(note: str) -> int:
    count, _x, _note = note.partition(" x ")
    return int(count) if count.isdecimal() else 0


def cure_item(session: AnySession, kind: str, subject: str, now: datetime, text: str = "") -> None:
    """Close an open item because its condition is gone; nothing happens where none is open."""
    key = open_key_of(kind, subject[:MOST_SUBJECT])
    closing = update(ItemRow).where(ItemRow.open_key == key).returning(ItemRow.item_no)
    gone = {"open_key": None, "state": "RESOLVED", "closed_at": now, "next_at": None}
    for item_no in session.scalars(closing.values(**gone, how="CURED")).all():
        add_step(session, item_no, "CURED", now, text=text)


def forget_items(session: AnySession, case_no: str, now: datetime) -> None:
    """Of an erased case: what anybody wrote goes, and nothing more can be put on its record."""
    mine = ItemRow.case_no == case_no
    still = select(ItemRow.kind, ItemRow.subject).where(mine, ItemRow.open_key.is_not(None))
    for kind, subject in session.execute(still).all():
        cure_item(session, kind, subject, now)
    session.execute(update(ItemRow).where(mine).values(note=""))
    said = ItemStepRow.item_no.in_(select(ItemRow.item_no).where(mine))
    session.execute(
        update(ItemStepRow).where(said).values(text=""),
        execution_options={"synchronize_session": False},
    )


def add_step(
    session: AnySession, item_no: str, what: str, at: datetime, by: str = "", text: str = ""
) -> None:
    """One line of its history."""
    session.add(ItemStepRow(item_no=item_no, what=what, at=at, by=by, text=text))


def open_key_of(kind: str, subject: str) -> str:
    return f"{kind}/{subject}"


def item_no_of(kind: str, subject: str, opened_at: datetime) -> str:
    """``IT-`` and twelve signs, the same wherever the same item is made again."""
    named = "\n".join((kind, subject, stamp(opened_at))).encode()
    return "IT-" + base64.b32encode(hashlib.sha256(named).digest()[:10]).decode()[:12]
