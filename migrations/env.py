"""Alembic's entry: the application's own engine and models (see portal/database.py)."""

from __future__ import annotations

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from portal.database import Moment, is_ours


def render(kind: str, item: object, _context: AutogenContext) -> str | bool:
    """A migration is read for ever, so it names the column's plain type and imports nothing."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


def migrate() -> None:
    db = current_app.extensions["migrate"].db
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            include_name=is_ours,
            render_item=render,
            render_as_batch=True,  # SQLite cannot alter a table in place
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


migrate()
