"""The checks after every night: cases whose money moved since the last run; all of them once a
week, so that a row that was changed by hand in an old case is found as well, and after a night
that found something, so that what was set right does not stay red for a week."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portal.house import House
from portal.invariants.checks import Scope, check_refunds
from portal.invariants.finding import Finding
from portal.invariants.lost import tell_of_lost
from portal.invariants.queries import latest
from portal.invariants.simulated import open_log
from portal.invariants.tables import InvariantRun
from portal.monitors.items import cure_item, open_item
from portal.quality.quarters import last_night

BROKEN = "INVARIANT_BROKEN"
WHOLE_EVERY = timedelta(days=7)
OVERLAP = timedelta(minutes=10)  # more than the clocks of two workers differ


def run(house: House, scope: Scope | None = None) -> tuple[Finding, ...]:
    """Check now and keep what was found; what is broken becomes somebody's item."""
    now = house.clock.now()
    size = house.projection.catch_up()
    with house.sessions.begin() as session:
        # Of a clock that was ahead: it would stand before all others, green, until that day comes.
        session.execute(delete(InvariantRun).where(InvariantRun.made_at > now))
    scope = scope or _due_scope(house, now)
    log = open_log(house.config, house.clock.now)
    findings = check_refunds(house, log, scope)
    with house.sessions.begin() as session:
        session.merge(_row(now, size, scope, findings))
        for finding in findings:
            _tell(session, finding, scope, now)
            if finding.name == "I11":
                tell_of_lost(session, finding.lost, scope.since is None, now)
    return findings


def _tell(session: Session, finding: Finding, scope: Scope, now: datetime) -> None:
    """Broken, it is an item until a run over every case finds it whole again."""
    if finding.ok:
        if scope.since is None:
            cure_item(session, BROKEN, finding.name, now)
        return
    note = " ".join((finding.name, *finding.examples))
    open_item(session, BROKEN, finding.name, note=note, now=now)


def run_if_due(house: House) -> bool:
    """Once after every night."""
    now = house.clock.now()
    done = select(InvariantRun.made_at).where(
        InvariantRun.made_at >= last_night(now), InvariantRun.made_at <= now
    )
    with house.sessions() as session:
        if session.scalar(done.limit(1)) is not None:
            return False
    run(house)
    return True


def _due_scope(house: House, now: datetime) -> Scope:
    with house.sessions() as session:
        newest = latest(session)
        whole = _newest_whole(session)
    if newest is None or not newest.ok or whole is None or now - whole >= WHOLE_EVERY:
        return Scope()
    return Scope(since=newest.made_at - OVERLAP)


def _newest_whole(session: Session) -> datetime | None:
    query = select(func.max(InvariantRun.made_at)).where(InvariantRun.whole.is_(True))
    return session.scalar(query)


def _row(now: datetime, size: int, scope: Scope, findings: tuple[Finding, ...]) -> InvariantRun:
    return InvariantRun(
        made_at=now,
        log_size=size,
        whole=scope.since is None,
        broken=sum(not finding.ok for finding in findings),
        findings=[asdict(finding) for finding in findings],
    )
