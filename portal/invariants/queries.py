"""The newest run, for the operator's and the association's pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.database import AnySession
from portal.invariants.finding import Finding, Known
from portal.invariants.tables import InvariantRun


@dataclass(frozen=True)
class LatestRun:
    """Green when `ok`. `whole`: all cases, not only those that moved since the run before."""

    made_at: datetime
    whole: bool
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return all(finding.ok for finding in self.findings)

    @property
    def broken(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if not finding.ok)


def latest(session: AnySession) -> LatestRun | None:
    """None before the first night."""
    row = session.scalar(select(InvariantRun).order_by(InvariantRun.made_at.desc()).limit(1))
    if row is None:
        return None
    findings = tuple(finding_of(fields) for fields in row.findings)
    return LatestRun(row.made_at, row.whole, findings)


def finding_of(fields: dict[str, object]) -> Finding:
    """A finding as it was kept."""
    lists = {
        "examples": tuple(fields["examples"]),  # type: ignore[arg-type]
        "lost": tuple(map(tuple, fields.get("lost", ()))),  # type: ignore[arg-type]
        "known": tuple(Known(**each) for each in fields.get("known", ())),  # type: ignore[attr-defined]
    }
    kept = fields | lists
    return Finding(**kept)  # type: ignore[arg-type]
