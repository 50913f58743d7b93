"""Statements beside the journal's table: the view of signed lines, and what refuses a change.

SQLite replaces a row by deleting it without asking a trigger, so an insert under a known id, or in
a known row's own place (rowid), is refused as well. PostgreSQL empties a table without touching
rows, so that is refused too.
"""

from __future__ import annotations

from collections.abc import Mapping

VIEW = """\
CREATE VIEW journal_line AS
SELECT id, txn, line, case_no, refund_no, kind, part, credit AS account, amount_fen,
       currency, day, at, entry_index, entry_digest, debit AS other FROM journal_entry
UNION ALL
SELECT id, txn, line, case_no, refund_no, kind, part, debit AS account, -amount_fen,
       currency, day, at, entry_index, entry_digest, credit AS other FROM journal_entry"""

SQLITE_UPDATE = """\
CREATE TRIGGER journal_entry_kept BEFORE UPDATE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'a posted line is never changed'); END"""
SQLITE_DELETE = """\
CREATE TRIGGER journal_entry_stays BEFORE DELETE ON journal_entry
BEGIN SELECT RAISE(ABORT, 'a posted line is never removed'); END"""
SQLITE_REPLACE = """\
CREATE TRIGGER journal_entry_once BEFORE INSERT ON journal_entry
WHEN EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.id OR rowid = NEW.rowid)
BEGIN SELECT RAISE(ABORT, 'a posted line is never replaced'); END"""

POSTGRES_REFUSE = """\
CREATE FUNCTION journal_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a posted line is never changed or removed'; END $$"""
POSTGRES_CHANGE = """\
CREATE TRIGGER journal_entry_kept BEFORE UPDATE OR DELETE ON journal_entry
FOR EACH ROW EXECUTE FUNCTION journal_entry_refuse()"""
POSTGRES_EMPTY = """\
CREATE TRIGGER journal_entry_stays BEFORE TRUNCATE ON journal_entry
FOR EACH STATEMENT EXECUTE FUNCTION journal_entry_refuse()"""

NO_VIEW = "DROP VIEW IF EXISTS journal_line"
NO_FUNCTION = "DROP FUNCTION IF EXISTS journal_entry_refuse() CASCADE"

AFTER: Mapping[str, tuple[str, ...]] = {
    "sqlite": (VIEW, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_REPLACE),
    "postgresql": (VIEW, POSTGRES_REFUSE, POSTGRES_CHANGE, POSTGRES_EMPTY),
}
# A view stands on its table; the function is left over when the table's triggers are gone.
BEFORE: Mapping[str, tuple[str, ...]] = {
    "sqlite": (NO_VIEW,),
    "postgresql": (NO_VIEW, NO_FUNCTION),
}
