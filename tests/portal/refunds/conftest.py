"""One house for a file of tests: each refund is about a case of its own."""

from __future__ import annotations

from itertools import count

import pytest
from sqlalchemy import delete

from portal.house import House
from portal.refunds.tables import BreakerRow
from tests.houses import open_house
from tests.portal.refunds.ordering import simulate

_NUMBERS = count(1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return open_house(tmp_path_factory.mktemp("house"), rehearsal=True)


@pytest.fixture
def number(house: House) -> int:
    """A case number that is still free; no fault and no pause is left from another test."""
    simulate(house, "DELETE", "faults")
    with house.sessions.begin() as session:
        session.execute(delete(BreakerRow))
    return next(_NUMBERS)
