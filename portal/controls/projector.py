"""From CONTROL_SET to its row."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.controls.tables import ControlRow
from portal.events import ControlSet
from portal.files import Files


def project_control(session: Session, event: ControlSet, _files: Files) -> None:
    if event.in_force:
        session.merge(ControlRow(name=event.name, subject=event.subject, value=event.value))
