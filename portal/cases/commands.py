"""What time itself wishes."""

from __future__ import annotations

from dataclasses import dataclass

from portal.streams import OfCase


@dataclass(frozen=True)
class ExpireClock(OfCase):
    """A clock that the worker found due; names its due time, so a later clock is not meant."""

    clock: str
    due_at: str
