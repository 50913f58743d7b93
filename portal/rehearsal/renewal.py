"""The same story as another order of another buyer, so that it can be played again.

A renewed order is not what the platform signed, so it names a key that nobody knows.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

UNKNOWN_KEY = "rehearsal"


@dataclass(frozen=True)
class Renewal:
    """`mark`: hex digits to tell the copies apart; empty: the original, as the platform signed it.

    `same_buyer`: another order of the same person.
    """

    mark: str = ""
    same_buyer: bool = False


AS_IT_IS = Renewal()


def renew_order(document: bytes, renewal: Renewal) -> bytes:
    """Order, session, transactions and perhaps the buyer get the mark at their end."""
    mark = renewal.mark
    if not mark:
        return document
    order = json.loads(document)
    _append(order["order"], "id", f"-{mark}")
    _append(order["order"], "buyer_ref", "" if renewal.same_buyer else mark)
    _append(order["live"], "session_id", f"-{mark}")
    for payment in order.get("payments", ()):
        _append(payment, "provider_txn", mark)
        _append(payment, "merchant_txn", mark)
    order["signature"] = order.get("signature", {}) | {"key_id": UNKNOWN_KEY}
    return _bytes(order)


def renew_session(document: bytes, renewal: Renewal) -> bytes:
    """A session's document or its transcript under the renewed session id."""
    if not renewal.mark:
        return document
    session = json.loads(document)
    _append(session, "session_id", f"-{renewal.mark}")
    return _bytes(session)


def _append(part: dict[str, Any], name: str, mark: str) -> None:
    if name in part:
        part[name] = f"{part[name]}{mark}"


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
