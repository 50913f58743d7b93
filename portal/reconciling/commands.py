"""The one wish: to put a finished day on record."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import Reconciled
from portal.streams import money_stream


@dataclass(frozen=True)
class RecordDay:
    found: Reconciled

    @property
    def stream(self) -> str:
        return money_stream(self.found.day)
