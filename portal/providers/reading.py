"""What all adapters do with an answer: tie it to the question, or call it unknown."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime, time, timedelta

from portal.providers.calling import NoReply, Reply
from portal.providers.conversions import BEIJING
from portal.providers.values import Answer, Bill, NotAvailable, Outcome, Transfer

_PLAIN = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
MISMATCH = "MISMATCH"  # signed, and speaks of another number or sum than was asked


def plain(number: str, what: str) -> str:
    """A provider's number that a platform told us, fit to stand in an address. Raises NotAvailable:
    what is empty, or would lead elsewhere, cannot be asked after."""
    if not _PLAIN.fullmatch(number):
        raise NotAvailable(f"{what} is not known, or is no number")
    return number


def nothing_on(provider: str, day: date, now: datetime) -> Bill | None:
    """An empty bill, once it is past noon of the next day in Beijing: then "there is no bill" of
    WeChat and Alipay says that nothing happened. Before it may still be in the making."""
    if now < datetime.combine(day + timedelta(days=1), time(12), BEIJING):
        return None
    return Bill(provider, day, hashlib.sha256(b"").hexdigest(), iter(()), 0, 0)


def silence(transfer: Transfer, why: NoReply) -> Answer:
    """Nothing came: it may have happened."""
    return Answer(Outcome.UNKNOWN, transfer.number, code=why.code)


def not_sent(transfer: Transfer, code: str) -> Answer:
    """A look-up before the request failed, so that the request never left."""
    return Answer(Outcome.BUSY, transfer.number, code=code)


def unclear(transfer: Transfer, reply: Reply, code: str, verified: bool = False) -> Answer:
    """An answer that proves nothing about the money."""
    return Answer(
        Outcome.UNKNOWN, transfer.number, reply.content, reply.status, verified, code=code[:64]
    )


def differing(transfer: Transfer, reply: Reply, amount_fen: int, provider_ref: str) -> Answer:
    """A signed answer about something else than was asked; a person has to look."""
    return Answer(
        Outcome.UNKNOWN,
        transfer.number,
        reply.content,
        reply.status,
        verified=True,
        provider_ref=provider_ref,
        amount_fen=amount_fen,
        code=MISMATCH,
    )
