"""Wishes about days: to put a finished one on record, and to close what differed."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import Reconciled
from portal.reconciling.differing import Differing
from portal.streams import money_stream


@dataclass(frozen=True)
class RecordDay:
    found: Reconciled

    @property
    def stream(self) -> str:
        return money_stream(self.found.day)


@dataclass(frozen=True)
class CloseDifference:
    """What was found out about a difference, and where that can be looked up. `authority_fen`: up
    to how much this person may decide; `dual_fen`: above it two people must say so."""

    about: Differing
    reason: str
    evidence: str
    approver: str
    authority_fen: int
    dual_fen: int

    @property
    def stream(self) -> str:
        return money_stream(self.about.day)
