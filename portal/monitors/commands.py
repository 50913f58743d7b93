"""Wishes about items; the first is the watch's own."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import case_stream, money_stream


@dataclass(frozen=True)
class ItemWish:
    """An item by what it is: `opened_at` is RFC 3339. A case's items are in the case's stream."""

    item_no: str
    kind: str
    subject: str
    opened_at: str
    case_no: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no) if self.case_no else money_stream(self.opened_at)


@dataclass(frozen=True)
class EscalateItem(ItemWish):
    level: int


@dataclass(frozen=True)
class ResolveItem(ItemWish):
    text: str
