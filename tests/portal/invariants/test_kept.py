"""Rows beside the entries by which money moves: changed by hand they turn an invariant red."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.books.commands import RecordRecoup
from portal.books.triggers import SQLITE_UPDATE
from portal.erasing import erase_case
from portal.errors import Refused
from portal.house import House
from portal.invariants import nightly
from portal.invariants.checks import Scope, check_refunds
from portal.invariants.queries import latest
from portal.invariants.tables import InvariantRun
from tests.faults.driving import drive
from tests.faults.ordered import Ordered, order_money
from tests.houses import open_house

AT_ONCE = Scope(grace=timedelta(0))
PAID, UNPAID = Ordered(1, compensation_fen=500), Ordered(2)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> House:
    """A case that is paid, and one whose money was just ordered."""
    house = open_house(tmp_path_factory.mktemp("kept") / "home", rehearsal=True)
    order_money(house, PAID)
    drive(house)
    order_money(house, UNPAID)
    return house


@pytest.fixture
def house(furnished: House) -> Iterator[House]:
    """The same, and afterwards with the rows that it had before."""
    path = Path(str(furnished.config.database_url).removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as rows, closing(sqlite3.connect(":memory:")) as kept:
        rows.backup(kept)
        yield furnished
        kept.backup(rows)


def broken(house: House, scope: Scope | None = None) -> list[str]:
    return [finding.name for finding in check_refunds(house, None, scope) if not finding.ok]


def spoil(house: House, *statements: str) -> None:
    with house.sessions.begin() as session:
        for statement in statements:
            session.execute(text(statement))


def test_a_sound_house_keeps_all_of_them(house: House) -> None:
    assert broken(house) == []


SPOILT = {
    "UPDATE payment SET paid_fen = paid_fen * 2": "I1",
    "UPDATE reservation SET capped = 0 WHERE refund_no LIKE '%n1'": "I1",
    "DELETE FROM movement WHERE case_no LIKE '%2'": "I7",
    "UPDATE movement SET waiting = 1 WHERE case_no LIKE '%2'": "I7",
    "UPDATE movement SET over = 1, state = 'CANCELLED' WHERE case_no LIKE '%2'": "I7",
    "DELETE FROM journal_account WHERE kind = 'buyer_refund'": "I5",
    "UPDATE journal_account SET kind = 'other' WHERE kind = 'buyer_refund'": "I5",
    "UPDATE provider_call SET refund_no = 'R9n1', number = 'R9' || id WHERE kind = 'SUBMIT'": "I9",
    "UPDATE deposit SET available_fen = available_fen + 1": "I14",
}


@pytest.mark.parametrize("statement", SPOILT)
def test_a_row_that_says_otherwise_is_found(house: House, statement: str) -> None:
    spoil(house, statement)
    assert SPOILT[statement] in broken(house)


def test_a_case_that_the_lists_forgot_is_found_in_every_night(house: House) -> None:
    tonight = Scope(since=house.clock.now() - timedelta(days=60))
    spoil(house, "DELETE FROM movement WHERE case_no LIKE '%2'", "DELETE FROM turn")
    assert "I7" in broken(house, tonight)


@pytest.mark.parametrize("change", ["day = '2020-01-01'", "currency = 'USD'", "entry_digest = ''"])
def test_a_line_that_was_rewritten_is_found_behind_whole_triggers(
    house: House, change: str
) -> None:
    rewritten = f"UPDATE journal_entry SET {change}"
    spoil(house, "DROP TRIGGER journal_entry_kept", rewritten, SQLITE_UPDATE)
    assert "I5" in broken(house)


def test_a_trigger_that_does_nothing_is_none(house: House) -> None:
    nothing = f"{SQLITE_UPDATE.split('BEGIN')[0]} BEGIN SELECT 1; END"
    spoil(house, "DROP TRIGGER journal_entry_kept", nothing)
    assert "I5" in broken(house)


def test_unpaid_money_whose_next_look_is_years_away_is_found(house: House) -> None:
    spoil(house, "UPDATE turn SET next_at = '2099-01-01 00:00:00'")
    assert "I7" in broken(house, AT_ONCE)


def test_a_run_of_a_clock_that_was_ahead_keeps_no_light_green(house: House) -> None:
    ahead = house.clock.now() + timedelta(days=365)
    with house.sessions.begin() as session:
        session.add(InvariantRun(made_at=ahead, log_size=1, whole=True, broken=0, findings=[]))
    spoil(house, "UPDATE payment SET paid_fen = paid_fen * 2")
    assert nightly.run_if_due(house)
    with house.sessions() as session:
        newest = latest(session)
    assert newest is not None
    assert [finding.name for finding in newest.broken] == ["I1"]
    assert not nightly.run_if_due(house)


def test_an_erased_case_breaks_nothing(house: House) -> None:
    """Its payments are in the journal and nowhere else any more; so it owes nothing by then."""
    with pytest.raises(Refused):
        erase_case(house, PAID.case_no)
    wish = RecordRecoup(PAID.case_no, PAID.refund_no.replace("n1", "p1"), 500, "TRANSFER", "1")
    house.recorder.record(wish, by="OPERATOR", command_id="recoup")
    erase_case(house, PAID.case_no)
    assert broken(house) == []
