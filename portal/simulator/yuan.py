"""Yuan as providers write them: texts with two decimals, never floating numbers."""

from __future__ import annotations

import re

_YUAN = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,2}))?")


def yuan(fen: int) -> str:
    """-1234 -> -12.34"""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen(text: str) -> int:
    """12.3 -> 1230; ValueError on anything else than up to two decimals."""
    match = _YUAN.fullmatch(text)
    if match is None:
        raise ValueError("not an amount in yuan")
    return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0"))
