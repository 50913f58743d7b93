"""The pool: who may be drawn, how the entry test went, and what ties each reviewer has.

The first two tables are projections of the stream `pool`. Ties are not: what somebody tells of
family and work stays out of a ledger that forgets nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db

PROJECTED = {"info": {"projected": True}}


class ReviewerRow(db.Model):  # type: ignore[name-defined]
    """One reviewer as the pool's stream makes them; `passed` counts practice cases met."""

    __tablename__ = "reviewer"
    __table_args__ = (
        Index("ix_reviewer_state", "state", "stratum", "reviewer_id"),
        Index("ix_reviewer_state_id", "state", "reviewer_id"),
        Index("ix_reviewer_stratum", "stratum", "reviewer_id"),
        PROJECTED,
    )

    reviewer_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    stratum: Mapped[str] = mapped_column(String(30))
    weight: Mapped[int]
    fields: Mapped[list[Any]] = mapped_column(JSON)
    languages: Mapped[list[Any]] = mapped_column(JSON)
    quota: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(Text, default="")
    how: Mapped[str] = mapped_column(String(10))
    joined_at: Mapped[datetime]
    passed: Mapped[int] = mapped_column(default=0)


class PracticeRow(db.Model):  # type: ignore[name-defined]
    """One practice case as one reviewer judged it; a repetition is a row of its own."""

    __tablename__ = "practice"
    __table_args__ = (Index("ix_practice_reviewer", "reviewer_id", "id"), PROJECTED)

    id: Mapped[int] = mapped_column(primary_key=True)
    reviewer_id: Mapped[str] = mapped_column(String(128))
    practice: Mapped[str] = mapped_column(String(40))
    choice: Mapped[str] = mapped_column(String(30))
    passed: Mapped[bool]
    at: Mapped[datetime]


class ReviewerTie(db.Model):  # type: ignore[name-defined]
    """Something that keeps a reviewer away from some cases.

    `kind`: BUYER_REF (their own reference as a buyer), MERCHANT and SHOP (run by them), WORKED_FOR
    (shop or company), RELATIVE_OF (buyer, shop or company of a relative), COMPETITOR (of a company
    they have a stake in), ADDRESS and DEVICE (digests). `source`: DECLARED, IMPORTED, OBSERVED.
    """

    __tablename__ = "reviewer_tie"
    __table_args__ = (Index("ix_reviewer_tie_value", "value", "kind", "reviewer_id"),)

    reviewer_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    source: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime]


class OpenedExhibit(db.Model):  # type: ignore[name-defined]
    """A reviewer has opened an exhibit; "REPLAY" stands for the recording. Goes into the ledger
    with the ballot. Of the reviewer, not of the seat: whoever steps in has opened nothing."""

    __tablename__ = "opened_exhibit"

    case_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    reviewer_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    number: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime]
