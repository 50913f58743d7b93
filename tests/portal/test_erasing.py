"""Erasing a case: nobody reads it any more, and the log still proves that nothing was changed."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Level
from ledger.checking.fsck import fsck
from portal.cases.tables import CaseRow, EntryRow, SeatRow
from portal.checking import compare
from portal.erasing import erase_case
from portal.errors import NotFound, Refused
from portal.house import House
from portal.streams import case_stream
from tests.builders import a_house, file_sample, house_of
from tests.houses import open_house
from tests.played import play_to_end
from tests.portal.audit.conftest import ASSOCIATION, Town, a_town

QUOTED = "百分百桑蚕丝"


@pytest.fixture
def closed(tmp_path: Path) -> Town:
    town = a_town(tmp_path)
    play_to_end(town.app, town.case_no)
    return town


def rows_of(house: House, case_no: str) -> list[EntryRow]:
    with house.sessions() as session:
        query = select(EntryRow).where(EntryRow.stream == case_stream(case_no))
        return list(session.scalars(query.order_by(EntryRow.seq)))


def test_the_content_is_gone_and_every_record_keeps_its_place(closed: Town) -> None:
    house, case_no = closed.house, closed.case_no
    before = rows_of(house, case_no)
    index = erase_case(house, case_no)
    after = rows_of(house, case_no)
    assert [row.raw for row in after[:-1]] == [row.raw for row in before]
    assert (after[-1].index, after[-1].code) == (index, "CONTENT_ERASED")
    assert not any(row.disclosures for row in after)
    with house.sessions() as session:
        assert session.get(CaseRow, case_no) is None
        assert session.scalars(select(SeatRow).where(SeatRow.case_no == case_no)).all() == []
    assert compare(house) == []


def test_a_rebuild_in_a_process_that_knew_the_key_brings_nothing_back(closed: Town) -> None:
    other = open_house(closed.house.config.folder, rehearsal=True)
    other.projection.rebuild()  # remembers the key
    erase_case(closed.house, closed.case_no)
    other.projection.rebuild()
    assert not any(row.disclosures for row in rows_of(other, closed.case_no))


def test_the_association_still_gets_proof_of_how_many_records_there_were(closed: Town) -> None:
    count = len(rows_of(closed.house, closed.case_no))
    erase_case(closed.house, closed.case_no)
    client = closed.sign_in(ASSOCIATION)
    assert client.get(f"/a/case/{closed.case_no}").status_code == 404
    assert "查看证明" in client.get(f"/a?q={closed.case_no}").text
    assert f"这个编号下有 {count + 1} 条记录" in client.get(f"/a/none/{closed.case_no}").text
    pack = client.get(f"/a/none/{closed.case_no}/bundle").data
    assert QUOTED not in pack.decode("utf-8", "replace")
    found = list(verify_bundle(BytesIO(pack), closed.house.log.verifier.vkey))
    assert not any(finding.level is Level.BROKEN for finding in found)
    assert any("place and the chain are intact" in finding.text for finding in found)


def test_the_store_is_sound_after_it_and_repeating_it_records_nothing_more(closed: Town) -> None:
    house = closed.house
    first = erase_case(house, closed.case_no)
    assert erase_case(house, closed.case_no) == first
    house.log.publish()
    findings = list(fsck(house.store, house.log.verifier.vkey))
    assert not any(finding.level is Level.BROKEN for finding in findings)


def test_an_open_case_and_a_number_without_records_are_refused(tmp_path: Path) -> None:
    app = a_house(tmp_path)
    case_no = file_sample(app, "silk-shirt", files=False)
    with pytest.raises(Refused):
        erase_case(house_of(app), case_no)
    with pytest.raises(NotFound):
        erase_case(house_of(app), "MA-2026-999999")
