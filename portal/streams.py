"""Names of streams. A name is public, so it never carries an order number or a person."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

POOL = "pool"
TRUSTEES = "trustees"
CONTROLS = "controls"


def case_stream(case_no: str) -> str:
    return f"case/{case_no}"


@dataclass(frozen=True)
class OfCase:
    """What every command about one case has: its number, and so the stream it adds to."""

    case_no: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)


def money_stream(day: str) -> str:
    """By the month of a day or time (text): a stream is read whole at each addition to it."""
    return f"money/{day[:7]}"


def deposit_stream(platform: str, shop_id: str) -> str:
    return f"deposit/{_pseudonym(platform, shop_id)}"


def integrity_stream(report_no: str) -> str:
    """The number opens the report to whoever holds it, so the name does not tell it."""
    return f"integrity/{_pseudonym(report_no)}"


def order_stream(platform: str, order_id: str) -> str:
    return f"order/{_pseudonym(platform, order_id)}"


def livestream_stream(platform: str, session_id: str) -> str:
    return f"livestream/{_pseudonym(platform, session_id)}"


def _pseudonym(*parts: str) -> str:
    """32 hex digits of SHA-256 over length-prefixed parts."""
    framed = b"".join(len(p.encode()).to_bytes(4, "big") + p.encode() for p in parts)
    return hashlib.sha256(framed).hexdigest()[:32]
