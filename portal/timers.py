"""Clocks of a case: what starts them. What follows when one runs out is in cases/rules.py."""

from __future__ import annotations

from datetime import datetime

from portal.events import ClockStarted
from portal.rulebook import VERSIONS
from portal.times import stamp


def start_clock(clock: str, now: datetime, rules_version: str, track: str = "") -> ClockStarted:
    """The event that opens a clock; its length comes from the case's own version of the rules, and
    from the panel's track where the version tells tracks apart."""
    lengths = VERSIONS[rules_version].clocks
    length = lengths.get(f"{clock}/{track}", lengths[clock])
    return ClockStarted(clock=clock, due_at=stamp(now + length))
