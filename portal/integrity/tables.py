"""The docket in lists, and the counter that keeps it from being flooded."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class ReportRow(db.Model):  # type: ignore[name-defined]
    """One report as its entries make it. `state`: OPEN, ANSWERED, DECIDED."""

    __tablename__ = "integrity_report"
    __table_args__ = (
        Index("ix_integrity_report_state", "state", "reported_at", "report_no"),
        Index("ix_integrity_report_reported", "reported_at", "report_no"),
        Index("ix_integrity_report_about", "about", "reported_at"),
        {"info": {"projected": True}},
    )

    report_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    flag: Mapped[str] = mapped_column(String(30))
    about: Mapped[str] = mapped_column(String(128))
    case_no: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(Text)
    reported_by: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    reported_at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    finding: Mapped[str] = mapped_column(String(20), default="")
    action: Mapped[str] = mapped_column(String(20), default="")
    decision: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[datetime | None]


class SenderRow(db.Model):  # type: ignore[name-defined]
    """How many reports came today from one address, which is kept only as a digest of the day."""

    __tablename__ = "integrity_sender"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    sender: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
