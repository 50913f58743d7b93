"""A Stripe account as a Provider."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from portal.providers.calling import Caller, NoReply, Reply
from portal.providers.conversions import BEIJING, fields_of, small_letters, text_of
from portal.providers.reading import differing, not_sent, plain, silence
from portal.providers.settings import StripeAccount
from portal.providers.signing import holds_stripe, prepare
from portal.providers.stripe.answers import (
    amount_of,
    bill_row,
    moment_of,
    number_of,
    read_created,
    read_error,
    read_refund,
    refund_of,
)
from portal.providers.values import (
    Answer,
    Bill,
    BillNotReady,
    Forged,
    NotAvailable,
    Notice,
    Outcome,
    Prepared,
    Transfer,
)

REFUNDS = "/v1/refunds"
# An account's own default may be years older, and its answers look otherwise.
VERSION = "2026-10-28.endive"
_FORM = "application/x-www-form-urlencoded"
_PAGE = 100
_MOST_PAGES = 10_000


@dataclass(frozen=True)
class Stripe:
    """One Stripe account as a Provider."""

    account: StripeAccount
    caller: Caller
    now: Callable[[], datetime]
    name: str = "stripe"
    simulated: bool = False
    quiet: timedelta = timedelta(minutes=1)
    spacing: timedelta = timedelta(0)
    most_partials: int = 1000  # no limit is published
    window: timedelta = timedelta(days=365)
    prorates: bool = False

    def prepare(self, transfer: Transfer) -> Prepared:
        """The form that will be sent. Raises NotAvailable for a payout."""
        if transfer.kind == "PAYOUT":
            raise NotAvailable("Stripe pays nobody beyond what was paid")
        fields = {
            _payment(transfer): plain(transfer.provider_txn, "the payment"),
            "amount": str(transfer.amount_fen),
            "metadata[refund_no]": transfer.number,
        }
        return prepare("POST", REFUNDS, urlencode(fields).encode())

    def send(self, transfer: Transfer) -> Answer:
        """Look the number up, and only if nobody has refunded under it, ask once."""
        prepared = self.prepare(transfer)
        before = self.query(transfer)
        if before.outcome is not Outcome.NOT_FOUND:
            known = before.provider_ref or before.outcome is not Outcome.UNKNOWN
            return before if known else not_sent(transfer, "LOOKUP")
        headers = {"Content-Type": _FORM, "Idempotency-Key": transfer.number}
        try:
            reply = self._ask("POST", prepared.path, prepared.content, headers)
        except NoReply as why:
            return silence(transfer, why)
        return read_created(reply, transfer)

    def query(self, transfer: Transfer) -> Answer:
        """The refund of this payment that carries the number."""
        filters = {_payment(transfer): transfer.provider_txn, "limit": str(_PAGE)}
        try:
            pages = list(self._pages(filters))
        except NoReply as why:
            return silence(transfer, why)
        except _NotAList as error:
            return read_error(error.reply, transfer, query=True)
        found = [
            (refund, reply)
            for refunds, reply in pages
            for refund in refunds
            if number_of(refund) == transfer.number
        ]
        if not found:  # the list without it is the proof, and kept like any answer
            content = pages[-1][1].content
            return Answer(Outcome.NOT_FOUND, transfer.number, content, 200, verified=True)
        if len(found) > 1:  # this must never be: somebody was paid twice
            total = sum(amount_of(refund) for refund, _reply in found)
            return differing(transfer, found[0][1], total, text_of(found[0][0], "id"))
        return read_refund(found[0][0], found[0][1], transfer)

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice:
        """A webhook about a refund. Raises Forged."""
        signature = small_letters(headers).get("stripe-signature", "")
        if not holds_stripe(self.account.webhook_secret, signature, content, now):
            raise Forged("the signature does not hold, or is older than five minutes")
        event = fields_of(content)
        about = event.get("data", {}).get("object") if isinstance(event.get("data"), dict) else None
        if not isinstance(about, dict) or about.get("object") != "refund":
            code = text_of(event, "type", 64)
            return Notice(
                text_of(event, "id"), Answer(Outcome.UNKNOWN, "", content, 200, True, code=code)
            )
        return Notice(text_of(event, "id"), refund_of(about, Reply(200, {}, content)))

    def bill(self, day: date) -> Bill:
        """Refunds made on a day (Beijing), from Stripe's own list; it gives no totals.

        Raises BillNotReady.
        """
        start = datetime.combine(day, time(), BEIJING)
        end = start + timedelta(days=1)
        if self.now() < end:
            raise BillNotReady("the day is not over")
        bounds = {
            "created[gte]": str(int(start.timestamp())),
            "created[lt]": str(int(end.timestamp())),
            "limit": str(_PAGE),
        }
        try:
            listed = [refund for refunds, _reply in self._pages(bounds) for refund in refunds]
        except NoReply as why:
            raise BillNotReady(why.code) from None
        except _NotAList as error:
            raise BillNotReady(f"HTTP {error.reply.status}") from None
        rows = [bill_row(line, refund) for line, refund in enumerate(listed, 1)]
        kept = [row for row in rows if start <= moment_of(row) < end]
        digest = hashlib.sha256(b"\n".join(row.raw.encode() for row in kept)).hexdigest()
        return Bill(self.name, day, digest, iter(kept), vouched=True)

    def _pages(self, filters: Mapping[str, str]) -> Iterator[tuple[list[dict[str, Any]], Reply]]:
        after: dict[str, str] = {}
        for _page in range(_MOST_PAGES):
            reply = self._ask("GET", f"{REFUNDS}?{urlencode({**filters, **after})}")
            page = fields_of(reply.content)
            listed = page.get("data")
            if reply.status != 200 or not isinstance(listed, list):
                raise _NotAList(reply)
            if not all(isinstance(refund, dict) for refund in listed):
                raise _NotAList(reply)
            yield listed, reply
            if page.get("has_more") is not True or not listed:
                return
            after = {"starting_after": text_of(listed[-1], "id")}

    def _ask(
        self, method: str, path: str, content: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        ours = {"Authorization": f"Bearer {self.account.secret_key}", "Stripe-Version": VERSION}
        url = f"{self.account.base}{path}"
        return self.caller.call(method, url, {**ours, **(headers or {})}, content)


class _NotAList(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def _payment(transfer: Transfer) -> str:
    charge = transfer.provider_txn.startswith(("ch_", "py_"))
    return "charge" if charge else "payment_intent"
