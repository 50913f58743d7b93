"""Repeat the draw and the count of a recorded case, and say where the record differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from reviewers.bundle import Bundle, Event
from reviewers.errors import ReviewersError
from reviewers.panels import Panel, panels_of
from reviewers.recounting import Beside, Open, count_again
from reviewers.redraw import redraw
from reviewers.report import Line

__all__ = ["Line", "recompute", "recount"]


def recompute(bundle: Bundle, pool: Sequence[Event] | None = None) -> tuple[Line, ...]:
    """Draw every recorded panel again; with the pool's entries also who could be drawn."""
    check = partial(redraw, bundle=bundle, pool=pool)
    return _each(bundle, "PANEL_DRAWN", "No panel was drawn in this case.", check)


def recount(bundle: Bundle) -> tuple[Line, ...]:
    """Count every closed vote again."""
    check = partial(count_again, beside=Beside(bundle.ballots, _opener()))
    return _each(bundle, "TALLY_CLOSED", "No vote was counted in this case.", check)


def _each(
    bundle: Bundle, type_: str, absent: str, check: Callable[[Panel], Iterator[Line]]
) -> tuple[Line, ...]:
    found = panels_of(bundle.events)
    orphans = _before_any_call(bundle, type_)
    lines = [line for panel in found for line in _guarded(panel, check)]
    there = any(one.type == type_ for one in bundle.events)
    return (*orphans, *lines) if there else (Line(absent),)


def _before_any_call(bundle: Bundle, type_: str) -> tuple[Line, ...]:
    calls = [one.index for one in bundle.events if one.type == "PANEL_CALLED"]
    return tuple(
        Line(f"Entry {one.index}: {type_} without a PANEL_CALLED before it.", False)
        for one in bundle.events
        if one.type == type_ and (not calls or one.index < calls[0])
    )


def _guarded(panel: Panel, check: Callable[[Panel], Iterator[Line]]) -> Iterator[Line]:
    yield Line(f"{panel.title}, called in entry {panel.called.index}.")
    try:
        yield from check(panel)
    except ReviewersError as problem:
        yield Line(f"{panel.title} cannot be repeated: {problem}", False)


def _opener() -> Open | None:
    """Everything else here runs on the standard library alone; this one step does not."""
    try:
        from reviewers.envelope import open_envelope
    except ImportError:
        return None
    return open_envelope
