"""The night's run: figures of the two newest quarters, and what they ask a person to look at.

Idempotent, and harmless twice: figures replace figures, a proposal that is known stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.house import House
from portal.quality.collecting import Quarter, Quarters, collect
from portal.quality.figures import figures_of
from portal.quality.quarters import before, last_night, quarter_of, start_of
from portal.quality.tables import QualityProposal, QualityReport
from reviewers.quality.collusion import suspicions
from reviewers.quality.speed import hasty_reviewers
from reviewers.quality.votes import Vote

PAIRS_OVER = 4  # quarters of votes in which pairs are looked for
PUBLISHED = 2  # quarters whose figures may still change


def run(house: House) -> dict[str, Any]:
    """Make the figures and proposals now; returns the figures by quarter, as they were kept."""
    now = house.clock.now()
    newest = quarter_of(now)
    size = house.projection.catch_up()
    with house.sessions() as session:
        quarters = collect(session, start_of(before(newest, PAIRS_OVER - 1)))
    names = [before(newest, steps) for steps in range(PUBLISHED)]
    kept = {name: figures_of(name, quarters.get(name, Quarter())) for name in names}
    found = tuple(proposals(quarters, now))
    with house.sessions.begin() as session:
        for name, figures in kept.items():
            row = QualityReport(quarter=name, made_at=now, log_size=size, figures=figures)
            session.merge(row)
        for proposal in found:
            if session.get(QualityProposal, proposal.key) is None:
                session.add(proposal)
    return kept


def run_if_due(house: House) -> bool:
    """Once after every night, also when the night itself was slept through."""
    now = house.clock.now()
    with house.sessions() as session:
        made_at = _made_at(session)
    if made_at is not None and made_at >= last_night(now):
        return False
    run(house)
    return True


def _made_at(session: Session) -> datetime | None:
    return session.scalar(select(func.max(QualityReport.made_at)))


def proposals(quarters: Quarters, now: datetime) -> Iterator[QualityProposal]:
    """Haste and pairs beyond chance, each under a key that is the same the next night."""
    votes: list[Vote] = [vote for quarter in quarters.values() for vote in quarter.votes]
    newest = max(quarters, default="")
    for one in hasty_reviewers(votes):
        facts = {"hasty": one.hasty, "timed": one.timed, "chance": one.chance}
        yield _proposal("SPEED_VOTE", (one.reviewer,), newest, facts, now)
    for pair in suspicions(votes):
        facts = {
            "shared": pair.shared,
            "agreed": pair.agreed,
            "expected": round(pair.expected, 2),
            "chance": pair.chance,
        }
        yield _proposal("COLLUSION_PATTERN", pair.pair, newest, facts, now)


def _proposal(
    flag: str, about: tuple[str, ...], quarter: str, facts: dict[str, Any], now: datetime
) -> QualityProposal:
    key = hashlib.sha256("\n".join((flag, quarter, *about)).encode()).hexdigest()
    return QualityProposal(
        key=key,
        flag=flag,
        about=list(about),
        facts={"quarter": quarter, **facts},
        state="NEW",
        found_at=now,
    )
