"""Money as people type it: yuan with at most two decimals, to integer fen and back."""

from __future__ import annotations

import re
import unicodedata

from portal.errors import BadInput
from portal.errors import sentence as _

# Ten digits of yuan are more than any order; commas only where thousands end.
_YUAN = re.compile(r"[¥￥]?\s*([0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]{1,2}))?\s*元?")


def read_yuan(text: str | None, field: str) -> int | None:
    """``260``, ``¥1,260.5``, full-width digits -> fen; None when nothing was typed.

    Raises BadInput for anything else: guessing what money was meant is worse than asking.
    """
    typed = unicodedata.normalize("NFKC", text or "").strip()
    if not typed:
        return None
    match = _YUAN.fullmatch(typed)
    if match is None:
        raise BadInput(field, _("请写金额，例如 260 或 260.50"))
    return int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))


def plain_yuan(fen: int) -> str:
    """Fen as a field or a file shows it: ``329.00``, ``-0.50``."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"
