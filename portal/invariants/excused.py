"""What people have closed on record, as the checks against providers' words take it.

A closing excuses a row of a bill exactly as it was seen, never a number or a day; and no closing
excuses more money under our own numbers than was ordered, whoever has said so and however often
(`portal/reconciling/differing.py` says which rows those are): a payment made twice keeps I6 red
until the bill no longer has it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.invariants.finding import Known
from portal.invariants.provider_log import Moved, refund_no_of
from portal.reconciling.closed import Closing, covered
from portal.reconciling.comparing import PAID
from portal.reconciling.differing import MONEY_OF_STRANGERS


@dataclass(frozen=True)
class Excused:
    """Closings by the id of the difference that each covers now."""

    by_row: dict[int, Closing]

    def of_day(self, provider: str, day: str) -> list[Closing]:
        words = self.by_row.values()
        return [w for w in words if (w.event.provider, w.event.day) == (provider, day)]

    def of_number(self, number: str) -> Closing | None:
        """That this number is a stranger's."""
        return next((w for w in self._strangers() if w.event.number == number), None)

    def of_moves(self, moves: list[Moved]) -> Iterator[tuple[Moved, Closing | None]]:
        """Each with a closing of its own: of two rows with the same number and sum, one closing
        excuses one."""
        left: dict[tuple[str, str, int], list[Closing]] = {}
        for word in self._strangers():
            key = word.event.provider, word.event.number, word.event.bill_fen
            left.setdefault(key, []).append(word)
        for move in moves:
            words = left.get((move.provider, move.number, move.amount_fen))
            yield move, words.pop() if words else None

    def of_movements(self) -> dict[str, tuple[int, Closing]]:
        """By refund_no: how much more the provider has paid than we have booked, and a word."""
        sums: Counter[str] = Counter()
        words: dict[str, Closing] = {}
        for word in self.by_row.values():
            if word.event.kind not in MONEY_OF_STRANGERS:
                refund_no = refund_no_of(word.event.number)
                sums[refund_no] += _excess(word)
                words[refund_no] = word
        return {refund_no: (sums[refund_no], word) for refund_no, word in words.items()}

    def _strangers(self) -> Iterator[Closing]:
        words = self.by_row.values()
        return (word for word in words if word.event.kind in MONEY_OF_STRANGERS)


def excused(session: Session) -> Excused:
    return Excused(covered(session))


def known(what: str, word: Closing) -> Known:
    return Known(what, word.event.reason, word.event.evidence, word.index)


def _excess(word: Closing) -> int:
    event = word.event
    there = event.bill_fen if event.bill_state == PAID else 0
    return there - (event.our_fen if event.our_state == PAID else 0)
