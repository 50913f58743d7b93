"""The newest snapshot of each order; the older ones stay in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class OrderRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "order_snapshot"
    __table_args__ = (
        Index("ix_order_snapshot_buyer", "buyer_ref", "ordered_at"),
        Index("ix_order_snapshot_bought", "buyer_ref", "shop_id"),
        {"info": {"projected": True}},
    )

    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    snapshot_at: Mapped[datetime]
    ordered_at: Mapped[datetime]
    buyer_ref: Mapped[str] = mapped_column(String(128))
    shop_id: Mapped[str] = mapped_column(String(128))
    session_id: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(String(300))
    paid_fen: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str] = mapped_column(String(64))
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    file: Mapped[dict[str, Any]] = mapped_column(JSON)
