"""The switch of a provider against a request on its way out: whichever commits first decides.

A request reads the switch as the last statement of the transaction that writes it down. On SQLite
that transaction is the only writer. On PostgreSQL a switch waits until no such transaction is open,
so that after an operator's "stopped" nothing leaves that had not been written down before it.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.controls.queries import is_stopped

_SWITCHES = 0x6D696E67  # "ming": the database's own number for this lock


def may_leave(session: Session, provider: str) -> bool:
    """Whether a request that this transaction has written down may be sent once it is committed.

    Ask last: who has this lock waits for no other. False also while somebody sets a control.
    """
    if _is_shared(session):
        free = select(func.pg_try_advisory_xact_lock_shared(_SWITCHES))
        if not session.scalar(free):
            return False
    return not is_stopped(session, provider)


def hold_back(session: Session) -> None:
    """Before a control is written: until this transaction ends no request is let out."""
    if _is_shared(session):
        session.execute(select(func.pg_advisory_xact_lock(_SWITCHES)))


def _is_shared(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"
