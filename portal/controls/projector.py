"""From CONTROL_SET to its row."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.controls.fence import hold_back
from portal.controls.tables import ControlRow
from portal.events import ControlSet
from portal.files import Files


def project_control(session: Session, event: ControlSet, _files: Files) -> None:
    if event.in_force:
        hold_back(session)
        session.merge(ControlRow(name=event.name, subject=event.subject, value=event.value))
