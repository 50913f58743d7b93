"""Between a provider's words and ours: yuan and fen, local and universal time, names of headers."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from portal.times import moment, stamp

BEIJING = timezone(timedelta(hours=8))  # no daylight saving since 1991
_YUAN = re.compile(r"(-?)([0-9]{1,13})(?:\.([0-9]{1,2}))?", re.ASCII)
_UNKEPT = re.compile("[\\x00\\ud800-\\udfff]")
MOST_FEN = 10**15


def yuan_of(fen: int) -> str:
    """Fen as Alipay writes yuan: always two decimals, never a float on the way."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def fen_of(yuan: object) -> int:
    """``12``, ``12.3``, ``-12.34`` -> fen. Raises ValueError on anything else, numbers included."""
    match = _YUAN.fullmatch(yuan) if isinstance(yuan, str) else None
    if match is None:
        raise ValueError("not an amount in yuan")
    fen = int(match[2]) * 100 + int((match[3] or "").ljust(2, "0"))
    return -fen if match[1] else fen


def whole_fen(value: object) -> int:
    """An amount that already is in fen. Raises ValueError on text, floats, bools, negatives."""
    if type(value) is not int or not 0 <= value <= MOST_FEN:
        raise ValueError("not an amount in fen")
    return value


def universal(text: object) -> str:
    """A provider's RFC 3339 time in our form; empty where there is none or it cannot be read."""
    try:
        return stamp(moment(text)) if isinstance(text, str) and text else ""
    except (ValueError, OverflowError):
        return ""


def universal_from_beijing(text: object) -> str:
    """``2026-11-22 08:00:00`` of Alipay and of bills; empty where it cannot be read."""
    try:
        return stamp(moment(f"{str(text).strip()[:19]}+08:00"))
    except (ValueError, OverflowError):
        return ""


def universal_from_seconds(value: object) -> str:
    """Unix seconds as in Stripe's objects; empty where they cannot be read."""
    try:
        return stamp(datetime.fromtimestamp(whole_fen(value), UTC))
    except (ValueError, OverflowError, OSError):
        return ""


def compact(fields: object) -> bytes:
    """JSON as it is sent: the same fields give the same bytes. Half a character stays the escape
    that it came as."""
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode(errors="backslashreplace")


def fields_of(content: bytes) -> dict[str, Any]:
    """A JSON object of a stranger; empty for anything else."""
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def text_of(fields: Mapping[str, Any], name: str, most: int = 128) -> str:
    """A field that must be a text which can be kept; empty, and never longer than `most`,
    otherwise: JSON lets half a character and a NUL through, databases do not."""
    value = fields.get(name)
    return value[:most] if isinstance(value, str) and not _UNKEPT.search(value) else ""


def small_letters(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by their names in small letters, as HTTP compares them."""
    return {str(name).lower(): str(value) for name, value in headers.items()}
