"""Whoever edits the database neither opens a vote nor spoils one nor blames a trustee for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from portal import events as e
from portal.cases.tables import EntryRow
from portal.database import db
from portal.errors import NotReady
from portal.house import House
from tests.builders import house_of
from tests.houses import case_of, open_app
from tests.keyholders import Keyholders
from tests.portal.rooms import cast, seat_a_panel
from tests.portal.trustees.conftest import app as with_trustees
from tests.portal.trustees.conftest import three
from tests.values import CASE_NO

__all__ = ["three", "with_trustees"]
Lines = list[list[Any]]


@pytest.fixture(params=["trustees", "server key"])
def voted(request: pytest.FixtureRequest, tmp_path: Path, three: Keyholders) -> Iterator[APIFlask]:
    """A portal in which all seven have voted, with trustees and without."""
    if request.param == "trustees":
        made: APIFlask = request.getfixturevalue("with_trustees")
    else:
        made = open_app(tmp_path / "alone")
    for seat in seat_a_panel(made):
        cast(made, seat)
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()


def edit(house: House, code: str, change: Callable[[list[Lines]], None]) -> None:
    """Change the disclosures of all rows of one kind."""
    with house.sessions.begin() as session:
        query = select(EntryRow).where(EntryRow.code == code).order_by(EntryRow.index)
        rows = list(session.scalars(query))
        opened = [[json.loads(line) for line in row.disclosures.split("\n")] for row in rows]
        change(opened)
        for row, lines in zip(rows, opened, strict=True):
            row.disclosures = "\n".join(json.dumps(one, ensure_ascii=False) for one in lines)


def swap_two_ballots(rows: list[Lines]) -> None:
    for mine, other in zip(rows[0], rows[1], strict=True):
        if mine[1] in ("sealed", "slip"):
            mine[2], other[2] = other[2], mine[2]


def spoil_a_file(rows: list[Lines]) -> None:
    next(line for line in rows[0] if line[1] == "sealed")[2]["sha256"] = "0" * 64


def close_without_a_seat(rows: list[Lines]) -> None:
    for line in rows[0]:
        if line[1] in ("seats", "slips"):
            line[2].pop()


def lower_the_claim(rows: list[Lines]) -> None:
    next(line for line in rows[0] if line[1] == "claimed")[2]["refund_fen"] = 1


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("BALLOT_COMMITTED", swap_two_ballots),
        ("BALLOT_COMMITTED", spoil_a_file),
        ("VOTING_CLOSED", close_without_a_seat),
        ("PANEL_CALLED", lower_the_claim),
    ],
)
def test_an_edited_row_stops_the_opening_and_costs_nothing(
    voted: APIFlask, code: str, change: Callable[[list[Lines]], None]
) -> None:
    house = house_of(voted)
    edit(house, code, change)

    with pytest.raises(NotReady):
        house.duties.perform("OPEN", CASE_NO, "")

    history = house.projection.stream(f"case/{CASE_NO}")
    kinds = [type(entry.event) for entry in history.entries]
    assert e.TrusteeFailed not in kinds
    assert e.BallotRevealed not in kinds
    house.projection.rebuild()
    house.duties.perform("OPEN", CASE_NO, "")
    assert all(one.valid for one in case_of(house).revealed)
