"""A house for each file of tests; it pays once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.house import House
from portal.reconciling.tables import PaidRow
from portal.rehearsal.moving import move_clock
from tests.builders import close_house
from tests.houses import open_app
from tests.portal.reconciling.bank import Bank
from tests.portal.reconciling.bills import Counter
from tests.portal.refunds.ordering import (
    order_refund,
    pay,
)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder: Path = tmp_path_factory.mktemp("bank")
    app = open_app(folder / "home", rehearsal=True)
    house: House = app.extensions["mingan"]
    for number in (1, 2):
        order_refund(house, number)
        pay(house, number)
    with house.sessions() as session:
        day = date.fromisoformat(session.scalars(select(PaidRow.day)).first() or "")
    move_clock(house.sessions, 48 * 3600)
    yield Bank(app, house, day, Counter("wechat", folder))
    close_house(app)
