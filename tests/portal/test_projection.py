"""Rows are a function of the ledger; effects leave once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from ledger import Draft, Log
from portal.cases.tables import CaseRow, EntryRow
from portal.database import db
from portal.events import UnknownEvent
from portal.house import House
from portal.responses.commands import FileResponse
from tests.houses import case_of, enroll_pool, file_a_claim, open_app, open_house, perform_todo
from tests.values import CASE_NO

DENY = FileResponse(CASE_NO, "DENY", "与直播所说一致", "AS_SAID", None, (), ())


@pytest.fixture
def house(tmp_path: Path) -> House:
    app = open_app(tmp_path)
    enroll_pool(app)
    house: House = app.extensions["mingan"]
    file_a_claim(house)
    house.recorder.record(DENY, by="MERCHANT", command_id="deny")
    perform_todo(house)
    return house


def entries_of_people(log: Log) -> int:
    """How many entries are not the ledger's own, such as the roots of its map."""
    return sum(not entry.stream.startswith("ledger/") for entry in log.entries(0, log.size))


def projected_rows(session: Session) -> dict[str, list[tuple[object, ...]]]:
    tables = [t for t in db.metadata.sorted_tables if t.info.get("projected")]
    return {t.name: sorted(map(tuple, session.execute(select(t))), key=repr) for t in tables}


def test_a_rebuild_makes_the_same_rows_and_tells_nobody_twice(house: House) -> None:
    with house.sessions() as session:
        before = projected_rows(session)
        messages = session.scalar(text("select count(*) from message"))
    house.projection.rebuild()
    with house.sessions() as session:
        assert projected_rows(session) == before
        assert session.scalar(text("select count(*) from message")) == messages
    assert len(before["entry"]) == entries_of_people(house.log)
    assert messages


def test_a_rebuild_heals_an_edited_row(house: House) -> None:
    with house.sessions.begin() as session:
        session.execute(update(CaseRow).values(state="EXECUTED", refund_fen=1))
    house.projection.rebuild()
    with house.sessions() as session:
        row = session.get_one(CaseRow, CASE_NO)
    assert (row.state, row.refund_fen) == ("SEATING", 0)


def test_many_who_catch_up_at_once_project_every_entry_once(tmp_path: Path) -> None:
    writer = open_house(tmp_path)
    file_a_claim(writer)
    other = f"sqlite:///{tmp_path / 'reader.sqlite'}"
    readers = [open_house(tmp_path, database_url=other) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        reached = list(threads.map(lambda reader: reader.projection.catch_up(), readers))
    assert reached == [writer.log.size] * 3
    with readers[0].sessions() as session:
        assert session.scalar(text("select count(*) from entry")) == entries_of_people(writer.log)
        assert session.scalar(text("select count(*) from message")) == 1


def test_an_entry_of_an_unknown_type_stops_the_projection(house: House) -> None:
    key = house.keyring.make()
    stranger = Draft(type="CASE_SOLD", at="2026-11-21T00:00:00.000Z", fields={"by": "NOBODY"})
    head = house.log.head(f"case/{CASE_NO}")
    house.log.append_sealed(f"case/{CASE_NO}", head, [stranger], key="x", data_key=key)
    with pytest.raises(UnknownEvent):
        house.projection.catch_up()
    assert house.projection.size() == house.log.size - 1


def test_a_destroyed_key_erases_the_content_and_keeps_the_entries(house: House) -> None:
    with house.sessions() as session:
        kid = session.scalars(select(EntryRow.kid).where(EntryRow.code == "CASE_FILED")).one()
    house.store.delete(f"keys/{kid}")
    fresh = open_house(
        house.config.folder, database_url=f"sqlite:///{house.config.folder / 'fresh.sqlite'}"
    )
    fresh.projection.catch_up()
    with fresh.sessions() as session:
        row = session.scalars(select(EntryRow).where(EntryRow.code == "CASE_FILED")).one()
    assert row.disclosures == ""
    assert "主播" not in row.raw
    assert case_of(fresh).filed is None
