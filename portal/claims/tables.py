"""A claim while it is being written. Plain SQL: nobody needs a proof of what was never sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ClaimDraft(db.Model):  # type: ignore[name-defined]
    """One claim of one order. `slot` holds the order's place while the draft is unsent, so two
    tabs write one claim; a sent draft leaves it free."""

    __tablename__ = "claim_draft"
    __table_args__ = (Index("ix_claim_draft_buyer", "platform", "buyer_ref", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot: Mapped[str | None] = mapped_column(String(64), unique=True)
    account_id: Mapped[int]
    buyer_ref: Mapped[str] = mapped_column(String(128))
    platform: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(128))
    line_ids: Mapped[list[str]] = mapped_column(JSON)
    reason_code: Mapped[str] = mapped_column(String(40))
    secondary_codes: Mapped[list[str]] = mapped_column(JSON)
    received_goods: Mapped[bool]
    text: Mapped[str] = mapped_column(Text, default="")
    remedies: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    promise_ids: Mapped[list[str]] = mapped_column(JSON)
    kid: Mapped[str] = mapped_column(String(64))
    case_no: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
