"""What goes to a provider and what comes back, in one form for all of them.

Money is integer fen; the adapters convert where a provider speaks yuan. Times are RFC 3339 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol, runtime_checkable


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
    amount_fen: int  # what the payer is to get in money
    total_fen: int  # of the payment, with the provider's coupons
    provider_txn: str
    merchant_txn: str
    merchant_account: str
    sub_merchant: str = ""
    paid_at: str = ""
    advance: bool = False  # out of the platform's own account (先行赔付) where the provider can
    reason: str = ""  # shown to the payer by the provider
    asked_fen: int = 0  # amount_fen with the coupons beside it, where the provider prorates
    cash_total_fen: int = 0  # of total_fen, what the payer paid in money; 0: all of it

    @property
    def whole_fen(self) -> int:
        """What a provider that prorates is asked for."""
        return self.asked_fen or self.amount_fen


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
    is not verified, except BUSY where the provider does not sign errors. Stripe signs no answers;
    there it is the word of the TLS server that was asked. BUSY also says that a look-up before the
    request got no answer, and REFUSED that it found nobody (PAYER_UNKNOWN): the request itself
    never left.

    `code` is the provider's word, or one of ours: MISMATCH (signed, about another number or sum:
    `amount_fen` is what it said), PAYER_UNKNOWN, SIGNATURE, GARBAGE, TIMEOUT, NETWORK, TOO_LONG,
    TOO_SLOW.
    """

    outcome: Outcome
    number: str
    raw: bytes = b""
    status: int = 0  # HTTP, 0 when nothing came
    verified: bool = False
    provider_ref: str = ""
    provider_at: str = ""  # of success
    amount_fen: int = 0  # of money and coupons together
    cash_fen: int = 0
    coupon_fen: int = 0
    route: str = ""  # ORIGINAL, BALANCE, OTHER_BALANCE, OTHER_BANKCARD
    arrives_by: str = ""  # the provider's own estimate, a date
    arrived: bool = False  # the bank has confirmed it
    payer: str = ""  # whose money it was: MERCHANT or PLATFORM, where both were possible
    code: str = ""


@dataclass(frozen=True)
class Notice:
    """A notification whose signature, stamp and merchant were checked. `id` is the provider's.

    An answer that is UNKNOWN with a number asks for a query now; one without a number speaks of
    something that this house does not follow.
    """

    id: str
    answer: Answer


@dataclass(frozen=True)
class BillRow:
    """One refund or payout in a provider's bill of a day; `line` counts from 1. The trade bills of
    WeChat, Douyin and Alipay list refunds only: a payout is found by a query."""

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
    None where it gives none. `digest` is the file's hex SHA-256. Reading the rows raises Forged at
    a line that cannot be read, and at the end if they do not add up to the totals. `vouched`: it
    is the provider's beyond doubt, by a signed digest or by the TLS server that was asked; totals
    alone anybody can add up."""

    provider: str
    day: date
    digest: str
    rows: Iterator[BillRow]
    count: int | None = None
    total_fen: int | None = None
    vouched: bool = False


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

    @property
    def name(self) -> str:
        """wechat, douyin, alipay, stripe, balance, unionpay"""

    @property
    def simulated(self) -> bool:
        """No money moves."""

    @property
    def quiet(self) -> timedelta:
        """How long after a call NOT_FOUND may still be wrong."""

    @property
    def spacing(self) -> timedelta:
        """Between two refunds of one payment."""

    @property
    def most_partials(self) -> int:
        """Refunds of one payment."""

    @property
    def window(self) -> timedelta:
        """How long after the payment it refunds."""

    @property
    def prorates(self) -> bool:
        """Of each refund it takes a share as coupon, where one took part in the payment; the
        others give back the payer's own money first."""

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


@dataclass(frozen=True)
class BankCard:
    """A card that the buyer names after the own one failed; never kept. `bank_type` is WeChat's
    word for the bank, such as ICBC_DEBIT."""

    bank_type: str
    number: str = field(repr=False)
    holder: str = field(repr=False)


@runtime_checkable
class Recourse(Protocol):
    """What some providers (WeChat Pay, Douyin Pay) can do beyond; `isinstance` tells which.

    `provider_ref` is the provider's number of the refund. Raises NotAvailable.
    """

    def abnormal(self, transfer: Transfer, provider_ref: str, card: BankCard | None) -> Answer:
        """Send an ABNORMAL refund on, to the buyer's card or, without one, to the merchant's."""

    def prepare_return(self, transfer: Transfer, provider_ref: str) -> Prepared:
        """The request for what follows; a pure function of the transfer."""

    def return_advance(self, transfer: Transfer, provider_ref: str) -> Answer:
        """Take an advanced refund back from the shop; `amount_fen` is what comes back."""

    def returned_advance(self, transfer: Transfer, provider_ref: str) -> Answer:
        """What became of that; NOT_FOUND when it was never asked for."""
