"""The watch's place in the worker: once a minute within the beat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.errors import Refused
from portal.house import House
from portal.keyring import KeyDestroyed
from portal.monitors.commands import EscalateItem
from portal.monitors.escalation import TOP
from portal.monitors.items import cure_item
from portal.monitors.tables import ItemRow
from portal.monitors.watching import let_rise, watch
from portal.times import stamp

EVERY = timedelta(minutes=1)


@dataclass
class Watch:
    house: House
    _last: datetime | None = None

    def look_if_due(self) -> bool:
        """Look at all money unless that was less than a minute ago."""
        now = self.house.clock.now()
        if self._last is not None and now - self._last < EVERY:
            return False
        look(self.house)
        self._last = now
        return True


def look(house: House) -> None:
    """Open, cure, let rise; what the association is to see is recorded first."""
    now = house.clock.now()
    with house.sessions.begin() as session:
        watch(session, now)
    with house.sessions.begin() as session:
        raised = let_rise(session, now)
    for row in raised:
        _record(house, row)


def _record(house: House, row: ItemRow) -> None:
    wish = EscalateItem(
        row.item_no, row.kind, row.subject, stamp(row.opened_at), row.case_no, level=TOP
    )
    try:
        house.recorder.record(wish, by="SYSTEM", command_id=f"escalate/{row.item_no}/{TOP}")
    except Refused:
        return  # resolved by a person in this very moment
    except KeyDestroyed:  # its case is erased: nobody can do more, and it must hold up no other
        with house.sessions.begin() as session:
            cure_item(session, row.kind, row.subject, house.clock.now())
