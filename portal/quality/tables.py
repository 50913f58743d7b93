"""What a night's run found. Not a projection: it can be made again, but by its own run only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class QualityReport(db.Model):  # type: ignore[name-defined]
    """One quarter; `log_size`: how many entries of the log the figures were made from."""

    __tablename__ = "quality_report"

    quarter: Mapped[str] = mapped_column(String(6), primary_key=True)
    made_at: Mapped[datetime]
    log_size: Mapped[int] = mapped_column(BigInteger)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)


class QualityProposal(db.Model):  # type: ignore[name-defined]
    """Something the figures ask a person to look at. `state`: NEW, TAKEN, DISMISSED."""

    __tablename__ = "quality_proposal"
    __table_args__ = (Index("ix_quality_proposal_state", "state", "found_at", "key"),)

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    flag: Mapped[str] = mapped_column(String(30))
    about: Mapped[list[Any]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    found_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text, default="")
    report_no: Mapped[str] = mapped_column(String(40), default="")
