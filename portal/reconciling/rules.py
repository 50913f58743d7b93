"""A day may be reconciled again, as bills and knowledge change; each result is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.events import Event
from portal.reconciling.commands import RecordDay


def record_day(history: Sequence[Event], command: RecordDay, now: datetime) -> tuple[Event, ...]:
    """RECONCILED."""
    return (command.found,)
