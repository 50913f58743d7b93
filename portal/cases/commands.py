"""What time itself wishes."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import case_stream


@dataclass(frozen=True)
class ExpireClock:
    """A clock that the worker found due; names its due time, so a later clock is not meant."""

    case_no: str
    clock: str
    due_at: str

    @property
    def stream(self) -> str:
        return case_stream(self.case_no)
