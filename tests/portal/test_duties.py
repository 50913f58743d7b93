"""What the sweep of each second asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from portal.cases.tables import CaseRow
from portal.duties import SWEPT, due_duties
from portal.house import House
from tests.houses import file_a_claim, open_house

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def rows_like(house: House, count: int, **changes: object) -> None:
    file_a_claim(house)
    with house.sessions.begin() as session:
        one = session.query(CaseRow).one()
        columns = {c.key: getattr(one, c.key) for c in CaseRow.__table__.columns} | changes
        numbers = (f"MA-2025-{n:06}" for n in range(count))
        session.execute(insert(CaseRow), [columns | {"case_no": number} for number in numbers])


def test_cases_that_wait_for_reviewers_do_not_keep_clocks_from_running_out(tmp_path: Path) -> None:
    house = open_house(tmp_path)
    rows_like(house, SWEPT + 1, state="PANEL_DRAW", todo="SEAT", due_at=None, updated_at=LONG_AGO)
    with house.sessions.begin() as session:
        session.get_one(CaseRow, "MA-2026-000001").due_at = house.clock.now() - timedelta(hours=1)
    with house.sessions() as session:
        kinds = [duty.kind for duty in due_duties(session, house.clock)]
    assert kinds == ["EXPIRE", *["SEAT"] * SWEPT]
