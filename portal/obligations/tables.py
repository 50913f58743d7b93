"""Obligations in kind as lists and the sweep read them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ObligationRow(db.Model):  # type: ignore[name-defined]
    """Where an obligation stands; a function of the case's events.

    `turn`: MERCHANT, PLATFORM, BUYER, OFFICER, or empty when it is over. `due_at` is empty then,
    so the sweep finds what is due along one index.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        Index("ix_obligation_due", "due_at", "case_no", "number"),
        Index("ix_obligation_shop", "shop_id", "turn", "due_at"),
        Index("ix_obligation_platform", "platform", "turn", "due_at"),
        Index("ix_obligation_turn", "turn", "due_at"),
        Index("ix_obligation_state", "state", "heard_at", "case_no"),
        {"info": {"projected": True}},
    )

    case_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[str] = mapped_column(String(8), primary_key=True)
    code: Mapped[str] = mapped_column(String(30))
    debtor: Mapped[str] = mapped_column(String(10))
    shop_id: Mapped[str] = mapped_column(String(128))
    shop: Mapped[str] = mapped_column(String(200))
    platform: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(12))
    turn: Mapped[str] = mapped_column(String(10), default="")
    fallback: Mapped[str] = mapped_column(String(10))
    fallback_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    ordered_at: Mapped[datetime]
    heard_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
