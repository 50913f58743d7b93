"""The panels of a case, out of the order of its entries: what was called, drawn, voted, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reviewers.bundle import Event


@dataclass(frozen=True, slots=True)
class Panel:
    """One round: its PANEL_CALLED and every entry up to the next one's."""

    called: Event
    entries: tuple[Event, ...]

    @property
    def title(self) -> str:
        fields = self.called.fields
        return f"Round {fields.get('round', 1)} ({fields.get('kind')}, {fields.get('track')})"

    def first(self, type_: str) -> Event | None:
        return next(iter(self.all(type_)), None)

    def all(self, type_: str) -> tuple[Event, ...]:
        return tuple(one for one in self.entries if one.type == type_)


def panels_of(events: Sequence[Event]) -> tuple[Panel, ...]:
    """The rounds in order; an appeal or a void begins the next one with its own call."""
    starts = [place for place, one in enumerate(events) if one.type == "PANEL_CALLED"]
    spans = pairwise([*starts, len(events)])
    return tuple(Panel(events[start], tuple(events[start + 1 : end])) for start, end in spans)
