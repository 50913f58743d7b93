"""Whether the database still refuses to change the journal: by what its triggers do, as a trigger
that does nothing may bear the name of one that did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.books.triggers import AFTER, POSTGRES_REFUSE

SQLITE = """\
SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal_entry'"""
# tgtype: 1 for each row, 2 before, 8 delete, 16 update, 32 truncate. A trigger with a condition or
# columns, for replicas only (R), or for nobody (D), does not refuse everything.
POSTGRES = """\
SELECT tgname, tgtype || ' ' || prosrc FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
 WHERE tgrelid = 'journal_entry'::regclass AND tgenabled IN ('O', 'A')
   AND tgqual IS NULL AND tgattr::text = ''"""
_REFUSES = POSTGRES_REFUSE.split("$$")[1]


def guards_that_lack(session: Session) -> Iterator[str]:
    """Names of triggers that are not there, or do something else."""
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    query = text(SQLITE if on_sqlite else POSTGRES)
    there = {name: _plain(does) for name, does in session.execute(query)}
    wanted = _of_sqlite() if on_sqlite else _OF_POSTGRES
    yield from (name for name, does in wanted.items() if there.get(name) != _plain(does))


def _of_sqlite() -> Mapping[str, str]:
    made = (statement for statement in AFTER["sqlite"] if statement.startswith("CREATE TRIGGER"))
    return {statement.split()[2]: statement for statement in made}


_OF_POSTGRES = {"journal_entry_kept": f"27 {_REFUSES}", "journal_entry_stays": f"34 {_REFUSES}"}


def _plain(text: str) -> str:
    return " ".join(text.split())
