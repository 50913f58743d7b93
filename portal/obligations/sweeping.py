"""Deadlines of obligations, as the worker finds and ends them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.engine import Duty
from portal.errors import Refused
from portal.obligations.commands import ExpireObligation
from portal.obligations.tables import ObligationRow
from portal.recorder import Recorder
from portal.times import stamp

LAPSE = "LAPSE"


def lapsed(session: Session, now: datetime, most: int) -> list[Duty]:
    """One duty for each obligation whose time is over; costs an index look-up."""
    minute = now.strftime("%Y%m%dT%H%M")
    due = select(ObligationRow).where(ObligationRow.due_at <= now)
    rows = session.scalars(due.order_by(ObligationRow.due_at).limit(most))
    return [
        Duty(LAPSE, row.case_no, f"{row.number}@{stamp(row.due_at)}", again=minute)
        for row in rows
        if row.due_at
    ]


def expire(recorder: Recorder, case_no: str, subject: str) -> None:
    """End the deadline that `subject` names, O1@time; nothing if somebody acted in time."""
    number, due_at = subject.split("@", 1)
    wish = ExpireObligation(case_no, number, due_at)
    try:
        recorder.record(wish, by="SYSTEM", command_id=f"lapse/{case_no}/{subject}")
    except Refused:
        return
