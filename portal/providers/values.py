"""What goes to a provider and what comes back, in one form for all of them.

Money is integer fen; the adapters convert where a provider speaks yuan. Times are RFC 3339 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What is known after an answer. Only the first four, CLOSED and REFUSED are ever booked."""

    SUCCESS = "SUCCESS"
    PROCESSING = "PROCESSING"
    ABNORMAL = "ABNORMAL"  # paid out, and the payer's account could not take it; not final
    CLOSED = "CLOSED"  # ended without paying; a later attempt needs a new number
    REFUSED = "REFUSED"  # signed: will not be done; believed once a query finds nothing
    NOT_ENOUGH = "NOT_ENOUGH"  # signed: the paying account is short; the same number again later
    BUSY = "BUSY"  # not accepted, ask again later (429, frequency limits)
    NOT_FOUND = "NOT_FOUND"  # of a query: never heard of it; believed after the quiet time
    UNKNOWN = "UNKNOWN"  # no answer, a broken or an unsigned one: it may have happened


@dataclass(frozen=True)
class Transfer:
    """One attempt at one movement. `kind`: REFUND out of a payment, or PAYOUT beyond it."""

    kind: str
    number: str  # the attempt's, e.g. R20260000001n1a1
    amount_fen: int
    total_fen: int  # of the payment, with the provider's coupons
    provider_txn: str
    merchant_txn: str
    merchant_account: str
    sub_merchant: str = ""
    paid_at: str = ""
    advance: bool = False  # out of the platform's own account (先行赔付) where the provider can
    reason: str = ""  # shown to the payer by the provider


@dataclass(frozen=True)
class Prepared:
    """The exact bytes that will be sent, without what changes at each sending (stamp, nonce,
    signature). `digest` covers method, address path and content: same number, same digest."""

    method: str
    path: str
    content: bytes
    digest: str  # hex SHA-256


@dataclass(frozen=True)
class Answer:
    """What the provider said, with its raw bytes; fields it did not say are empty or 0.

    `verified`: its signature holds. An outcome other than UNKNOWN is never given to an answer that
    is not verified, except NOT_FOUND and BUSY where the provider does not sign errors.
    """

    outcome: Outcome
    number: str
    raw: bytes = b""
    status: int = 0  # HTTP, 0 when nothing came
    verified: bool = False
    provider_ref: str = ""
    provider_at: str = ""  # of success
    amount_fen: int = 0
    cash_fen: int = 0
    coupon_fen: int = 0
    route: str = ""  # ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD
    arrives_by: str = ""  # the provider's own estimate, a date
    arrived: bool = False  # the bank has confirmed it
    code: str = ""


@dataclass(frozen=True)
class Notice:
    """A notification whose signature, stamp and merchant were checked. `id` is the provider's."""

    id: str
    answer: Answer


@dataclass(frozen=True)
class BillRow:
    """One refund or payout in a provider's bill of a day; `line` counts from 1."""

    line: int
    number: str
    provider_ref: str
    amount_fen: int
    cash_fen: int
    state: str
    at: str
    raw: str


@dataclass(frozen=True)
class Bill:
    """A day's bill: rows are read as they are asked for; the totals are the provider's own and are
    None where it gives none. `digest` is the file's hex SHA-256."""

    provider: str
    day: date
    digest: str
    rows: Iterator[BillRow]
    count: int | None = None
    total_fen: int | None = None


class ProviderError(Exception):
    """Base of what a provider's adapter can complain about."""


class NotAvailable(ProviderError):
    """This provider cannot do this at all, such as a payout through Stripe."""


class Forged(ProviderError):
    """A notice or bill that is not the provider's, not for us, or too old; nothing follows."""


class BillNotReady(ProviderError):
    """The bill of that day is not there yet."""


class Provider(Protocol):
    """One account with one provider."""

    name: str  # wechat, douyin, alipay, stripe, balance, unionpay
    simulated: bool  # no money moves
    quiet: timedelta  # how long after a call NOT_FOUND may still be wrong
    spacing: timedelta  # between two refunds of one payment
    most_partials: int  # refunds of one payment
    window: timedelta  # how long after the payment it refunds

    def prepare(self, transfer: Transfer) -> Prepared:
        """The request; a pure function of the transfer. Raises NotAvailable."""

    def send(self, transfer: Transfer) -> Answer:
        """Ask once. Never raises for what the network or the provider does: that is UNKNOWN."""

    def query(self, transfer: Transfer) -> Answer:
        """What became of the number; NOT_FOUND when the provider never heard of it."""

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice:
        """A notification of this provider. Raises Forged."""

    def bill(self, day: date) -> Bill:
        """Raises BillNotReady, Forged (digest or totals differ), NotAvailable."""
