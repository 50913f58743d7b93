"""The pool as enrolled."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ReviewerRow(db.Model):  # type: ignore[name-defined]
    __tablename__ = "reviewer"
    __table_args__ = {"info": {"projected": True}}

    reviewer_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(30))
    weight: Mapped[int]
    fields: Mapped[list[Any]] = mapped_column(JSON)
