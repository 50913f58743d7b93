"""Movements of money as lists and monitors read them, and the turns of those who execute them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import db


class MovementRow(db.Model):  # type: ignore[name-defined]
    """Where a movement stands; a function of the case's events. `over`: nothing is left to pay.

    `shop_id` and `buyer_ref` are the case's; `called_at` is the first intent, `heard_at` the last
    step of any kind. `earliest`, `latest`: the promised days of arrival, texts as in the ledger.
    """

    __tablename__ = "movement"
    __table_args__ = (
        Index("ix_movement_case", "case_no", "refund_no"),
        Index("ix_movement_shop", "shop_id", "ordered_at", "refund_no"),
        Index("ix_movement_shop_state", "shop_id", "state", "ordered_at", "refund_no"),
        Index("ix_movement_platform", "platform", "ordered_at", "refund_no"),
        Index("ix_movement_state", "state", "heard_at", "refund_no"),
        Index("ix_movement_paid", "provider", "succeeded_at"),
        Index("ix_movement_ordered", "ordered_at", "refund_no"),
        Index("ix_movement_payment", "platform", "provider_txn"),
        Index("ix_movement_waiting", "state", "waiting", "ordered_at"),
        Index("ix_movement_latest", "state", "channel", "method", "latest"),
        Index("ix_movement_called", "state", "channel", "method", "called_at"),
        {"info": {"projected": True}},
    )

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    shop_id: Mapped[str] = mapped_column(String(128))
    buyer_ref: Mapped[str] = mapped_column(String(128))
    platform: Mapped[str] = mapped_column(String(64))
    payment_id: Mapped[str] = mapped_column(String(128))
    provider_txn: Mapped[str] = mapped_column(String(128), default="")
    rail: Mapped[str] = mapped_column(String(10))
    channel: Mapped[str] = mapped_column(String(20))
    method: Mapped[str] = mapped_column(String(20), default="")
    provider: Mapped[str] = mapped_column(String(20), default="")
    provider_ref: Mapped[str] = mapped_column(String(128), default="")
    route: Mapped[str] = mapped_column(String(20), default="")
    funding: Mapped[str] = mapped_column(String(120), default="")  # ACCOUNT:fen, by commas
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(12))
    attempt: Mapped[int]
    waiting: Mapped[bool]
    over: Mapped[bool]
    ordered_at: Mapped[datetime]
    called_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]
    succeeded_at: Mapped[datetime | None]
    earliest: Mapped[str] = mapped_column(String(10), default="")
    latest: Mapped[str] = mapped_column(String(10), default="")
    certain: Mapped[bool] = mapped_column(default=True)


class TurnRow(db.Model):  # type: ignore[name-defined]
    """Whose turn it is to carry a movement on, and when the next look is due; not projected.

    `next_at` empty: nothing to do until something happens. A worker that takes the turn sets it to
    the end of its lease, so that a dead worker's movements come up again by themselves. `version`
    counts who took it: one that is not the newest any more must not send; `wakes` counts what
    happened meanwhile, so that it is not slept over. `blocked`: what it waits
    for when that is not time alone (APPROVAL, CAP, STOPPED, NOT_AVAILABLE, DECISION).
    """

    __tablename__ = "turn"
    __table_args__ = (
        Index("ix_turn_next_at", "next_at", "refund_no"),
        Index("ix_turn_blocked", "blocked", "refund_no"),
    )

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    next_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)
    wakes: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    blocked: Mapped[str] = mapped_column(String(16), default="")


class PaymentRow(db.Model):  # type: ignore[name-defined]
    """A payment of a buyer and what may still go out of it, in fen; kept over a rebuild.

    `held`: set aside by us; `spent`: paid back by us; `elsewhere`: paid back by the platform on its
    own. The database itself refuses more than was paid. `called_at`: the newest request for it.
    It is known by the provider's number: an order calls its payments as it likes ("pay-1").
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("held_fen + spent_fen + elsewhere_fen <= paid_fen", name="within_paid"),
        CheckConstraint(
            "held_fen >= 0 AND spent_fen >= 0 AND elsewhere_fen >= 0", name="not_negative"
        ),
    )

    platform: Mapped[str] = mapped_column(String(64), primary_key=True)
    provider_txn: Mapped[str] = mapped_column(String(128), primary_key=True)
    paid_fen: Mapped[int] = mapped_column(BigInteger)
    held_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    spent_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    elsewhere_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    elsewhere_count: Mapped[int] = mapped_column(default=0)
    called_at: Mapped[datetime | None]


class ReservationRow(db.Model):  # type: ignore[name-defined]
    """The sum set aside for a movement. `state`: HELD, SPENT or RELEASED; `capped`: it counts
    against its payment (a payout does not); `day` is Beijing's; `steps`: how many steps of the
    movement it has followed, so that a rebuild, which tells the past again, changes nothing."""

    __tablename__ = "reservation"
    __table_args__ = (
        CheckConstraint("state IN ('HELD', 'SPENT', 'RELEASED')", name="state"),
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_reservation_payment", "platform", "provider_txn"),
        Index("ix_reservation_day", "day", "shop_id"),
        Index("ix_reservation_case", "case_no", "refund_no"),
    )

    refund_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_no: Mapped[str] = mapped_column(String(40))
    platform: Mapped[str] = mapped_column(String(64))
    provider_txn: Mapped[str] = mapped_column(String(128))
    shop_id: Mapped[str] = mapped_column(String(128))
    amount_fen: Mapped[int] = mapped_column(BigInteger)
    capped: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    day: Mapped[str] = mapped_column(String(10))
    steps: Mapped[int] = mapped_column(default=0)


class DayRow(db.Model):  # type: ignore[name-defined]
    """What was set aside on a day of Beijing's, in fen. `whose`: a shop's (`platform/number`), or
    empty for all together."""

    __tablename__ = "money_day"
    __table_args__ = (CheckConstraint("fen >= 0", name="fen"),)

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    whose: Mapped[str] = mapped_column(String(200), primary_key=True)
    fen: Mapped[int] = mapped_column(BigInteger, default=0)


class CallRow(db.Model):  # type: ignore[name-defined]
    """One exchange with a provider, written before it begins and completed with the raw answer.

    `kind`: SUBMIT, QUERY, NOTICE (theirs), ABNORMAL or ABNORMAL_SHOP. `number` is the attempt's;
    `call` counts the requests of a kind under it, and for a notice is 0. `subject`: the notice's
    own id. `answered_at` empty: nobody lived to see the answer.
    """

    __tablename__ = "provider_call"
    __table_args__ = (
        UniqueConstraint("provider", "kind", "number", "call", "subject"),
        Index("ix_provider_call_refund", "refund_no", "id"),
        Index("ix_provider_call_sent", "provider", "sent_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    refund_no: Mapped[str] = mapped_column(String(40))
    case_no: Mapped[str] = mapped_column(String(40))
    provider: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(16))
    number: Mapped[str] = mapped_column(String(64))
    call: Mapped[int]
    subject: Mapped[str] = mapped_column(String(128), default="")
    request_digest: Mapped[str] = mapped_column(String(64), default="")
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    status: Mapped[int] = mapped_column(default=0)
    raw: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    verified: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(String(16), default="")
    code: Mapped[str] = mapped_column(String(128), default="")


class BreakerRow(db.Model):  # type: ignore[name-defined]
    """A provider that does not answer is left alone for a while: `failures` in a row, and until
    when nobody asks. Then one call tries it."""

    __tablename__ = "breaker"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
