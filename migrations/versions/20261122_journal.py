"""SQLite: no line of the journal is replaced in its row's own place either."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WAY_BACK = """\
CREATE TRIGGER journal_entry_once BEFORE INSERT ON journal_entry
WHEN EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a posted line is never replaced'); END"""
REPLACE = WAY_BACK.replace("id = NEW.id", "id = NEW.id OR rowid = NEW.rowid")


def upgrade() -> None:
    _make(REPLACE)


def downgrade() -> None:
    _make(WAY_BACK)


def _make(trigger: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER journal_entry_once")
        op.execute(trigger)
