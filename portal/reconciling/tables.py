"""Days held against the bills, what differed, and what of ours a provider should have listed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db

PROJECTED = {"info": {"projected": True}}


class PaidRow(db.Model):  # type: ignore[name-defined]
    """One attempt that the provider reported as paid, by the ledger; also when it was taken back.

    `day` is the Beijing date of the provider's own time. `kind`: REFUND or PAYOUT, of which bills
    list only the first. `reversed`: it turned out not to be one.
    """

    __tablename__ = "paid"
    __table_args__ = (
        Index("ix_paid_day", "provider", "day", "kind", "number"),
        Index("ix_paid_case", "case_no"),
        PROJECTED,
    )

    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    refund_no: Mapped[str] = mapped_column(String(40))
    case_no: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    provider: Mapped[str] = mapped_column(String(20))
    provider_ref: Mapped[str] = mapped_column(String(128))
    day: Mapped[str] = mapped_column(String(10))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    reversed: Mapped[bool]


class DayRow(db.Model):  # type: ignore[name-defined]
    """The newest result of one provider's day, as RECONCILED says it."""

    __tablename__ = "reconciled_day"
    __table_args__ = (Index("ix_reconciled_day_day", "day", "provider"), PROJECTED)

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    result: Mapped[str] = mapped_column(String(10))
    bill_digest: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int] = mapped_column(BigInteger)
    matched: Mapped[int] = mapped_column(BigInteger)
    differences: Mapped[int] = mapped_column(BigInteger)
    bill_fen: Mapped[int] = mapped_column(BigInteger)
    ledger_fen: Mapped[int] = mapped_column(BigInteger)
    journal_fen: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[datetime]
    entry_index: Mapped[int] = mapped_column(BigInteger)


class DifferenceRow(db.Model):  # type: ignore[name-defined]
    """One thing in which a day's bill and our record differ. Its item says who owns it, until when.

    `place` tells rows of one number apart: the bill's line for what is only in the bill, else 0.
    `found_at` is the first time; `gone_at` is set by the first later run that no longer finds it.
    `raw`: the bill's own line, for the operator only.
    """

    __tablename__ = "difference"
    __table_args__ = (
        Index("ix_difference_key", "provider", "day", "kind", "number", "place", unique=True),
        Index("ix_difference_day", "provider", "day", "id"),
        Index("ix_difference_number", "number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    day: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    number: Mapped[str] = mapped_column(String(128))
    place: Mapped[int]
    refund_no: Mapped[str] = mapped_column(String(40), default="")
    case_no: Mapped[str] = mapped_column(String(40), default="")
    bill_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    our_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    bill_state: Mapped[str] = mapped_column(String(20), default="")
    our_state: Mapped[str] = mapped_column(String(20), default="")
    raw: Mapped[str] = mapped_column(Text, default="")
    run: Mapped[str] = mapped_column(String(32))
    found_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


class StrayRow(db.Model):  # type: ignore[name-defined]
    """A row that a bill lists under another day than we do, as happens around midnight."""

    __tablename__ = "bill_stray"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    bill_day: Mapped[str] = mapped_column(String(10))
    our_day: Mapped[str] = mapped_column(String(10))


class WishRow(db.Model):  # type: ignore[name-defined]
    """A day that an operator wants looked at again; the worker's next minute takes it."""

    __tablename__ = "reconcile_wish"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    asked_at: Mapped[datetime]
