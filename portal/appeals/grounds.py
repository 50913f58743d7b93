"""What to write for each ground of an appeal (words.GROUNDS)."""

from __future__ import annotations

from portal.errors import sentence as _

HINTS: dict[str, str] = {
    "NEW_EVIDENCE": _("之前拿不到的凭证，至少附一件"),
    "PROCEDURE": _("比如凭证没有展示、时限算错"),
    "PANEL_CONFLICT": _("写明哪一席、和谁有什么关系"),
    "RULE_MISAPPLIED": _("写明哪一条、为什么不该这样用"),
    "CALCULATION": _("写明你认为对的金额和算法"),
    "FRAUD": _("写明哪件凭证或哪句话是假的"),
}
