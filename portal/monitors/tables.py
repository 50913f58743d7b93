"""Items and what was done about them. Not projected: an item is made by looking, not by an event;
only its escalation and its end are events, and they are carried over from the ledger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ItemRow(db.Model):  # type: ignore[name-defined]
    """Something about money that a person must see. `state`: OPEN, TAKEN, RESOLVED.

    `open_key` names kind and subject while the item is not resolved, so that there is one at a
    time. `level`: 0 the owner's, 1 the advance is offered, 2 the association sees it. `next_at`:
    when it rises, empty at the top. `how`: CURED or BY_HAND.
    """

    __tablename__ = "item"
    __table_args__ = (
        Index("ix_item_state", "state", "deadline", "item_no"),
        Index("ix_item_kind", "kind", "state", "deadline", "item_no"),
        Index("ix_item_level", "level", "state", "deadline", "item_no"),
        Index("ix_item_next", "next_at"),
        Index("ix_item_closed", "state", "closed_at", "item_no"),
        Index("ix_item_case", "case_no", "opened_at"),
    )

    item_no: Mapped[str] = mapped_column(String(20), primary_key=True)
    open_key: Mapped[str | None] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(128))
    case_no: Mapped[str] = mapped_column(String(40), default="")
    refund_no: Mapped[str] = mapped_column(String(40), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    owner: Mapped[str] = mapped_column(String(16))
    taken_by: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    level: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    deadline: Mapped[datetime]
    next_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    how: Mapped[str] = mapped_column(String(10), default="")


class ItemStepRow(db.Model):  # type: ignore[name-defined]
    """One line of an item's history. `what`: OPENED, TAKEN, REMINDED, OFFERED,
    RAISED, CURED, ADVANCED, RESOLVED."""

    __tablename__ = "item_step"
    __table_args__ = (Index("ix_item_step_item", "item_no", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_no: Mapped[str] = mapped_column(String(20))
    what: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80), default="")
    text: Mapped[str] = mapped_column(Text, default="")
