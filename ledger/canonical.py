"""Canonical JSON (RFC 8785) for values without fractions, and a strict reader.

`dumps` gives the one byte sequence of a value: keys sorted by their UTF-16 code units,
no spaces, shortest escapes, UTF-8. Floats are refused rather than formatted: amounts are
whole fen, times are text, and a value that two programs could print differently has no
place under a digest. Integers stay within +-(2^53-1), which every JSON reader keeps exact.

`loads` reads any JSON text whatever its spelling (stored bytes are hashed as they stand
and never canonicalised again) but refuses what two readers may understand differently:
repeated keys, fractions, lone surrogates, NaN.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from ledger.errors import VerificationError

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

MAX_INTEGER = 2**53 - 1


def dumps(value: Json) -> str:
    """The canonical text of `value`; TypeError or ValueError if it has none."""
    text = _WRITER.encode(_ordered(value))
    text.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError, a ValueError
    return text


def loads(content: bytes | str) -> Any:
    """The value of a JSON text; VerificationError for anything ambiguous or malformed."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
        value = _READER.decode(text)
        if isinstance(content, str) or "\\u" in text:  # where lone surrogates can enter
            json.dumps([text, value], ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise VerificationError("not JSON, or JSON with more than one meaning") from None
    return value


def _ordered(value: Json) -> Json:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return _exact(value)
    if isinstance(value, Mapping):
        return {key: _ordered(value[key]) for key in sorted(value, key=_utf16)}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return [_ordered(item) for item in value]
    raise TypeError(f"the ledger keeps text, whole numbers and lists of them, not {type(value)}")


def _exact(value: int) -> int:
    if abs(value) > MAX_INTEGER:
        raise ValueError("whole numbers beyond 2^53-1 are not the same in every JSON reader")
    return value


def _utf16(key: object) -> bytes:
    # RFC 8785 section 3.2.3. It differs from the order of code points for characters
    # beyond U+FFFF, which sort before U+E000..U+FFFF.
    if not isinstance(key, str):
        raise TypeError(f"a JSON object has text keys, not {type(key)}")
    return key.encode("utf-16-be")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("repeated key")
    return value


def _refuse(_: str) -> NoReturn:
    raise ValueError("fractions have no place in the ledger")


_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_READER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
