"""The simulator's own memory. Not a projection: it belongs to the provider, not to the portal."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ProviderRefundRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "provider_refund"

    out_refund_no: Mapped[str] = mapped_column(String(64), primary_key=True)
    transaction_id: Mapped[str] = mapped_column(String(128), index=True)
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    request_digest: Mapped[str] = mapped_column(String(64))
    provider_ref: Mapped[str] = mapped_column(String(64))
    succeeded_at: Mapped[str] = mapped_column(String(30))
