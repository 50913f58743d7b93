"""Sessions and the promises found in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db

PROJECTED = {"info": {"projected": True}}


class LivestreamRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "livestream"
    __table_args__ = (
        Index("ix_livestream_host", "host"),
        Index("ix_livestream_merchant", "merchant"),
        PROJECTED,
    )

    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    room_title: Mapped[str] = mapped_column(String(300))
    host: Mapped[str] = mapped_column(String(200))
    merchant_id: Mapped[str] = mapped_column(String(128))
    merchant: Mapped[str] = mapped_column(String(200))
    shop_id: Mapped[str] = mapped_column(String(128), index=True)
    shop: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    duration_ms: Mapped[int]
    products: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    session: Mapped[dict[str, Any]] = mapped_column(JSON)
    replay: Mapped[dict[str, Any]] = mapped_column(JSON)
    transcript: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    chat: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class PromiseRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "promise"
    __table_args__ = (
        Index("ix_promise_product", "platform", "session_id", "product_id", "start_ms"),
        PROJECTED,
    )

    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    promise_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    product_id: Mapped[str | None] = mapped_column(String(128))
    kind: Mapped[str] = mapped_column(String(30))
    source: Mapped[str] = mapped_column(String(30))
    verification: Mapped[str] = mapped_column(String(30))
    text: Mapped[str] = mapped_column(Text)
    context: Mapped[str] = mapped_column(Text)
    start_ms: Mapped[int]
    end_ms: Mapped[int]
    at: Mapped[str] = mapped_column(String(40))
    multiplier: Mapped[int | None]
    correction: Mapped[str | None] = mapped_column(Text)
