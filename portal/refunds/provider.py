"""What a payment provider promises, and the built-in simulator that keeps it.

The simulator is a provider with the manners of WeChat Pay v3: a request number refunds once, the
same number must carry the same bytes, the sum of refunds never exceeds the payment. It has its own
tables and its own transactions: what it has done survives whatever happens to the portal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import msgspec
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from portal.clock import Clock
from portal.refunds.tables import ProviderRefundRow
from portal.times import stamp


class RefundRequest(msgspec.Struct, frozen=True):
    """The bytes that count: a repeated number must repeat them."""

    out_refund_no: str
    transaction_id: str
    refund_fen: int
    total_fen: int
    channel: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


@dataclass(frozen=True)
class ProviderAnswer:
    out_refund_no: str
    provider_ref: str
    amount_fen: int
    succeeded_at: str


class ProviderRefused(Exception):
    """The provider will never do this; asking again changes nothing."""


class Provider(Protocol):
    def query(self, out_refund_no: str) -> ProviderAnswer | None:
        """What the provider has done under this number; None when it never heard of it."""

    def refund(self, request: RefundRequest) -> ProviderAnswer:
        """Refund once per number. Raises ProviderRefused."""


@dataclass(frozen=True)
class Simulator:
    """The provider of a machine without contracts. No money moves."""

    sessions: sessionmaker[Session]
    clock: Clock

    def query(self, out_refund_no: str) -> ProviderAnswer | None:
        with self.sessions() as session:
            row = session.get(ProviderRefundRow, out_refund_no)
            return _answer(row) if row else None

    def refund(self, request: RefundRequest) -> ProviderAnswer:
        try:
            with self.sessions.begin() as session:
                return self._refund(session, request)
        except IntegrityError:
            with self.sessions.begin() as session:  # somebody asked under this number meanwhile
                return self._refund(session, request)

    def _refund(self, session: Session, request: RefundRequest) -> ProviderAnswer:
        known = session.get(ProviderRefundRow, request.out_refund_no)
        if known and known.request_digest != request.digest:
            raise ProviderRefused("the same number with other content")
        if known:
            return _answer(known)
        if _refunded(session, request.transaction_id) + request.refund_fen > request.total_fen:
            raise ProviderRefused("more than was paid")
        row = ProviderRefundRow(
            out_refund_no=request.out_refund_no,
            transaction_id=request.transaction_id,
            amount_fen=request.refund_fen,
            request_digest=request.digest,
            provider_ref=f"SIM{request.digest[:24]}",
            succeeded_at=stamp(self.clock.now()),
        )
        session.add(row)
        session.flush()
        return _answer(row)


def _refunded(session: Session, transaction_id: str) -> int:
    total = select(func.sum(ProviderRefundRow.amount_fen)).where(
        ProviderRefundRow.transaction_id == transaction_id
    )
    return int(session.scalar(total) or 0)


def _answer(row: ProviderRefundRow) -> ProviderAnswer:
    return ProviderAnswer(row.out_refund_no, row.provider_ref, row.amount_fen, row.succeeded_at)
