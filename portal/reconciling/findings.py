"""What differed, kept: found again it is the same row, found no longer it is marked as gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.monitors.items import cure_item, open_item
from portal.providers.values import BillRow
from portal.reconciling.closed import closings, in_force
from portal.reconciling.comparing import ITEMS, Ours
from portal.reconciling.differing import differing
from portal.reconciling.tables import DifferenceRow, StrayRow

MOST_ITEMS = 100  # of one run; a bill full of strangers is one problem, not a million


@dataclass(frozen=True)
class Run:
    """One look at one day. `id` marks what it found."""

    id: str
    provider: str
    day: str
    now: datetime

    @property
    def subject(self) -> str:
        return f"{self.provider}/{self.day}"


@dataclass(frozen=True)
class Finding:
    """One difference. `place`: the bill's line for what only the bill has."""

    kind: str
    number: str
    place: int = 0
    refund_no: str = ""
    case_no: str = ""
    bill_fen: int = 0
    our_fen: int = 0
    bill_state: str = ""
    our_state: str = ""
    raw: str = ""


def finding_of(kind: str, row: BillRow | None, ours: Ours | None, number: str) -> Finding:
    """From what stands on both sides."""
    only_there = kind in ("ORPHAN", "DUPLICATE_ROW")
    return Finding(
        kind=kind,
        number=number,
        place=row.line if row and only_there else 0,
        refund_no=ours.refund_no if ours else "",
        case_no=ours.case_no if ours else "",
        bill_fen=row.amount_fen if row else 0,
        our_fen=ours.amount_fen if ours else 0,
        bill_state=row.state if row else "",
        our_state=_our_state(ours) if ours else "",
        raw=row.raw if row else "",
    )


def _our_state(ours: Ours) -> str:
    return "REVERSED" if ours.reversed else ours.state


def keep_findings(session: Session, run: Run, findings: Sequence[Finding], had: int) -> None:
    """Rows and items of a batch; `had` findings were kept before it in this run. What somebody has
    closed as it stands is nobody's item again."""
    closed = in_force(closings(session, (run.day,)))
    for place, finding in enumerate(findings, had):
        session.execute(_kept(session, run, finding))
        if differing(run.provider, run.day, finding) in closed:
            continue
        if place < MOST_ITEMS:
            _open(session, run, finding, finding.number or run.subject)
        elif place == MOST_ITEMS:
            _open(session, run, finding, run.subject)


def _kept(session: Session, run: Run, finding: Finding) -> sqlite.Insert | postgresql.Insert:
    """An upsert: the first time it was found stays."""
    values = {
        **{name: getattr(finding, name) for name in Finding.__dataclass_fields__},
        "provider": run.provider,
        "day": run.day,
        "run": run.id,
        "found_at": run.now,
        "gone_at": None,
    }
    key = ["provider", "day", "kind", "number", "place"]
    changed = {name: values[name] for name in values if name not in (*key, "found_at")}
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite if on_sqlite else postgresql).insert(DifferenceRow).values(**values)
    return insert.on_conflict_do_update(index_elements=key, set_=changed)


def _open(session: Session, run: Run, finding: Finding, subject: str) -> None:
    open_item(
        session,
        ITEMS[finding.kind],
        subject,
        case_no=finding.case_no,
        refund_no=finding.refund_no,
        amount_fen=finding.bill_fen or finding.our_fen,
        note=run.subject,
        now=run.now,
    )


def close_gone(session: Session, run: Run) -> None:
    """What this run of the day found no longer; a person's items about it are cured."""
    query = select(DifferenceRow).where(
        DifferenceRow.provider == run.provider,
        DifferenceRow.day == run.day,
        DifferenceRow.gone_at.is_(None),
        DifferenceRow.run != run.id,
    )
    for row in session.scalars(query.execution_options(yield_per=500)):
        row.gone_at = run.now
        cure_item(session, ITEMS[row.kind], row.number or run.subject, run.now, run.subject)


def keep_strays(session: Session, run: Run, strays: Iterable[tuple[str, Ours]]) -> None:
    """(number, ours) that this bill lists and we have on another day; ends what that day missed."""
    for number, ours in strays:
        session.merge(
            StrayRow(provider=run.provider, number=number, bill_day=run.day, our_day=ours.day)
        )
        missed = (
            update(DifferenceRow)
            .where(DifferenceRow.number == number, DifferenceRow.kind == "MISSING_IN_BILL")
            .where(DifferenceRow.provider == run.provider, DifferenceRow.gone_at.is_(None))
        )
        if session.execute(missed.values(gone_at=run.now)).rowcount:  # type: ignore[attr-defined]
            cure_item(session, "MISSING_ROW", number, run.now, run.subject)
