"""From REVIEWER_ENROLLED to the pool's rows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.events import ReviewerEnrolled
from portal.files import Files
from portal.panels.tables import ReviewerRow


def project_reviewer(session: Session, event: ReviewerEnrolled, files: Files) -> None:
    session.merge(
        ReviewerRow(
            reviewer_id=event.reviewer_id,
            stratum=event.stratum,
            weight=event.weight,
            fields=list(event.fields),
        )
    )
