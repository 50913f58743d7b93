"""Every day, once its bill is due: which days of which providers are still to be held together.

A day that is done is looked at again only while it is red, once a day for a week: what was wrong
may have been cured, and a bill that lists a refund under the next day explains a missing one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.events import Reconciled
from portal.formats import BEIJING
from portal.house import House
from portal.monitors.items import cure_item, open_item
from portal.providers.values import BillNotReady, Forged, NotAvailable, Provider
from portal.reconciling.running import RED, Wanted, reconcile, silent
from portal.reconciling.spool import Progress
from portal.reconciling.tables import DayRow, PaidRow, WishRow
from portal.refunds.tables import CallRow

# WeChat promises its bill by 10:00 of the next day, Alipay by 09:00; a little later is kinder.
DUE = time(10, 30)
LATE_AFTER = timedelta(hours=4)
AGAIN = timedelta(hours=1)
RED_FOR = timedelta(days=7)
RED_AGAIN = timedelta(days=1)
FARTHEST = 31  # days back; providers keep bills for three months
WAKING_SECONDS = 60.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    provider: str
    day: date


def reconcile_day(
    house: House, provider: Provider, day: date, progress: Progress = silent
) -> Reconciled | None:
    """Fetch the bill and hold it against the record. None: it is not there yet, which becomes an
    item when it should have been."""
    wanted = _fetch(provider, day)
    if wanted is None:
        _note_late(house, provider.name, day)
        return None
    found = reconcile(house, wanted, progress)
    with house.sessions.begin() as session:
        cure_item(session, "BILL_LATE", _subject(provider.name, day), house.clock.now())
    return found


def _fetch(provider: Provider, day: date) -> Wanted | None:
    try:
        return Wanted(provider.name, day, provider.bill(day))
    except BillNotReady:
        return None
    except NotAvailable:
        return Wanted(provider.name, day)
    except Forged as error:
        return Wanted(provider.name, day, broken=str(error) or "FORGED")


def _note_late(house: House, provider: str, day: date) -> None:
    now = house.clock.now()
    if now >= due_at(day) + LATE_AFTER:
        with house.sessions.begin() as session:
            open_item(session, "BILL_LATE", _subject(provider, day), now=now)


def _subject(provider: str, day: date) -> str:
    return f"{provider}/{day.isoformat()}"


def due_at(day: date) -> datetime:
    """When the bill of that day should be there."""
    return datetime.combine(day + timedelta(days=1), DUE, BEIJING)


def to_do(session: Session, providers: Iterable[str], now: datetime) -> Iterator[Due]:
    """Days whose bill is due and that are not done, or red; the oldest first."""
    newest = now.astimezone(BEIJING).date() - timedelta(days=1)
    if now < due_at(newest):
        newest -= timedelta(days=1)
    for provider in providers:
        first = _first_day(session, provider)
        if first is None or first > newest:
            continue
        oldest = max(first, newest - timedelta(days=FARTHEST - 1))
        done = _done(session, provider, oldest)
        for number in range((newest - oldest).days + 1):
            day = oldest + timedelta(days=number)
            if _is_open(done.get(day.isoformat()), day, now):
                yield Due(provider, day)


def take_wishes(session: Session, providers: Collection[str]) -> list[Due]:
    """What operators asked for, once."""
    rows = session.scalars(select(WishRow).where(WishRow.provider.in_(providers))).all()
    for row in rows:
        session.delete(row)
    return [Due(row.provider, date.fromisoformat(row.day)) for row in rows]


def _is_open(row: DayRow | None, day: date, now: datetime) -> bool:
    if row is None:
        return True
    return row.result == RED and now < due_at(day) + RED_FOR


def _first_day(session: Session, provider: str) -> date | None:
    """Of the first call to this provider, or the first payment it reported."""
    calls = select(func.min(CallRow.sent_at)).where(CallRow.provider == provider)
    called_at = session.scalar(calls)
    paid = session.scalar(select(func.min(PaidRow.day)).where(PaidRow.provider == provider))
    days = [called_at.astimezone(BEIJING).date()] if called_at else []
    return min([*days, date.fromisoformat(paid)] if paid else days, default=None)


def _done(session: Session, provider: str, since: date) -> dict[str, DayRow]:
    rows = select(DayRow).where(DayRow.provider == provider, DayRow.day >= since.isoformat())
    return {row.day: row for row in session.scalars(rows)}


@dataclass
class Daily:
    """A thread of its own beside the beat, as bills are long. Several workers may run one: the
    same day done twice records the same."""

    house: House
    providers: Iterable[Provider]
    _tried: dict[Due, datetime] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="reconciling", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def run_due(self) -> int:
        """Do what is due and was not tried lately; returns how many days were done."""
        now = self.house.clock.now()
        named = {provider.name: provider for provider in self.providers}
        with self.house.sessions.begin() as session:
            due = [*take_wishes(session, named)]
            due += [e for e in to_do(session, named, now) if self._may_try(session, e, now)]
        done = 0
        for each in dict.fromkeys(due):
            if self._stopping.is_set():
                break
            self._tried[each] = now
            done += reconcile_day(self.house, named[each.provider], each.day) is not None
        return done

    def _may_try(self, session: Session, due: Due, now: datetime) -> bool:
        row = session.get(DayRow, (due.provider, due.day.isoformat()))
        tried = max(filter(None, (self._tried.get(due), row and row.finished_at)), default=None)
        return tried is None or now - tried >= (RED_AGAIN if row else AGAIN)

    def _run(self) -> None:
        while not self._stopping.wait(WAKING_SECONDS):
            try:
                self.run_due()
            except Exception:  # tried again an hour later; the bill does not run away
                logger.exception("reconciling")
