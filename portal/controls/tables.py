"""The limits and switches as they stand now; who set them, when and why is in the ledger."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ControlRow(db.Model):  # type: ignore[name-defined]
    """The newest value of a control. `subject`: a shop (`platform/number`), provider or
    account; empty for all."""

    __tablename__ = "control"
    __table_args__ = ({"info": {"projected": True}},)

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
