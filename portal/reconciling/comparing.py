"""One row of a bill against what we know of its number. Pure.

MISSING_IN_BILL  paid by our record, and the bill does not have it
ORPHAN           in the bill, and no ruling asked for it: money found, never booked
AMOUNT_DIFFERS   the same number, another sum
STATE_DIFFERS    paid by the bill and not by our record, or the other way round
DUPLICATE_ROW    the bill has the number a second time, or another day's bill has it too
JOURNAL_DIFFERS  our own journal and our own ledger disagree
BILL_BROKEN      the bill is not what the provider says it is
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.errors import sentence as _
from portal.providers.values import BillRow

KINDS: dict[str, str] = {
    "MISSING_IN_BILL": _("我们记为已退，账单里没有"),
    "ORPHAN": _("账单里有，没有任何结论要求退"),
    "AMOUNT_DIFFERS": _("金额不一致"),
    "STATE_DIFFERS": _("状态不一致"),
    "DUPLICATE_ROW": _("账单里重复出现"),
    "JOURNAL_DIFFERS": _("日记账与存证不一致"),
    "BILL_BROKEN": _("账单摘要或合计不符"),
}
# What an open difference is called among the items.
ITEMS = {
    "MISSING_IN_BILL": "MISSING_ROW",
    "ORPHAN": "ORPHAN_ROW",
    "AMOUNT_DIFFERS": "AMOUNT_DIFFERS",
    "STATE_DIFFERS": "STATE_DIFFERS",
    "DUPLICATE_ROW": "AMOUNT_DIFFERS",
    "JOURNAL_DIFFERS": "RECORD_DIFFERS",
    "BILL_BROKEN": "BILL_BROKEN",
}
PAID = "SUCCESS"
BACK_AT_SHOP = "BACK_AT_SHOP"  # an attempt that ended so; the bill calls it paid, it is in no total
OVER = ("CLOSED", "FAILED", "FAIL", "REFUNDCLOSE")  # ended without money


@dataclass(frozen=True)
class Ours:
    """A number as our record has it. `day`: of the provider's success, empty while unpaid;
    `listed`: the bill of that day has it."""

    refund_no: str
    case_no: str
    amount_fen: int
    state: str
    day: str
    reversed: bool = False
    listed: bool = False


@dataclass(frozen=True)
class Verdict:
    """`kind` is empty when they agree. `stray`: they agree, but on another day."""

    kind: str = ""
    stray: bool = False
    counts: bool = False  # paid, by the bill and on its day


def compare(row: BillRow, ours: Ours | None, day: str, repeated: bool) -> Verdict:
    """What one row says, given all that we know of its number."""
    paid = row.state == PAID
    if repeated:
        return Verdict("DUPLICATE_ROW", counts=paid)
    if ours is None:
        return Verdict("" if row.state in OVER else "ORPHAN", counts=paid)
    if ours.state == BACK_AT_SHOP:
        return Verdict()
    if not paid:
        return Verdict("STATE_DIFFERS" if _should_be_paid(ours, day) else "")
    if ours.state != PAID or (ours.reversed and ours.day < day):  # paid again after it came back
        return Verdict("STATE_DIFFERS", counts=True)
    if row.amount_fen != ours.amount_fen:
        return Verdict("AMOUNT_DIFFERS", counts=True)
    if ours.day != day and ours.listed:  # paid a second time
        return Verdict("DUPLICATE_ROW", counts=True)
    return Verdict(stray=ours.day != day, counts=True)


def _should_be_paid(ours: Ours, day: str) -> bool:
    return ours.state == PAID and ours.day <= day and not ours.reversed
