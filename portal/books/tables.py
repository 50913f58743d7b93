"""Rows of the books.

The journal is kept through a rebuild and written once: the database itself refuses to change or
remove a row. A row is one transfer, so whatever is summed over all accounts is zero by its shape;
the view `journal_line` gives the same as signed lines of double entry.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    Index,
    String,
    column,
    event,
    table,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.books.triggers import AFTER, BEFORE
from portal.database import Moment, db


class JournalRow(db.Model):  # type: ignore[name-defined]
    """One transfer of a transaction, with the ledger entry it follows from."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="positive"),
        CheckConstraint("debit <> credit", name="two_accounts"),
        Index("ix_journal_entry_case", "case_no", "entry_index", "line"),
        Index("ix_journal_entry_debit", "debit", "entry_index", "line"),
        Index("ix_journal_entry_credit", "credit", "entry_index", "line"),
        Index("ix_journal_entry_day", "credit", "day"),
        Index("ix_journal_entry_day_back", "debit", "day"),
    )

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    txn: Mapped[str] = mapped_column(String(70))
    line: Mapped[int]
    case_no: Mapped[str] = mapped_column(String(40))
    refund_no: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))
    part: Mapped[str] = mapped_column(String(6))
    debit: Mapped[str] = mapped_column(String(220))
    credit: Mapped[str] = mapped_column(String(220))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime]
    day: Mapped[str] = mapped_column(String(10))
    entry_index: Mapped[int] = mapped_column(BigInteger)
    entry_digest: Mapped[str] = mapped_column(String(64))


class AccountRow(db.Model):  # type: ignore[name-defined]
    """The sums of an account, kept with the postings; the journal is what counts."""

    __tablename__ = "journal_account"
    __table_args__ = (
        Index("ix_journal_account_kind", "kind", "account"),
        Index("ix_journal_account_shop", "shop_id", "kind"),
    )

    account: Mapped[str] = mapped_column(String(220), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    platform: Mapped[str] = mapped_column(String(64), default="")
    shop_id: Mapped[str] = mapped_column(String(128), default="")
    in_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    out_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    lines: Mapped[int] = mapped_column(BigInteger, default=0)


class DepositRow(db.Model):  # type: ignore[name-defined]
    """A shop's deposit: what the platform last reported, less what was taken out since.

    `short_fen`: what was taken before a later report said that less was there. `low`: the platform
    has reported, and less than the floor is left. Not projected: sums are held before the ledger
    says so.
    """

    __tablename__ = "deposit"
    __table_args__ = (
        CheckConstraint("available_fen >= 0", name="not_below_zero"),
        CheckConstraint("short_fen >= 0", name="short"),
        Index("ix_deposit_shop", "shop_id", "platform"),
        Index("ix_deposit_low", "low", "platform", "shop_id"),
    )

    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    shop_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    account: Mapped[str] = mapped_column(String(128), default="")
    reported_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    reported_at: Mapped[datetime | None]
    floor_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    available_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    short_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    low: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=0)


class FundingRow(db.Model):  # type: ignore[name-defined]
    """Out of which pockets a movement's sum is held. `state`: HELD, SPENT or RELEASED.

    `reservation` counts the RESERVED steps: the row may be one ahead of the ledger, because a sum
    is held before the step is written down.
    """

    __tablename__ = "funding"
    __table_args__ = (Index("ix_funding_shop", "platform", "shop_id", "state", "spent_at"),)

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    platform: Mapped[str] = mapped_column(String(64))
    shop_id: Mapped[str] = mapped_column(String(128))
    reservation: Mapped[int]
    advanced: Mapped[bool]
    payable_fen: Mapped[int] = mapped_column(BigInteger)
    deposit_fen: Mapped[int] = mapped_column(BigInteger)
    advance_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    spent_at: Mapped[datetime | None]


class RecoupRow(db.Model):  # type: ignore[name-defined]
    """What the platform advanced in a movement and what came back; due once it was paid out."""

    __tablename__ = "recoup"
    __table_args__ = (
        Index("ix_recoup_due", "open", "due_at", "refund_no"),
        Index("ix_recoup_shop", "shop_id", "open", "due_at"),
        {"info": {"projected": True}},
    )

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    platform: Mapped[str] = mapped_column(String(64))
    shop_id: Mapped[str] = mapped_column(String(128))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    recouped_fen: Mapped[int] = mapped_column(BigInteger)
    open: Mapped[bool]
    paid_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


# Not a model, or every comparison with the migrations would miss a table of this name.
JOURNAL_LINE = table(
    "journal_line",
    *map(column, ("id", "txn", "line", "case_no", "refund_no", "kind", "part", "account")),
    column("amount_fen", BigInteger()),
    *map(column, ("currency", "day")),
    column("at", Moment()),
    *map(column, ("entry_index", "entry_digest", "other")),
)

for moment, wanted in (("after_create", AFTER), ("before_drop", BEFORE)):
    for dialect, statements in wanted.items():
        for statement in statements:
            ddl = DDL(statement).execute_if(dialect=dialect)
            event.listen(JournalRow.__table__, moment, ddl)
