"""Noting who looked at a case: association and operator see cases that are not their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from portal.access import Actor
from portal.audit.tables import CaseView
from portal.database import AnySession

# A page fetches its own proof; that is one look, not two.
ONE_LOOK = timedelta(minutes=5)


def note_look(session: AnySession, actor: Actor, case_no: str, now: datetime) -> None:
    """Remember the look and commit it, before anything of the case is answered."""
    recent = CaseView.case_no == case_no, CaseView.account_id == actor.account_id
    seen = select(CaseView.id).where(*recent, CaseView.at > now - ONE_LOOK).limit(1)
    if session.scalar(seen) is None:
        session.add(CaseView(account_id=actor.account_id, case_no=case_no, at=now))
    session.commit()
