"""Who looked at which case. Plain SQL: a look changes nothing that happened in the case."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class CaseView(db.Model):  # type: ignore[name-defined]
    """One look by somebody of the association or the operator."""

    __tablename__ = "case_view"
    __table_args__ = (
        Index("ix_case_view_case", "case_no", "at"),
        Index("ix_case_view_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    case_no: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
