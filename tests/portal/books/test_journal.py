"""The journal in its database: written once, complete after a restore, the same after a rebuild."""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ledger import leaf_digest
from portal.books import triggers
from portal.books.accounts import Shop
from portal.books.deposits import report_deposit
from portal.books.fouraccounts import case_accounts
from portal.books.guards import guards_that_lack
from portal.books.journal import differing, rows_of
from portal.books.postings import postings
from portal.books.statements import all_lines, balance, statement
from portal.books.tables import (
    JOURNAL_LINE,
    AccountRow,
    DepositRow,
    FundingRow,
    JournalRow,
    RecoupRow,
)
from portal.books.trial import total_fen, trial_balance
from portal.books.triggers import POSTGRES_REFUSE
from portal.cases.tables import EntryRow
from portal.database import db
from portal.house import House
from portal.monitors.tables import ItemRow
from tests.house.source import ROOT
from tests.houses import case_of, open_house
from tests.portal.books.cases import PAYABLE, REFUND, SHOP, move, pay_all, settled, step
from tests.portal.stages import NOW
from tests.postgres import an_empty_database
from tests.values import CASE_NO

LINE = JOURNAL_LINE.c
OTHER_NO = "MA-2026-000002"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Two cases of one shop, all paid; the tests below only look, or undo what they change."""
    house = open_house(tmp_path_factory.mktemp("books"))
    for number in (CASE_NO, OTHER_NO):
        settled(house, number)
        pay_all(house, number)
    return house


@pytest.fixture
def session(house: House) -> Iterator[Session]:
    with house.sessions() as session:
        yield session


def snapshot(session: Session) -> dict[str, list[tuple[object, ...]]]:
    tables = (JournalRow, AccountRow, DepositRow, FundingRow, RecoupRow)
    skipped = {"version"}
    return {
        table.__tablename__: [
            tuple(getattr(row, c.key) for c in table.__table__.c if c.key not in skipped)
            for row in session.scalars(select(table).order_by(*table.__table__.primary_key))
        ]
        for table in tables
    }


def test_every_transaction_sums_to_zero_by_currency(session: Session) -> None:
    sums = select(LINE.txn, LINE.currency, func.sum(LINE.amount_fen))
    found = session.execute(sums.group_by(LINE.txn, LINE.currency)).all()
    assert len(found) == 8
    assert {fen for _txn, _currency, fen in found} == {0}
    assert total_fen(trial_balance(session)) == 0


def test_each_line_names_the_ledger_entry_that_it_follows_from(session: Session) -> None:
    for row in rows_of(session, CASE_NO).values():
        entry = session.get(EntryRow, row.entry_index)
        assert entry is not None
        assert (entry.code, entry.stream) == ("REFUND_STATE", f"case/{CASE_NO}")
        assert row.entry_digest == leaf_digest(entry.raw.encode()).hex()


def test_a_rebuild_keeps_the_journal_and_comes_to_the_same(house: House) -> None:
    with house.sessions() as session:
        before = snapshot(session)
    house.projection.rebuild()
    with house.sessions() as session:
        assert snapshot(session) == before


def test_a_statement_says_what_the_journal_does(session: Session) -> None:
    account = f"merchant_payable:{SHOP}"
    page = statement(session, account)
    every = list(all_lines(session, account))
    assert [line.id for line in page.lines] == [line.id for line in reversed(every)]
    assert page.lines[0].balance_fen == page.balance_fen == sum(x.amount_fen for x in every)
    assert [x.balance_fen for x in every] == [x.balance_fen for x in reversed(page.lines)]
    assert page.balance_fen == balance(session, account) < 0


def test_a_page_of_a_statement_begins_where_the_one_before_ended(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = f"merchant_payable:{SHOP}"
    whole = statement(session, account).lines
    monkeypatch.setattr("portal.books.statements.PAGE", 1)
    monkeypatch.setattr("portal.books.statements.CHUNK", 1)
    found, page = [], statement(session, account)
    while True:
        found += page.lines
        if page.next is None:
            break
        page = statement(session, account, after=page.next)
    assert tuple(found) == whole
    assert tuple(all_lines(session, account)) == whole[::-1]


def test_the_four_accounts_of_a_case_are_even(session: Session) -> None:
    found = case_accounts(session, CASE_NO)
    assert found.total_fen == 0
    paid = {each.party: each.balance_fen for each in found.parties}
    assert paid == {"buyer": 0, "merchant": -131_600, "platform": 0, "provider": 131_600}
    assert dict(found.flow.sources) == {
        "merchant_payable": 32_900,
        "merchant_deposit": 60_000,
        "platform_advance": 38_700,
    }
    assert (found.flow.paid_fen, found.flow.owed_fen) == (131_600, 38_700)


def test_a_database_of_yesterday_is_completed(tmp_path: Path) -> None:
    home, restored = tmp_path / "home", tmp_path / "restored"
    house = open_house(home)
    settled(house)
    with create_engine(house.config.database_url).connect() as connection:
        connection.exec_driver_sql(f"VACUUM INTO '{tmp_path / 'yesterday'}'")
    pay_all(house)
    with house.sessions() as session:
        today = snapshot(session)
    shutil.copytree(home, restored, ignore=shutil.ignore_patterns("mingan.sqlite*"))
    shutil.copy(tmp_path / "yesterday", restored / "mingan.sqlite")
    again = open_house(restored)
    again.projection.catch_up()
    with again.sessions() as session:
        assert snapshot(session) == today
    assert today["journal_entry"]


def test_a_row_that_somebody_changed_is_found_and_left_as_it_is(tmp_path: Path) -> None:
    house = open_house(tmp_path)
    settled(house)
    move(house, step("RESERVED", funding=PAYABLE), step("SUBMITTED"))
    with house.sessions.begin() as session:
        session.execute(text("DROP TRIGGER journal_entry_kept"))
        session.execute(text("UPDATE journal_entry SET amount_fen = amount_fen - 1"))
    move(house, step("SUCCESS"))
    with house.sessions() as session:
        rows = rows_of(session, CASE_NO)
        name = f"{REFUND}a1/RESERVED/1/1"
        assert differing(postings(case_of(house)), rows) == (name,)
        assert rows[name].amount_fen == 32_899
        items = session.execute(select(ItemRow.kind, ItemRow.subject)).all()
    assert ("RECORD_DIFFERS", name) in [tuple(row) for row in items]


# ---- what the database itself refuses, on both


@pytest.fixture(scope="module")
def postgres_rows(postgres_server: str) -> Iterator[str]:
    with an_empty_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path_factory.mktemp('rows') / 'rows.sqlite'}"
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_rows")
    engine = create_engine(url)
    tables = [t.__table__ for t in (JournalRow, AccountRow, DepositRow, FundingRow)]
    db.metadata.create_all(engine, tables=tables)
    with engine.begin() as connection:
        connection.execute(insert(JournalRow), [a_row(id="one")])
    yield engine
    engine.dispose()


def a_row(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "txn": "t",
        "line": 1,
        "case_no": CASE_NO,
        "refund_no": REFUND,
        "kind": "RESERVED",
        "part": "CASH",
        "debit": "a",
        "credit": "b",
        "amount_fen": 5,
        "currency": "CNY",
        "at": NOW,
        "day": "2026-11-20",
        "entry_index": 1,
        "entry_digest": "0" * 64,
    }
    return {**values, **changes}


REFUSED = {
    "changed": "UPDATE journal_entry SET amount_fen = 6 WHERE id = 'one'",
    "removed": "DELETE FROM journal_entry WHERE id = 'one'",
}


@pytest.mark.parametrize("how", REFUSED)
def test_a_posted_line_is_never(engine: Engine, how: str) -> None:
    with pytest.raises(DBAPIError, match="never"), engine.begin() as connection:
        connection.execute(text(REFUSED[how]))


def test_the_journal_is_not_emptied_or_written_over(engine: Engine) -> None:
    statements = {
        "sqlite": "INSERT OR REPLACE INTO journal_entry SELECT * FROM journal_entry",
        "postgresql": "TRUNCATE journal_entry",
    }
    with pytest.raises(DBAPIError, match="never"), engine.begin() as connection:
        connection.execute(text(statements[engine.dialect.name]))


def test_a_line_is_not_replaced_in_another_rows_place(engine: Engine) -> None:
    """SQLite deletes the row whose place (rowid) is taken without asking a trigger."""
    names = ", ".join(column.name for column in JournalRow.__table__.c if column.name != "id")
    same = f"SELECT {{}}, {names} FROM journal_entry WHERE id = 'one'"
    statements = {
        "sqlite": f"INSERT OR REPLACE INTO journal_entry (rowid, id, {names}) "
        + same.format("rowid, 'new'"),
        "postgresql": f"INSERT INTO journal_entry (id, {names}) {same.format('id')} "
        "ON CONFLICT (id) DO UPDATE SET amount_fen = 6",
    }
    with pytest.raises(DBAPIError, match="never"), engine.begin() as connection:
        connection.execute(text(statements[engine.dialect.name]))


NOTHING = "CREATE TRIGGER journal_entry_kept BEFORE UPDATE ON journal_entry BEGIN SELECT 1; END"
WEAKENED = {
    "sqlite": (("DROP TRIGGER journal_entry_kept", NOTHING),),
    "postgresql": (
        ("ALTER TABLE journal_entry DISABLE TRIGGER journal_entry_kept",),
        ("ALTER TABLE journal_entry ENABLE REPLICA TRIGGER journal_entry_kept",),
        (f"{POSTGRES_REFUSE.split('RAISE')[0].replace('CREATE', 'CREATE OR REPLACE')} END $$",),
    ),
}


def test_a_trigger_that_was_weakened_is_named(engine: Engine) -> None:
    with engine.connect() as connection:
        assert list(guards_that_lack(Session(connection))) == []
        connection.rollback()
        for statements in WEAKENED[engine.dialect.name]:
            for statement in statements:
                connection.execute(text(statement))
            assert "journal_entry_kept" in list(guards_that_lack(Session(connection)))
            connection.rollback()


@pytest.mark.parametrize("wrong", [{"amount_fen": 0}, {"amount_fen": -5}, {"credit": "a"}], ids=str)
def test_a_line_without_two_accounts_and_a_sum_is_refused(
    engine: Engine, wrong: dict[str, object]
) -> None:
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(insert(JournalRow), [a_row(id="two", **wrong)])


def test_a_deposit_below_zero_is_refused(engine: Engine) -> None:
    with Session(engine) as session:
        report_deposit(
            session,
            Shop("p", "below"),
            account="d",
            available_fen=5,
            floor_fen=0,
            as_of=NOW,
        )
        session.commit()
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text("UPDATE deposit SET available_fen = available_fen - 6"))


def test_the_view_shows_both_sides_of_a_transfer(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(select(LINE.account, LINE.amount_fen).where(LINE.id == "one"))
        assert sorted(map(tuple, rows)) == [("a", -5), ("b", 5)]


def test_a_migrated_database_refuses_the_same() -> None:
    """Alembic compares neither views nor triggers."""
    first, later = (
        runpy.run_path(str(ROOT / "migrations" / "versions" / f"20261122_{name}.py"))
        for name in ("refunds", "journal")
    )
    made = [
        later["REPLACE"] if statement == later["WAY_BACK"] else statement
        for statement in first["AFTER"]["sqlite"]
    ]
    assert first["AFTER"] | {"sqlite": tuple(made)} == triggers.AFTER
    assert first["BEFORE"] == triggers.BEFORE
