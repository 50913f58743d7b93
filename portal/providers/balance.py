"""The platform's own purse of its buyers, by signed webhooks in both directions.

One address of the platform takes every request as a POST of JSON, signed as Standard Webhooks
(standardwebhooks.com): `webhook-id`, `webhook-timestamp`, `webhook-signature`; the answer carries
the same three headers, made with the same secret.

    {"type": "refund", "number": "R…a1", "amount_fen": 100, "total_fen": 300, "currency": "CNY",
     "transaction": "…", "merchant_txn": "…", "account": "…", "advance": false, "reason": "…"}
    {"type": "payout", …}     credited to the payer beyond what was paid
    {"type": "coupon", …}     a coupon or points restored in kind; amount_fen is their face value
    {"type": "query", "number": "R…a1"}

    {"number": "R…a1", "state": "SUCCESS", "amount_fen": 100, "cash_fen": 100, "coupon_fen": 0,
     "reference": "…", "succeeded_at": "2026-11-22T08:00:00.000Z", "code": ""}

`state` is SUCCESS, PROCESSING, CLOSED, ABNORMAL, REFUSED, NOT_ENOUGH, BUSY or, of a query only,
NOT_FOUND. The same number must pay once; a platform that pays twice is caught by the query that
comes first. A notice is {"type": "refund.updated", "data": <the answer>}.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from portal.providers.calling import Caller, NoReply, Reply
from portal.providers.conversions import (
    compact,
    fields_of,
    small_letters,
    text_of,
    universal,
    whole_fen,
)
from portal.providers.reading import differing, silence, unclear
from portal.providers.settings import BalanceAccount
from portal.providers.signing import holds_webhook, prepare, webhook_signature
from portal.providers.values import (
    Answer,
    Bill,
    Forged,
    NotAvailable,
    Notice,
    Outcome,
    Prepared,
    Transfer,
)

# UNKNOWN is what nobody may claim; NOT_FOUND is an answer to a question only.
_STATES = {
    state: Outcome(state)
    for state in ("SUCCESS", "PROCESSING", "CLOSED", "ABNORMAL", "REFUSED", "NOT_ENOUGH", "BUSY")
}
_TYPES = {"REFUND": "refund", "PAYOUT": "payout", "COUPON": "coupon"}
_PAYING = ("SUCCESS", "PROCESSING", "ABNORMAL")


@dataclass(frozen=True)
class Balance:
    """The platform's purse as a Provider."""

    account: BalanceAccount
    caller: Caller
    now: Callable[[], datetime]
    name: str = "balance"
    simulated: bool = False
    quiet: timedelta = timedelta(minutes=1)
    spacing: timedelta = timedelta(0)
    most_partials: int = 1000
    window: timedelta = timedelta(days=3650)
    prorates: bool = False

    def prepare(self, transfer: Transfer) -> Prepared:
        """The exact JSON."""
        if (kind := _TYPES.get(transfer.kind)) is None:
            raise NotAvailable(f"the purse does not know {transfer.kind[:20]}")
        fields = {
            "type": kind,
            "number": transfer.number,
            "amount_fen": transfer.amount_fen,
            "total_fen": transfer.total_fen,
            "currency": "CNY",
            "transaction": transfer.provider_txn,
            "merchant_txn": transfer.merchant_txn,
            "account": transfer.merchant_account,
            "advance": transfer.advance,
            "reason": transfer.reason,
        }
        return prepare("POST", urlsplit(self.account.url).path, compact(fields))

    def send(self, transfer: Transfer) -> Answer:
        """Ask once."""
        return self._ask(transfer, self.prepare(transfer).content, query=False)

    def query(self, transfer: Transfer) -> Answer:
        """What became of the number."""
        content = compact({"type": "query", "number": transfer.number})
        return self._ask(transfer, content, query=True)

    def read_notice(self, headers: Mapping[str, str], content: bytes, now: datetime) -> Notice:
        """Raises Forged."""
        given = small_letters(headers)
        if not holds_webhook(self.account.key, given, content, now):
            raise Forged("the signature does not hold, or is older than five minutes")
        about = fields_of(content).get("data")
        reply = Reply(200, {}, content)
        answer = _facts(about if isinstance(about, dict) else {}, reply)
        return Notice(given["webhook-id"][:128], answer)

    def bill(self, day: date) -> Bill:
        """Raises NotAvailable: the purse is the platform's own, and so are its books."""
        raise NotAvailable("the platform gives no bill of its own purse")

    def _ask(self, transfer: Transfer, content: bytes, query: bool) -> Answer:
        message_id = f"msg_{secrets.token_hex(16)}"
        stamp = str(int(self.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "mingan",
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": webhook_signature(self.account.key, message_id, stamp, content),
        }
        try:
            reply = self.caller.call("POST", self.account.url, headers, content)
        except NoReply as why:
            return silence(transfer, why)
        if not holds_webhook(self.account.key, reply.headers, reply.content, self.now()):
            busy = reply.status == 429
            outcome = Outcome.BUSY if busy else Outcome.UNKNOWN
            raw, status = reply.content, reply.status
            return Answer(outcome, transfer.number, raw, status, code="SIGNATURE")
        return _read(reply, transfer, query)


def _read(reply: Reply, transfer: Transfer, query: bool) -> Answer:
    fields = fields_of(reply.content)
    if reply.status >= 500 or not fields:
        return unclear(transfer, reply, f"HTTP_{reply.status}", verified=True)
    if text_of(fields, "number") != transfer.number:
        return differing(transfer, reply, 0, text_of(fields, "reference"))
    state = text_of(fields, "state")
    if query and state == "NOT_FOUND":
        return Answer(Outcome.NOT_FOUND, transfer.number, reply.content, reply.status, True)
    if query and state in ("REFUSED", "NOT_ENOUGH"):  # a question moves nothing
        return unclear(transfer, reply, state, verified=True)
    answer = _facts(fields, reply)
    if state in _PAYING and answer.amount_fen != transfer.amount_fen:
        return differing(transfer, reply, answer.amount_fen, answer.provider_ref)
    return answer


def _facts(fields: Mapping[str, Any], reply: Reply) -> Answer:
    state = text_of(fields, "state")
    number, raw = text_of(fields, "number"), reply.content
    try:
        amount = whole_fen(fields.get("amount_fen", 0))
        cash = whole_fen(fields.get("cash_fen", amount))
        coupon = whole_fen(fields.get("coupon_fen", 0))
    except ValueError:
        amount, cash, coupon, state = 0, 0, 0, "GARBAGE"
    if state in _PAYING and cash + coupon != amount:
        state = "GARBAGE"
    outcome = _STATES.get(state, Outcome.UNKNOWN)
    paid = outcome is Outcome.SUCCESS
    return Answer(
        outcome,
        number,
        raw,
        reply.status,
        verified=True,
        provider_ref=text_of(fields, "reference"),
        provider_at=universal(fields.get("succeeded_at")),
        amount_fen=amount,
        cash_fen=cash,
        coupon_fen=coupon,
        route="ORIGINAL" if paid else "",
        arrived=paid,  # a purse has no bank behind it
        code=text_of(fields, "code", 64) if outcome is not Outcome.UNKNOWN else "GARBAGE",
    )
