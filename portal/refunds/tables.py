"""Movements of money as lists and monitors read them, and the turns of those who execute them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class MovementRow(db.Model):  # type: ignore[name-defined]
    """Where a movement stands; a function of the case's events. `over`: nothing is left to pay.

    `shop_id` and `buyer_ref` are the case's; `called_at` is the first intent, `heard_at` the last
    step of any kind. `earliest`, `latest`: the promised days of arrival, texts as in the ledger.
    """

    __tablename__ = "movement"
    __table_args__ = (
        Index("ix_movement_case", "case_no", "refund_no"),
        Index("ix_movement_shop", "shop_id", "ordered_at", "refund_no"),
        Index("ix_movement_state", "state", "heard_at", "refund_no"),
        Index("ix_movement_paid", "provider", "succeeded_at"),
        Index("ix_movement_ordered", "ordered_at", "refund_no"),
        Index("ix_movement_payment", "platform", "payment_id"),
        {"info": {"projected": True}},
    )

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    shop_id: Mapped[str] = mapped_column(String(128))
    buyer_ref: Mapped[str] = mapped_column(String(128))
    platform: Mapped[str] = mapped_column(String(64))
    payment_id: Mapped[str] = mapped_column(String(128))
    rail: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20))
    provider: Mapped[str] = mapped_column(String(20), default="")
    provider_ref: Mapped[str] = mapped_column(String(128), default="")
    route: Mapped[str] = mapped_column(String(20), default="")
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))
    attempt: Mapped[int]
    waiting: Mapped[bool]
    over: Mapped[bool]
    ordered_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    earliest: Mapped[str] = mapped_column(String(10), default="")
    latest: Mapped[str] = mapped_column(String(10), default="")


class TurnRow(db.Model):  # type: ignore[name-defined]
    """Whose turn it is to carry a movement on, and when the next look is due; not projected.

    `next_at` empty: nothing to do until something happens. A worker that takes the turn sets it to
    the end of its lease, so that a dead worker's movements come up again by themselves.
    """

    __tablename__ = "turn"
    __table_args__ = (Index("ix_turn_next_at", "next_at", "refund_no"),)

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    next_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)


class ProviderRefundRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "provider_refund"

    out_refund_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(String(128), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    request_digest: Mapped[str] = mapped_column(String(64))
    provider_ref: Mapped[str] = mapped_column(String(64))
    succeeded_at: Mapped[str] = mapped_column(String(30))
