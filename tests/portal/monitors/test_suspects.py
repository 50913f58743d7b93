"""What is wrong is found among any number of healthy movements, and by index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count, product
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.house import House
from portal.monitors import suspects as module
from portal.monitors.conditions import complaints
from portal.monitors.suspects import suspects
from portal.monitors.watching import stand_of
from portal.refunds.tables import MovementRow, TurnRow
from tests.builders import close_house
from tests.houses import open_app

NUMBERS = count(1)
CARD = {"state": "PROCESSING", "method": "debit_card"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    app = open_app(tmp_path_factory.mktemp("suspects"), rehearsal=True)
    yield app.extensions["mingan"]
    close_house(app)


@pytest.fixture
def session(house: House) -> Iterator[Session]:
    """Nothing of it stays."""
    with house.sessions() as session:
        yield session
        session.rollback()


def add(house: House, session: Session, blocked: str = "", age: float = 0, **changes: Any) -> str:
    """A movement whose every step was `age` minutes ago, and its turn."""
    at = house.clock.now() - timedelta(minutes=age)
    number = f"RMA2026{next(NUMBERS):06}n1"
    usual = {
        "refund_no": number,
        "case_no": number,
        "shop_id": "s",
        "buyer_ref": "b",
        "platform": "p",
        "payment_id": "1",
        "rail": "REFUND",
        "channel": "wechat",
        "method": "wallet",
        "amount_fen": 1,
        "attempt": 1,
        "waiting": False,
        "over": False,
        **dict.fromkeys(("ordered_at", "called_at", "heard_at", "succeeded_at"), at),
    }
    session.add(MovementRow(**usual | changes))
    session.add(TurnRow(refund_no=number, case_no=number, blocked=blocked))
    return number


def found(house: House, session: Session) -> set[tuple[str, str]]:
    session.flush()
    now = house.clock.now()
    looks = [(kind, session.execute(query).all()) for kind, query in suspects(session, now)]
    return {(kind, row.refund_no) for kind, rows in looks for row, _blocked in rows}


@pytest.mark.parametrize(
    ("kind", "healthy", "wrong"),
    [
        ("UNKNOWN_TOO_LONG", {**CARD, "age": 30}, {"state": "SUBMITTED", "age": 11}),
        ("UNKNOWN_TOO_LONG", {**CARD, "age": 30}, {"state": "PROCESSING", "age": 11}),
        ("NO_CALL", {"state": "PLANNED", "blocked": "CAP", "age": 60}, {"state": "PLANNED"}),
        ("PAST_PROMISE", {"state": "SUCCESS", "latest": ""}, {"latest": "2020-01-01"}),
        (
            "ROUTE_DIFFERS",
            {"state": "SUCCESS", "channel": "balance", "route": "BALANCE"},
            {"state": "SUCCESS", "route": "MERCHANT_BANK_CARD"},
        ),
    ],
)
def test_one_that_is_wrong_is_found_behind_many_that_are_not(
    house: House,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    healthy: dict[str, Any],
    wrong: dict[str, Any],
) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 5)
    for _ in range(20):
        add(house, session, **healthy)
    late = {"state": "SUCCESS", "method": "debit_card"} if kind == "PAST_PROMISE" else {}
    number = add(house, session, **{"age": 6} | late | wrong)
    assert found(house, session) == {(kind, number)}


def test_what_a_query_finds_is_what_the_conditions_say(house: House, session: Session) -> None:
    now = house.clock.now()
    today = now.date()
    for state, place, blocked in product(
        ("PLANNED", "RESERVED", "SUBMITTED", "PROCESSING", "SUCCESS", "ARRIVED", "CLOSED"),
        (("wechat", "wallet"), ("wechat", "bank"), ("alipay", "wallet"), ("stripe", "credit_card")),
        ("", "CAP"),
    ):
        for days in (0.001, 0.01, 1.1, 3, 5, 8, 12, 20):
            latest = (today - timedelta(days=10 - days)).isoformat() if state == "SUCCESS" else ""
            channel, method = place
            named = {"state": state, "channel": channel, "method": method, "latest": latest}
            add(house, session, blocked, days * 1440, **named)
    session.flush()
    rows = [(row, session.get_one(TurnRow, row.refund_no)) for row in session.query(MovementRow)]
    wanted = {
        (kind, row.refund_no)
        for row, turn in rows
        for kind in complaints(stand_of(row, turn.blocked), now)
    }
    kinds = {"NO_CALL", "UNKNOWN_TOO_LONG", "PAST_PROMISE", "CLOSED"}
    assert {kind for kind, _number in wanted} == kinds
    assert found(house, session) == wanted


def test_every_query_goes_along_an_index(house: House, session: Session) -> None:
    for state in ("PROCESSING", "SUCCESS"):
        add(house, session, state=state, method="debit_card")
    session.flush()
    used = {}
    for kind, query in suspects(session, house.clock.now()):
        bound = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        steps = [row[3] for row in session.execute(text(f"EXPLAIN QUERY PLAN {bound}"))]
        assert not any(step.startswith("SCAN") for step in steps), (kind, steps)
        used[kind] = steps[0]
    assert "ix_movement_called (state=? AND channel=? AND method=? AND" in used["UNKNOWN_TOO_LONG"]
    assert "ix_movement_latest (state=? AND channel=? AND method=? AND" in used["PAST_PROMISE"]
