"""UnionPay: the place where its adapter belongs. Nothing can be done through it yet.

Its gateway answers only merchants with a contract and a certificate, and its answers could not be
checked against anything; a refund that nobody can verify is better made by hand, and recorded so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NoReturn

from portal.providers.values import NotAvailable, Transfer

WHY = "there is no contract with UnionPay; refund by hand and record it"


@dataclass(frozen=True)
class UnionPay:
    """A Provider that says no to everything."""

    name: str = "unionpay"
    simulated: bool = False
    quiet: timedelta = timedelta(minutes=10)
    spacing: timedelta = timedelta(minutes=1)
    most_partials: int = 50
    window: timedelta = timedelta(days=330)
    prorates: bool = False

    def prepare(self, transfer: Transfer) -> NoReturn:
        """Raises NotAvailable."""
        raise NotAvailable(WHY)

    def send(self, transfer: Transfer) -> NoReturn:
        """Raises NotAvailable."""
        raise NotAvailable(WHY)

    def query(self, transfer: Transfer) -> NoReturn:
        """Raises NotAvailable."""
        raise NotAvailable(WHY)

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> NoReturn:
        """Raises NotAvailable."""
        raise NotAvailable(WHY)

    def bill(self, day: date) -> NoReturn:
        """Raises NotAvailable."""
        raise NotAvailable(WHY)
