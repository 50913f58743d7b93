from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal.inserting import insert_absent
from portal.refunds.tables import DayRow, PaymentRow


@pytest.fixture(params=["sqlite", "postgresql"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    file = request.param == "sqlite"
    engine = create_engine("sqlite://" if file else request.getfixturevalue("postgres_url"))
    for table in (DayRow, PaymentRow):
        table.__table__.create(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def test_whoever_inserts_what_is_there_is_told_so(session: Session) -> None:
    day = {"day": "2026-11-22", "whose": "taobao/9", "fen": 1}
    assert insert_absent(session, DayRow, **day)
    assert not insert_absent(session, DayRow, **day | {"fen": 2})
    assert insert_absent(session, DayRow, **day | {"whose": "taobao/8"})
    kept = session.get(DayRow, ("2026-11-22", "taobao/9"))
    assert kept is not None
    assert kept.fen == 1


def test_what_has_defaults_is_told_too(session: Session) -> None:
    payment = {"platform": "taobao", "provider_txn": "T1", "paid_fen": 1}
    assert [insert_absent(session, PaymentRow, **payment) for _ in range(3)] == [True, False, False]
