"""From the record to votes and counts: opened, valid ballots of panels that were not voided."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.evolving import fold
from portal.cases.state import Case, Round
from portal.cases.tables import CaseRow
from portal.events import BallotCommitted, Event, PanelCalled
from portal.history import load
from portal.panels.tables import OpenedExhibit
from portal.quality.quarters import quarter_of
from portal.streams import case_stream
from portal.times import moment
from reviewers.quality.speed import CHARS_AN_EXHIBIT
from reviewers.quality.votes import Vote

SUPPORT, REJECT, DOUBT = "SUPPORT", "REJECT", "CANNOT_DETERMINE"
LABELS = {
    "SUPPORT_CLAIMANT": SUPPORT,
    "PARTIAL": SUPPORT,
    "SUPPORT_RESPONDENT": REJECT,
    "CANNOT_DETERMINE": DOUBT,
}


@dataclass
class Counted:
    """What happened to the panels whose count fell into one quarter, or that were voided in it."""

    panels: int = 0
    seats: int = 0
    ballots: int = 0
    invalid: int = 0
    declined: int = 0
    silent: int = 0
    recused: int = 0
    removed: int = 0
    voided: int = 0
    undecided: int = 0
    appeals: int = 0
    changed: int = 0


@dataclass
class Quarter:
    votes: list[Vote] = field(default_factory=list)
    counted: Counted = field(default_factory=Counted)


Quarters = dict[str, Quarter]


def collect(session: Session, since: datetime) -> Quarters:
    """Everything that was counted since, by quarter. Costs one reading of each such case."""
    query = select(CaseRow.case_no).where(CaseRow.updated_at >= since, CaseRow.seats > 0)
    found: Quarters = {}
    for case_no in session.scalars(query.order_by(CaseRow.case_no)).all():
        _add_case(found, session, case_no, since)
    return found


def _add_case(found: Quarters, session: Session, case_no: str, since: datetime) -> None:
    events = load(session, case_stream(case_no)).events
    case = fold(events)
    opened = _first_looks(session, case_no)
    cast = _cast_times(events)
    for panel in (*case.earlier, case.round):
        ended = _ended_at(events, panel)
        if ended is None or ended < since:
            continue
        quarter = found.setdefault(quarter_of(ended), Quarter())
        _count(quarter.counted, panel)
        if panel.voided is None and panel.tally is not None:
            quarter.votes.extend(_votes(case, panel, cast, opened))


def _ended_at(events: Iterable[tuple[Event, str]], panel: Round) -> datetime | None:
    """When it was voided, else when its count closed; None while it is under way."""
    last = panel.voided or panel.tally
    return next((moment(at) for event, at in events if event is last), None) if last else None


def _count(counted: Counted, panel: Round) -> None:
    if panel.voided is not None:
        counted.voided += 1
        return
    counted.panels += 1
    counted.seats += len(panel.seats)
    counted.ballots += len(panel.revealed)
    counted.invalid += sum(not one.valid for one in panel.revealed)
    for one in panel.recusals:
        name = one.why.lower()
        setattr(counted, name, getattr(counted, name) + 1)
    decided = panel.tally is not None and panel.tally.result.get("why") == "MAJORITY"
    counted.undecided += not decided
    if panel.kind == "APPEAL":
        counted.appeals += 1
        ruling = panel.ruling
        counted.changed += ruling is not None and ruling.appeal in ("CHANGES", "VOIDS")


def _votes(
    case: Case,
    panel: Round,
    cast: dict[tuple[int, int], datetime],
    opened: dict[str, datetime],
) -> Iterator[Vote]:
    sitting = {seat.number: seat for seat in panel.seats}
    length, name = _length(case), f"{case.claim.case_no}/{panel.number}"
    for one in panel.revealed:
        label = LABELS.get(str(one.ballot.get("choice")))
        seat = sitting.get(one.seat)
        if one.valid and label and seat is not None and seat.reviewer_id:
            yield Vote(
                case=name,
                # A year of votes stays in memory for the night: one text for each reviewer.
                reviewer=sys.intern(seat.reviewer_id),
                stratum=sys.intern(seat.stratum.partition("/")[0]),
                label=label,
                seconds=_seconds(opened.get(seat.reviewer_id), cast.get((panel.number, one.seat))),
                length=length,
            )


def _seconds(first_look: datetime | None, cast_at: datetime | None) -> float | None:
    if first_look is None or cast_at is None:
        return None
    return max(0.0, (cast_at - first_look).total_seconds())


def _length(case: Case) -> int:
    answer = case.response.text if case.response else ""
    return len(case.claim.text) + len(answer) + CHARS_AN_EXHIBIT * len(case.exhibits)


def _cast_times(events: Iterable[tuple[Event, str]]) -> dict[tuple[int, int], datetime]:
    """When the newest ballot of each panel and seat was recorded."""
    found: dict[tuple[int, int], datetime] = {}
    panel = 1
    for event, at in events:
        if isinstance(event, PanelCalled):
            panel = event.round
        elif isinstance(event, BallotCommitted):
            found[panel, event.seat] = moment(at)
    return found


def _first_looks(session: Session, case_no: str) -> dict[str, datetime]:
    query = (
        select(OpenedExhibit.reviewer_id, func.min(OpenedExhibit.at))
        .where(OpenedExhibit.case_no == case_no)
        .group_by(OpenedExhibit.reviewer_id)
    )
    return {str(reviewer): at for reviewer, at in session.execute(query)}
