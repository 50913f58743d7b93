"""What the operator's first page about money shows; every figure is read along an index."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.access import Actor
from portal.books.accounts import ADVANCE
from portal.books.tables import AccountRow, JournalRow
from portal.controls.queries import is_stopped
from portal.database import AnySession
from portal.invariants.queries import LatestRun, latest
from portal.monitors.conditions import day_of
from portal.monitors.queries import Counts, Items, counts, items
from portal.providers.values import Provider
from portal.reconciling.queries import known, newest_day
from portal.reconciling.tables import DayRow, PaidRow
from portal.refunds.tables import BreakerRow, TurnRow

OLDEST = 10


@dataclass(frozen=True)
class Channel:
    """A provider as it stands now; `paused_until`: it does not answer and is left alone."""

    name: str
    simulated: bool
    stopped: bool
    paused_until: datetime | None
    today_fen: int
    today_count: int
    day: DayRow | None  # the newest that was reconciled
    known: bool  # people have closed all that differed on it


@dataclass(frozen=True)
class Overview:
    counts: Counts
    oldest: Items
    channels: tuple[Channel, ...]
    invariants: LatestRun | None
    paid_fen: int  # today, through all providers
    recouped_fen: int  # today, what shops gave back of advances
    blocked: int  # movements that wait for a person or a limit

    @property
    def simulated(self) -> bool:
        return any(channel.simulated for channel in self.channels)


def overview(
    session: AnySession, actor: Actor, providers: Iterable[Provider], now: datetime
) -> Overview:
    """Counted at this moment."""
    channels = tuple(_channel(session, provider, now) for provider in providers)
    first = items(session, actor)
    return Overview(
        counts=counts(session),
        oldest=Items(first.rows[:OLDEST], None),
        channels=channels,
        invariants=latest(session),
        paid_fen=sum(channel.today_fen for channel in channels),
        recouped_fen=_recouped(session, now),
        blocked=_blocked(session),
    )


def _channel(session: AnySession, provider: Provider, now: datetime) -> Channel:
    today = PaidRow.provider == provider.name, PaidRow.day == day_of(now).isoformat()
    summed = select(func.coalesce(func.sum(PaidRow.amount_fen), 0), func.count()).where(*today)
    fen, count = session.execute(summed).one()
    breaker = session.get(BreakerRow, provider.name)
    paused = breaker.paused_until if breaker else None
    day = newest_day(session, provider.name)
    return Channel(
        name=provider.name,
        simulated=provider.simulated,
        stopped=is_stopped(session, provider.name),
        paused_until=paused if paused and paused > now else None,
        today_fen=int(fen),
        today_count=int(count),
        day=day,
        known=bool(day and known(session, (day,))),
    )


def _recouped(session: AnySession, now: datetime) -> int:
    advances = select(AccountRow.account).where(AccountRow.kind == ADVANCE)
    came_back = JournalRow.credit.in_(advances), JournalRow.day == day_of(now).isoformat()
    query = select(func.sum(JournalRow.amount_fen)).where(*came_back, JournalRow.kind == "RECOUPED")
    return int(session.scalar(query) or 0)


def _blocked(session: AnySession) -> int:
    return int(session.scalar(select(func.count()).where(TurnRow.blocked != "")) or 0)
