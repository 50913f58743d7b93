"""What makes a difference this very one, and which no word of a person closes. Pure.

    closable  money of a stranger; ours that the bill lacks, has as less, or as unpaid; and what
              came back, was sent on at the provider's console and vouched for by two people
    never     more paid under our numbers than was ordered, or twice; our own books; a broken bill

A closed difference is still there and still shown; it only no longer turns the light red. So what
may be closed must be no payment of ours beyond the order: that light stays on until it is repaired.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

from portal.errors import sentence as _
from portal.events import DifferenceClosed
from portal.reconciling.comparing import PAID
from portal.refunds.state import Movement

MONEY_OF_STRANGERS = ("ORPHAN", "DUPLICATE_ROW")
# How this house numbers what it asks for: nobody else does.
OURS = re.compile(r"RMA[0-9]+[a-z][0-9]+a[0-9]+", re.ASCII)

NOT_OF_A_BILL = _("这不是账单里的一行，要把原因改正，不能了结。")
PAID_TWICE = _("同一笔款可能付了两次或多付了，只能改正，不能了结。")
NOT_VOUCHED = _("先由两位管理员确认这笔款已付到买家，再了结这一行。")


class Row(Protocol):
    """A difference as a run found it, or as it is kept."""

    kind: str
    number: str
    place: int
    refund_no: str
    bill_fen: int
    our_fen: int
    bill_state: str
    our_state: str
    raw: str


@dataclass(frozen=True)
class Differing:
    """One difference of one day, to the letter. Two that are equal are the same."""

    provider: str
    day: str
    kind: str
    number: str
    place: int
    bill_fen: int
    our_fen: int
    bill_state: str
    our_state: str
    row_digest: str

    @property
    def fen(self) -> int:
        """What it is about, for limits."""
        return max(self.bill_fen, self.our_fen)

    @property
    def digest(self) -> str:
        """Names it whole, in hex, so that a person closes what that person has seen."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


def differing(provider: str, day: str, row: Row) -> Differing:
    return Differing(
        provider,
        day,
        row.kind,
        row.number,
        row.place,
        row.bill_fen,
        row.our_fen,
        row.bill_state,
        row.our_state,
        hashlib.sha256(row.raw.encode()).hexdigest(),
    )


def closed_by(event: DifferenceClosed) -> Differing:
    """Which one a word is about."""
    names = Differing.__dataclass_fields__
    return Differing(**{name: getattr(event, name) for name in names})


def stays_red(row: Row, movement: Movement | None, paid_rows: int) -> str:
    """Why no word closes it, in a sentence; empty when one may. `movement` is the row's own;
    `paid_rows`: how many differing rows, of all days, call one of its numbers paid."""
    if row.kind in ("JOURNAL_DIFFERS", "BILL_BROKEN"):
        return NOT_OF_A_BILL
    if not row.refund_no:
        strange = row.kind in MONEY_OF_STRANGERS and not OURS.fullmatch(row.number)
        return "" if strange else PAID_TWICE
    if row.kind == "DUPLICATE_ROW" or row.bill_fen > row.our_fen:
        return PAID_TWICE
    if row.kind == "STATE_DIFFERS" and row.bill_state == PAID:
        return _of_a_paid_row(row, movement, paid_rows)
    return ""


def _of_a_paid_row(row: Row, movement: Movement | None, paid_rows: int) -> str:
    """Paid by the bill and not by our record: harmless only if it came back before, so that this is
    the one payment, and the record has it by the word of two people and of nobody else."""
    came_back = movement is not None and any(
        event.state == "REVERSED" and row.number == f"{movement.refund_no}a{event.attempt}"
        for event, _at in movement.states
    )
    if not came_back or paid_rows != 1:
        return PAID_TWICE
    assert movement is not None, "what came back is a movement's"
    if movement.success is None:
        return NOT_VOUCHED
    return "" if movement.success.route == "OFFLINE" else PAID_TWICE
