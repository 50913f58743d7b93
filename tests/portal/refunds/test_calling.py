"""What was sent on where, as the rows of the calls tell it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session, sessionmaker

from portal.refunds.calling import ABNORMAL, ABNORMAL_SHOP, Calls
from portal.refunds.tables import CallRow
from portal.refunds.turns import Turns
from tests.portal.refunds.test_turns import moving, tables_at
from tests.portal.stages import NOW

NUMBER = "RMA2026000001n1a1"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sessionmaker[Session]]:
    found = tables_at(f"sqlite:///{tmp_path_factory.mktemp('calls') / 'rows.sqlite'}")
    yield found
    found.kw["bind"].dispose()


def a_call(place: int, kind: str, outcome: str) -> CallRow:
    return CallRow(
        refund_no="RMA2026000001n1",
        case_no="MA-2026-000001",
        provider="wechat",
        kind=kind,
        number=NUMBER,
        call=place,
        sent_at=NOW + timedelta(seconds=place),
        outcome=outcome,
    )


@pytest.mark.parametrize(
    ("asked", "at_shop"),
    [
        ((), False),
        (((ABNORMAL_SHOP, "PROCESSING"),), True),
        (((ABNORMAL_SHOP, "UNKNOWN"),), True),
        (((ABNORMAL_SHOP, "REFUSED"),), False),
        (((ABNORMAL, "PROCESSING"),), False),
        (((ABNORMAL, "REFUSED"), (ABNORMAL_SHOP, "PROCESSING")), True),
        (((ABNORMAL, "PROCESSING"), (ABNORMAL_SHOP, "REFUSED")), False),
        (((ABNORMAL, "PROCESSING"), (ABNORMAL_SHOP, "PROCESSING")), True),
        (((ABNORMAL, ""), (ABNORMAL_SHOP, "UNKNOWN")), False),
        (((ABNORMAL_SHOP, "PROCESSING"), (ABNORMAL, "")), False),
    ],
)
def test_money_is_at_the_shop_only_when_it_can_be_nowhere_else(
    rows: sessionmaker[Session], asked: tuple[tuple[str, str], ...], at_shop: bool
) -> None:
    with rows.begin() as session:
        session.execute(delete(CallRow))
        session.add_all(a_call(place, *each) for place, each in enumerate(asked, 1))
    assert Calls(rows, Turns(rows, moving(0))).went_to_shop(NUMBER) is at_shop
