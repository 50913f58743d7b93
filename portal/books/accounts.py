"""The names of the accounts. An account is a kind and whose it is; no name tells a buyer.

A posting moves value from the account it debits to the account it credits. A balance is what has
come in less what has gone out, so a shop's payable falls below zero by what its buyers got back,
and all balances together are zero.
"""

from __future__ import annotations

from dataclasses import dataclass

PAYABLE = "merchant_payable"  # what the shop earns, held by the provider
DEPOSIT = "merchant_deposit"
ADVANCE = "platform_advance"
CLEARING = "provider_clearing"  # what a provider has paid out
BUYER = "buyer_refund"  # set aside for buyers and not yet paid
RECEIVABLE = "recoup_receivable"  # advanced, and to come back from the shop
KINDS = (PAYABLE, DEPOSIT, RECEIVABLE, ADVANCE, BUYER, CLEARING)
OF_SHOP = (PAYABLE, DEPOSIT, RECEIVABLE)
CURRENCY = "CNY"


@dataclass(frozen=True)
class Shop:
    """A shop's number means something only on its platform."""

    platform: str
    shop_id: str

    @property
    def name(self) -> str:
        return f"{self.platform}/{self.shop_id}"

    def account(self, kind: str) -> str:
        """One of the shop's own accounts, or its platform's."""
        return f"{kind}:{self.name if kind in OF_SHOP else self.platform}"


def clearing(provider: str) -> str:
    """An unnamed provider stands for money that was handed over outside any of them."""
    return f"{CLEARING}:{provider or 'outside'}"


def kind_of(account: str) -> str:
    return account.partition(":")[0]
