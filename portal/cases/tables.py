"""Rows that lists, queues and case pages read. All of them can be dropped and replayed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db

PROJECTED = {"info": {"projected": True}}


class EntryRow(db.Model):  # type: ignore[name-defined]
    """One ledger entry, its bytes as stored and its content as far as the keys open it."""

    __tablename__ = "entry"
    __table_args__ = (Index("ix_entry_stream_seq", "stream", "seq", unique=True), PROJECTED)

    index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(80))
    seq: Mapped[int]
    code: Mapped[str] = mapped_column(String(40))
    at: Mapped[str] = mapped_column(String(30))
    kid: Mapped[str] = mapped_column(String(64))
    raw: Mapped[str] = mapped_column(Text)
    disclosures: Mapped[str] = mapped_column(Text)


class ProjectedTo(db.Model):  # type: ignore[name-defined]
    """How many entries the rows hold; written in the same transaction as the rows."""

    __tablename__ = "projected_to"
    __table_args__ = PROJECTED

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)


class EffectsTo(db.Model):  # type: ignore[name-defined]
    """Up to which entry effects have left. A rebuild keeps it: nobody is told or paid twice."""

    __tablename__ = "effects_to"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)


class CaseRow(db.Model):  # type: ignore[name-defined]
    """A case in lists: state, whose turn, until when."""

    __tablename__ = "case_file"
    __table_args__ = (
        Index("ix_case_file_shop_due", "shop_id", "state", "due_at", "case_no"),
        Index("ix_case_file_shop_state", "shop_id", "state", "filed_at", "case_no"),
        Index("ix_case_file_buyer", "buyer_ref", "filed_at"),
        Index("ix_case_file_bought", "buyer_ref", "shop_id"),
        Index("ix_case_file_due", "open", "due_at"),
        Index("ix_case_file_todo", "todo", "updated_at", "case_no"),
        Index("ix_case_file_officer", "officer", "due_at", "case_no"),
        Index("ix_case_file_order", "platform", "order_id"),
        Index("ix_case_file_filed", "filed_at", "case_no"),
        Index("ix_case_file_outcome", "outcome", "filed_at", "case_no"),
        Index("ix_case_file_state", "state", "filed_at", "case_no"),
        Index("ix_case_file_reason", "reason_code", "filed_at", "case_no"),
        Index("ix_case_file_shop", "shop_id", "filed_at", "case_no"),
        Index("ix_case_file_shop_name", "shop", "filed_at", "case_no"),
        Index("ix_case_file_merchant", "merchant_id", "filed_at", "case_no"),
        Index("ix_case_file_voids", "voids", "filed_at", "case_no"),
        Index("ix_case_file_void_proposed", "void_proposed", "state", "case_no"),
        Index("ix_case_file_session", "session_id", "filed_at", "case_no"),
        PROJECTED,
    )

    case_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(30))
    open: Mapped[bool]
    platform: Mapped[str] = mapped_column(String(64))
    order_id: Mapped[str] = mapped_column(String(128))
    buyer_ref: Mapped[str] = mapped_column(String(128))
    shop_id: Mapped[str] = mapped_column(String(128))
    shop: Mapped[str] = mapped_column(String(200))
    merchant_id: Mapped[str] = mapped_column(String(128))
    session_id: Mapped[str | None] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(String(300))
    reason_code: Mapped[str] = mapped_column(String(40))
    claimed_fen: Mapped[int] = mapped_column(BigInteger)
    refund_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    outcome: Mapped[str] = mapped_column(String(30), default="")
    clock: Mapped[str] = mapped_column(String(30), default="")
    due_at: Mapped[datetime | None]
    todo: Mapped[str] = mapped_column(String(10), default="")
    officer: Mapped[str] = mapped_column(String(10), default="")
    turn: Mapped[str] = mapped_column(String(10), default="")
    seats: Mapped[int] = mapped_column(default=0)
    voted: Mapped[int] = mapped_column(default=0)
    voids: Mapped[int] = mapped_column(default=0)
    void_proposed: Mapped[bool] = mapped_column(default=False)
    filed_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_index: Mapped[int] = mapped_column(BigInteger)


class SeatRow(db.Model):  # type: ignore[name-defined]
    """A reviewer on a panel. Nobody sits twice in one case, so the pair is the key.

    `state`: INVITED, ACCEPTED, LEFT (`why` as in RECUSAL), or ENDED when the panel was voided or
    its ruling appealed. Only ACCEPTED opens the case file to the reviewer.
    """

    __tablename__ = "seat"
    __table_args__ = (Index("ix_seat_reviewer", "reviewer_id", "state", "voted"), PROJECTED)

    case_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    reviewer_id: Mapped[str] = mapped_column(String(128), primary_key=True)
    panel: Mapped[int] = mapped_column(default=1)
    number: Mapped[int]
    stratum: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10))
    why: Mapped[str] = mapped_column(String(10), default="")
    voted: Mapped[bool] = mapped_column(default=False)


class CaseNumber(db.Model):  # type: ignore[name-defined]
    """The counter behind case numbers, one row a year; gaps are harmless."""

    __tablename__ = "case_number"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
