"""Messages are plain SQL: they leave once, and a rebuild sends none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class MessageRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("entry_index", "recipient"),
        Index("ix_message_recipient", "recipient", "id"),
        Index("ix_message_unread", "recipient", "read_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_index: Mapped[int] = mapped_column(BigInteger)
    recipient: Mapped[str] = mapped_column(String(160))
    case_no: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(200))
    posted_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
