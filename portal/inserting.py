"""A row that may be there already, also because another process has just made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, scoped_session

_INSERTS = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_absent(
    session: Session | scoped_session[Session], table: type[Any], **values: object
) -> bool:
    """Insert a row; False when its key was taken. The row says so itself: of an INSERT the driver
    for PostgreSQL counts nothing."""
    insert = _INSERTS[session.get_bind().dialect.name]
    statement = insert(table).values(**values).on_conflict_do_nothing()
    key = table.__table__.primary_key.columns
    return session.execute(statement.returning(*key)).first() is not None


def add_to(session: Session, table: type[Any], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert, and where the key is taken add the numbers to those that stand there. For running
    sums only: what is text stays as it is."""
    insert = _INSERTS[session.get_bind().dialect.name]
    statement, columns = insert(table).values(rows), table.__table__.c
    sums = [name for name, value in rows[0].items() if isinstance(value, int)]
    key = [column.name for column in table.__table__.primary_key]
    added = {name: columns[name] + statement.excluded[name] for name in sums}
    session.execute(statement.on_conflict_do_update(index_elements=key, set_=added))
