"""A file name that may be shown on a page and offered for download."""

from __future__ import annotations

import re
import unicodedata

LENGTH_LIMIT = 80
EXTENSION_LIMIT = 10
FALLBACK = "file"
# Leading dots hide a file, dashes turn it into an option, the others start a sheet's formula.
_LEADING = " .-=+@"
_TRAILING = " ."
# Cc, Cf: controls, bidi overrides, zero-width characters. Zl, Zp: line breaks. Cs: half pairs.
_INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)", re.IGNORECASE)


def safe_name(raw: str) -> str:
    """A display name of 1 to 80 characters, in NFC, with no path and nothing invisible.

    It is for eyes and downloads only: where bytes are stored never depends on it.
    """
    last = re.split(r"[/\\]", raw.replace("\0", ""))[-1]
    visible = "".join(one for one in last if unicodedata.category(one) not in _INVISIBLE)
    name = _trim(" ".join(unicodedata.normalize("NFC", visible).split()))
    return _shorten(f"_{name}" if _RESERVED.match(name) else name) or FALLBACK


def _trim(name: str) -> str:
    return name.lstrip(_LEADING).rstrip(_TRAILING)


def _shorten(name: str) -> str:
    if len(name) <= LENGTH_LIMIT:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > EXTENSION_LIMIT:
        return _trim(name[:LENGTH_LIMIT])
    return _trim(stem[: LENGTH_LIMIT - len(extension) - 1]) + dot + extension
