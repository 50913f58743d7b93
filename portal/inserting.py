"""A row that may be there already, also because another process has just made it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, scoped_session

_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_absent(
    session: Session | scoped_session[Session], table: type[Any], **values: object
) -> bool:
    """Insert unless its key is taken; whether it was inserted."""
    insert = _INSERTS[session.get_bind().dialect.name]
    statement = insert(table).values(**values).on_conflict_do_nothing()
    return bool(session.execute(statement).rowcount)  # type: ignore[attr-defined]
