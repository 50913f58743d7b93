"""What was paid. Shops sell elsewhere; the simulator is told of each payment once."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import astuple, dataclass


@dataclass(frozen=True)
class Payment:
    """One payment of an order: `cash_fen` of `paid_fen` came from the payer, the rest were the
    provider's coupons. `method`: wallet, debit_card, credit_card."""

    provider: str
    provider_txn: str
    merchant_txn: str
    paid_fen: int
    cash_fen: int
    paid_at: str
    method: str = "wallet"

    @property
    def payer(self) -> str:
        """The payer's name with this provider, the same for every refund of the payment."""
        return hashlib.sha256(f"{self.provider}/{self.provider_txn}".encode()).hexdigest()[:24]


class Differs(Exception):
    """This payment is known with another amount."""


def introduce(connection: sqlite3.Connection, payment: Payment) -> None:
    """Tell of a payment; telling it again changes nothing. Raises Differs."""
    known = find_payment(connection, payment.provider, payment.provider_txn)
    if known is None:
        connection.execute("INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(payment))
    elif known.paid_fen != payment.paid_fen:
        raise Differs(payment.provider_txn)


def find_payment(
    connection: sqlite3.Connection, provider: str, provider_txn: str = "", merchant_txn: str = ""
) -> Payment | None:
    """By the provider's number, or by the shop's where that one is empty."""
    column, value = (
        ("provider_txn", provider_txn) if provider_txn else ("merchant_txn", merchant_txn)
    )
    row = connection.execute(
        f"SELECT * FROM payment WHERE provider = ? AND {column} = ?",  # noqa: S608 - one of two
        (provider, value),
    ).fetchone()
    return Payment(**dict(row)) if row else None


def payments_on(
    connection: sqlite3.Connection, provider: str, span: tuple[str, str]
) -> list[Payment]:
    """Those paid from the first moment to before the second."""
    rows = connection.execute(
        "SELECT * FROM payment WHERE provider = ? AND paid_at >= ? AND paid_at < ?"
        " ORDER BY paid_at, provider_txn",
        (provider, *span),
    )
    return [Payment(**dict(row)) for row in rows]
