"""Deliveries that are over are forgotten after a while; what was told stands in the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.orm import Session

from portal.house import House
from portal.quality.quarters import last_night
from portal.webhooks.tables import DeliveryRow

# Counted from the last answer. What was given up can be asked for again for longer.
KEPT: Mapping[str, timedelta] = {"DELIVERED": timedelta(days=30), "GIVEN_UP": timedelta(days=180)}
BATCH = 1000


@dataclass
class Pruning:
    """Once after every night, and once more after a start: it is the same work done again."""

    _night: datetime | None = None

    def run_if_due(self, house: House) -> bool:
        now = house.clock.now()
        if self._night == last_night(now):
            return False
        prune(house, now)
        self._night = last_night(now)
        return True


def prune(house: House, now: datetime) -> int:
    """Delete what is over and old; how many. No transaction is longer than a batch."""
    count = 0
    while True:
        with house.sessions.begin() as session:
            ids = _old(session, now)
            session.execute(delete(DeliveryRow).where(DeliveryRow.id.in_(ids)))
        count += len(ids)
        if len(ids) < BATCH:
            return count


def _old(session: Session, now: datetime) -> list[int]:
    last = func.coalesce(DeliveryRow.answered_at, DeliveryRow.created_at)
    over = (and_(DeliveryRow.state == state, last < now - kept) for state, kept in KEPT.items())
    query = select(DeliveryRow.id).where(or_(*over)).order_by(DeliveryRow.id)
    return list(session.scalars(query.limit(BATCH)))
