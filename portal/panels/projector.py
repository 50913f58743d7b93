"""From the pool's stream to its rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.cases.tables import EntryRow
from portal.events import (
    NewReviewer,
    PracticeJudged,
    ReviewerChanged,
    ReviewerEnrolled,
    ReviewersImported,
    ReviewerStateSet,
)
from portal.files import Files
from portal.panels.tables import PracticeRow, ReviewerRow
from portal.streams import POOL
from portal.times import moment


def project_enrolled(session: Session, event: ReviewerEnrolled, files: Files) -> None:
    session.merge(_row(event, _recorded_at(session), event.how, event.state))


def project_imported(session: Session, event: ReviewersImported, files: Files) -> None:
    at = _recorded_at(session)
    session.add_all(_row(one, at, "IMPORTED", "ACTIVE") for one in event.reviewers)


def project_changed(session: Session, event: ReviewerChanged, files: Files) -> None:
    row = session.get_one(ReviewerRow, event.reviewer_id)
    row.weight = event.weight
    row.fields = list(event.fields)
    row.languages = list(event.languages)
    row.quota = event.quota


def project_state(session: Session, event: ReviewerStateSet, files: Files) -> None:
    row = session.get_one(ReviewerRow, event.reviewer_id)
    row.state, row.reason = event.state, event.reason


def project_practice(session: Session, event: PracticeJudged, files: Files) -> None:
    """`passed` counts different practice cases: the same one twice is one."""
    at = _recorded_at(session)
    session.add(
        PracticeRow(
            reviewer_id=event.reviewer_id,
            practice=event.practice,
            choice=event.choice,
            passed=event.passed,
            at=at,
        )
    )
    session.flush()
    met = select(func.count(func.distinct(PracticeRow.practice))).where(
        PracticeRow.reviewer_id == event.reviewer_id, PracticeRow.passed
    )
    session.get_one(ReviewerRow, event.reviewer_id).passed = session.scalar(met) or 0


def _row(one: NewReviewer | ReviewerEnrolled, at: datetime, how: str, state: str) -> ReviewerRow:
    return ReviewerRow(
        reviewer_id=one.reviewer_id,
        stratum=one.stratum,
        weight=one.weight,
        fields=list(one.fields),
        languages=list(one.languages),
        quota=one.quota,
        state=state,
        how=how,
        joined_at=at,
    )


def _recorded_at(session: Session) -> datetime:
    """When the entry was recorded that is being projected: the newest of the pool's rows."""
    newest = select(EntryRow.at).where(EntryRow.stream == POOL).order_by(EntryRow.seq.desc())
    return moment(session.scalars(newest.limit(1)).one())
