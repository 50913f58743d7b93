"""A provider that is a simulator: it has never seen the payment, so it is told of it beforehand.

Real providers took the payment themselves. Introducing one twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.providers.calling import Caller, NoReply
from portal.providers.conversions import compact
from portal.providers.reading import not_sent
from portal.providers.values import Answer, Bill, Notice, Prepared, Provider, Transfer


@dataclass(frozen=True)
class Rehearsed:
    """The same adapter, with an introduction before the first request about a payment."""

    provider: Provider
    caller: Caller
    admin: str
    introduced: set[str] = field(default_factory=set, repr=False)

    @property
    def name(self) -> str:
        return self.provider.name

    @property
    def simulated(self) -> bool:
        return True

    @property
    def quiet(self) -> timedelta:
        return self.provider.quiet

    @property
    def spacing(self) -> timedelta:
        return self.provider.spacing

    @property
    def most_partials(self) -> int:
        return self.provider.most_partials

    @property
    def window(self) -> timedelta:
        return self.provider.window

    @property
    def prorates(self) -> bool:
        return self.provider.prorates

    def prepare(self, transfer: Transfer) -> Prepared:
        """As the provider prepares it."""
        return self.provider.prepare(transfer)

    def send(self, transfer: Transfer) -> Answer:
        """Introduce the payment, then send; a simulator that is away was sent nothing."""
        if not self._introduce(transfer):
            return not_sent(transfer, "SIMULATOR_AWAY")
        return self.provider.send(transfer)

    def query(self, transfer: Transfer) -> Answer:
        """As the provider answers."""
        return self.provider.query(transfer)

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice:
        """As the provider reads it."""
        return self.provider.read_notice(headers, content, now)

    def bill(self, day: date) -> Bill:
        """As the provider gives it."""
        return self.provider.bill(day)

    def _introduce(self, transfer: Transfer) -> bool:
        if transfer.provider_txn in self.introduced:
            return True
        fields = {
            "channel": self.name,
            "provider_txn": transfer.provider_txn,
            "merchant_txn": transfer.merchant_txn,
            "paid_fen": transfer.total_fen,
            "cash_fen": transfer.cash_total_fen or transfer.total_fen,
            "paid_at": transfer.paid_at,
        }
        headers = {"Content-Type": "application/json"}
        try:
            reply = self.caller.call("PUT", f"{self.admin}/payments", headers, compact(fields))
        except NoReply:
            return False
        # 409: known already, with another sum; the simulator's own rules have the word from here.
        known = 200 <= reply.status < 300 or reply.status == 409
        if known:
            self.introduced.add(transfer.provider_txn)
        return known
