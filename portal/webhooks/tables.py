"""Who is told, and every telling with what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class SubscriptionRow(db.Model):  # type: ignore[name-defined]
    """An address of a platform. Its secret is derived and nowhere stored; `secret_version` and
    `rotated_at` say from what. `events`: codes by commas, empty for all. `ended_why`: GONE (the
    receiver answered so) or FAILING; empty while enabled, or when a person switched it off.
    """

    __tablename__ = "webhook_subscription"
    __table_args__ = (Index("ix_webhook_subscription_platform", "platform", "enabled"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[str] = mapped_column(String(500), default="")
    secret_version: Mapped[int] = mapped_column(default=1)
    rotated_at: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    ended_why: Mapped[str] = mapped_column(String(20), default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(128))


class DeliveryRow(db.Model):  # type: ignore[name-defined]
    """One message to one address. `state`: PENDING, DELIVERED or GIVEN_UP.

    `next_at` empty: nothing to do now. Whoever sends it first moves `next_at` to the end of a
    lease and counts `attempts`, so a dead worker's message is sent again, with the same id.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("subscription_id", "message_id", name="uq_webhook_delivery_message"),
        Index("ix_webhook_delivery_next_at", "next_at", "id"),
        Index("ix_webhook_delivery_subscription", "subscription_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subscription_id: Mapped[str] = mapped_column(
        String(40), ForeignKey("webhook_subscription.id", ondelete="CASCADE")
    )
    message_id: Mapped[str] = mapped_column(String(80))
    type: Mapped[str] = mapped_column(String(40))
    case_no: Mapped[str] = mapped_column(String(40))
    content: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12), default="PENDING")
    created_at: Mapped[datetime]
    next_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime | None]  # first attempt since it was created or asked for again
    answered_at: Mapped[datetime | None]
    status: Mapped[int] = mapped_column(default=0)  # HTTP; 0 when nothing came
    error: Mapped[str] = mapped_column(String(40), default="")
