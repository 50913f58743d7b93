"""What the pages of quality show."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.quality.tables import QualityProposal, QualityReport

PAGE = 30
LISTED = 20  # quarters: five years


@dataclass(frozen=True)
class Proposals:
    rows: tuple[QualityProposal, ...]
    next: int | None


def quarters(session: AnySession) -> tuple[str, ...]:
    """The newest first."""
    query = select(QualityReport.quarter).order_by(QualityReport.quarter.desc()).limit(LISTED)
    return tuple(session.scalars(query))


def report(session: AnySession, quarter: str | None) -> QualityReport | None:
    """One quarter, or the newest; None before the first night. Raises NotFound."""
    if quarter is None:
        newest = select(QualityReport).order_by(QualityReport.quarter.desc()).limit(1)
        return session.scalar(newest)
    row = session.get(QualityReport, quarter)
    if row is None:
        raise NotFound(_("没有这个季度的统计"))
    return row


def proposals(session: AnySession, state: str = "NEW", skip: int = 0) -> Proposals:
    """A page of what the figures ask somebody to look at."""
    query = (
        select(QualityProposal)
        .where(QualityProposal.state == state)
        .order_by(QualityProposal.found_at.desc(), QualityProposal.key)
        .offset(skip)
        .limit(PAGE + 1)
    )
    rows = session.scalars(query).all()
    return Proposals(tuple(rows[:PAGE]), skip + PAGE if rows[PAGE:] else None)


def proposal(session: AnySession, key: str) -> QualityProposal:
    """Raises NotFound."""
    row = session.get(QualityProposal, key)
    if row is None:
        raise NotFound(_("没有这条提示"))
    return row
