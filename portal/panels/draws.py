"""The public list of draws: one row for every panel that was called, whatever became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Index, Select, String, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.cases.state import Case, Round
from portal.database import AnySession, db
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.times import moment, stamp

PAGE = 50
RECENT = timedelta(days=90)


class DrawRow(db.Model):  # type: ignore[name-defined]
    """A panel: called, drawn, and voided or not. Nothing of the case but its number."""

    __tablename__ = "draw"
    __table_args__ = (
        Index("ix_draw_called", "called_at", "case_no", "number"),
        Index("ix_draw_voided", "voided_at", "void_reason"),
        {"info": {"projected": True}},
    )

    case_no: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    track: Mapped[str] = mapped_column(String(12))
    seats: Mapped[int]
    candidates: Mapped[int]
    excluded: Mapped[int]
    replaced: Mapped[int]
    called_at: Mapped[datetime]
    drawn_at: Mapped[datetime | None]
    counted: Mapped[bool]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str] = mapped_column(String(20), default="")


def project_draws(session: Session, case: Case) -> None:
    """Write the rows of a case's panels as a function of its events alone."""
    for panel in (*case.earlier, case.round):
        if panel.called is not None:
            session.merge(_row(case.claim.case_no, panel))


def _row(case_no: str, panel: Round) -> DrawRow:
    called = panel.called
    assert called is not None, "a row for a panel that was never called"
    return DrawRow(
        case_no=case_no,
        number=panel.number,
        kind=panel.kind,
        track=called.track,
        seats=sum(called.seats.values()),
        candidates=sum(called.counts.values()),
        excluded=sum(called.exclusions.values()),
        replaced=len(panel.recusals),
        called_at=moment(panel.called_at),
        drawn_at=moment(panel.drawn_at) if panel.drawn_at else None,
        counted=panel.tally is not None,
        voided_at=moment(panel.voided_at) if panel.voided_at else None,
        void_reason=panel.voided.reason if panel.voided else "",
    )


@dataclass(frozen=True)
class Page:
    """Draws, the newest first; `older` continues where this page ends, empty at the end."""

    draws: tuple[DrawRow, ...]
    older: str


def list_draws(session: AnySession, before: str = "") -> Page:
    """One page, from an index: the thousandth costs what the first one does.

    Raises BadInput for a `before` that no page gave out.
    """
    query = select(DrawRow).order_by(
        DrawRow.called_at.desc(), DrawRow.case_no.desc(), DrawRow.number.desc()
    )
    if before:
        place = tuple_(DrawRow.called_at, DrawRow.case_no, DrawRow.number)
        query = query.where(place < tuple_(*_read_place(before)))
    found = session.scalars(query.limit(PAGE + 1)).all()
    shown = tuple(found[:PAGE])
    return Page(shown, _place(shown[-1]) if len(found) > PAGE else "")


@dataclass(frozen=True)
class Counted:
    """What happened since `since`: panels called, called again, of an appeal; voids by reason."""

    since: datetime
    kinds: dict[str, int]
    voids: dict[str, int]

    @property
    def called(self) -> int:
        return sum(self.kinds.values())

    @property
    def voided(self) -> int:
        return sum(self.voids.values())


def count_draws(session: AnySession, now: datetime) -> Counted:
    """The last ninety days: bounded by what happens in a quarter, not by the log's age."""
    since = now - RECENT
    kinds = select(DrawRow.kind, func.count()).where(DrawRow.called_at >= since)
    voids = select(DrawRow.void_reason, func.count()).where(DrawRow.voided_at >= since)
    return Counted(
        since=since,
        kinds=dict(_pairs(session, kinds.group_by(DrawRow.kind))),
        voids=dict(_pairs(session, voids.group_by(DrawRow.void_reason))),
    )


def _pairs(session: AnySession, query: Select[tuple[str, int]]) -> list[tuple[str, int]]:
    return [(name, number) for name, number in session.execute(query)]


def _place(row: DrawRow) -> str:
    return f"{stamp(row.called_at)}/{row.case_no}/{row.number}"


def _read_place(text: str) -> tuple[datetime, str, int]:
    try:
        called_at, case_no, number = text.split("/")
        return moment(called_at), case_no, int(number)
    except ValueError:
        raise BadInput("before", _("没有这一页")) from None
