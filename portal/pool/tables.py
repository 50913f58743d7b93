"""Applications for a seat in the pool. They tell of people, so they are no part of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ApplicationRow(db.Model):  # type: ignore[name-defined]
    """`state`: WAITING, APPROVED, DECLINED. `ties` holds [kind, value] pairs as declared."""

    __tablename__ = "pool_application"
    __table_args__ = (Index("ix_pool_application_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), unique=True
    )
    stratum: Mapped[str] = mapped_column(String(30))
    fields: Mapped[list[Any]] = mapped_column(JSON)
    languages: Mapped[list[Any]] = mapped_column(JSON)
    ties: Mapped[list[Any]] = mapped_column(JSON)
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
