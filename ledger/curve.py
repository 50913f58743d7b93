"""Which 32 bytes may be an Ed25519 public key.

OpenSSL takes almost any. Under a point of low order one signature fits many messages, and
a coordinate written as y + p is a second spelling of a key. Neither may vouch for a log.
"""

from __future__ import annotations

from ledger.errors import VerificationError

# The curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo p (RFC 8032 section 5.1).
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def check_public_key(key: bytes) -> None:
    """VerificationError unless `key` is the canonical encoding of a point of high order."""
    y = int.from_bytes(key, "little") & (2**255 - 1)  # the top bit is the sign of x
    if len(key) != 32 or y >= _P:
        raise VerificationError("not an Ed25519 public key in its canonical encoding")
    if pow(_x_squared(y), (_P - 1) // 2, _P) not in (0, 1):
        raise VerificationError("not a point of the Ed25519 curve")
    if _doubled(_doubled(_doubled(y))) == 1:  # eight times the point is the neutral one
        raise VerificationError("an Ed25519 public key of low order proves nothing")


def _x_squared(y: int) -> int:
    return (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P


def _doubled(y: int) -> int:
    """The y coordinate of twice a point; its x is only needed squared."""
    xx, yy = _x_squared(y), y * y
    return (yy + xx) * pow(2 - yy + xx, -1, _P) % _P
