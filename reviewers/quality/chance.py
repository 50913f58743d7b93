"""Repeatable chance from a seed: the same in every version of every language."""

from __future__ import annotations

import hashlib


def pick(seed: bytes, number: int, below: int) -> int:
    """Number `number` of the stream, in [0, below); the bias of 2**64 mod below is negligible."""
    digest = hashlib.blake2b(number.to_bytes(8, "big"), key=seed[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big") % below
