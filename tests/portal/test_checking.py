"""`mingan verify`: whatever is changed behind the portal's back is found and named."""

from __future__ import annotations

from pathlib import Path

import pytest
from apiflask import APIFlask

from portal.checking import CHANGED, MISSING, UNKNOWN, compare
from portal.database import db
from portal.house import House
from portal.panels.tables import ReviewerRow
from tests.houses import enroll_pool, file_a_claim, open_app
from tests.values import CASE_NO


@pytest.fixture
def app(tmp_path: Path) -> APIFlask:
    return open_app(tmp_path)


@pytest.fixture
def house(app: APIFlask) -> House:
    house: House = app.extensions["mingan"]
    enroll_pool(app, each=1)
    file_a_claim(house)
    return house


def tamper(house: House, statement: str) -> None:
    with house.sessions.begin() as session:
        session.connection().exec_driver_sql(statement)


def found(house: House) -> set[tuple[str, str, str, str]]:
    return {(d.table, d.key, d.column, d.what) for d in compare(house)}


def test_an_untouched_portal_has_no_differences(house: House) -> None:
    assert compare(house) == []


def test_an_edited_row_is_named_by_table_key_and_column(house: House) -> None:
    tamper(house, "UPDATE case_file SET refund_fen = 99, state = 'EXECUTED'")
    assert found(house) == {
        ("case_file", CASE_NO, "refund_fen", CHANGED),
        ("case_file", CASE_NO, "state", CHANGED),
    }


def test_rows_that_were_added_or_taken_away_are_named(house: House) -> None:
    tamper(house, "DELETE FROM reviewer WHERE reviewer_id = 'r_expert_0'")
    columns = [column.name for column in ReviewerRow.__table__.columns]
    others = ", ".join(name for name in columns if name != "reviewer_id")
    copied = f"SELECT 'r_intruder', {others} FROM reviewer LIMIT 1"
    tamper(house, f"INSERT INTO reviewer (reviewer_id, {others}) {copied}")
    assert found(house) == {
        ("reviewer", "r_expert_0", "", MISSING),
        ("reviewer", "r_intruder", "", UNKNOWN),
    }


def test_one_letter_of_a_stored_record_is_named(house: House) -> None:
    index = house.log.stream_entries(f"case/{CASE_NO}")[0].index
    edit = "UPDATE entry SET raw = replace(raw, 'case/', 'cave/') WHERE \"index\" = "
    tamper(house, f"{edit}{index}")
    assert found(house) == {("entry", str(index), "raw", CHANGED)}


def test_a_rebuild_heals_what_was_changed(house: House) -> None:
    tamper(house, "UPDATE case_file SET refund_fen = 99")
    tamper(house, 'DELETE FROM entry WHERE "index" = 1')
    house.projection.rebuild()
    assert compare(house) == []


@pytest.mark.parametrize("size", [0, 2, 5, 1000])
def test_a_position_that_was_moved_is_found(house: House, size: int) -> None:
    if size == house.log.size:
        size += 1
    tamper(house, f"UPDATE projected_to SET size = {size}")
    assert found(house)


def test_a_file_changed_in_the_store_is_found(house: House) -> None:
    blob = next((house.config.folder / "store").glob("**/blob/*"))
    blob.chmod(0o600)
    kept = blob.read_bytes()
    blob.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    assert {difference[0] for difference in found(house)} == {"ledger"}


def test_a_report_repeats_no_value_of_a_person(house: House) -> None:
    tamper(house, "UPDATE case_file SET buyer_ref = 'somebody else'")
    report = "\n".join(map(str, compare(house)))
    assert "buyer_ref" in report
    assert "somebody" not in report
    assert "b_5640a7eef41356005a" not in report


def test_nothing_of_the_copy_stays_behind(house: House) -> None:
    compare(house)
    assert not list(house.config.folder.glob("checking-*"))


def test_it_compares_a_postgres_database_as_well(tmp_path: Path, postgres_url: str) -> None:
    app = open_app(tmp_path, database_url=postgres_url)
    house: House = app.extensions["mingan"]
    enroll_pool(app, each=1)
    file_a_claim(house)
    assert compare(house) == []
    tamper(house, "UPDATE case_file SET refund_fen = 99")
    assert found(house) == {("case_file", CASE_NO, "refund_fen", CHANGED)}
    with app.app_context(), house.sessions() as session:
        db.engine.dispose()
        session.get_bind().dispose()
