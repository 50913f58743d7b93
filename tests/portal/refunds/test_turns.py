"""One worker at a time, and never more than was paid, also when many try at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from portal import events as e
from portal.cases.state import Case
from portal.clock import Clock
from portal.controls.fence import hold_back, may_leave
from portal.controls.projector import project_control
from portal.database import db, set_pragmas
from portal.files import Files
from portal.monitors.tables import ItemRow
from portal.providers.values import Answer, Outcome
from portal.refunds import breaking
from portal.refunds import turns as module
from portal.refunds.reserving import Caps, OverCap, OverPaid, follow, set_aside
from portal.refunds.tables import DayRow, PaymentRow, ReservationRow, TurnRow
from portal.refunds.turns import Rest, Turns, wake
from tests.portal.refunds.test_rules import a_step
from tests.portal.stages import NOW, case_after, filed
from tests.values import PAYMENT

NUMBER = "RMA2026000001n1"
LEASE = timedelta(hours=1)  # one of seconds could end in the middle of a test
MANY = 8
NO_CAPS = Caps()
Sessions = sessionmaker[Session]


def tables_at(url: str) -> Sessions:
    database = create_engine(url)
    event.listen(database, "connect", set_pragmas)
    db.metadata.create_all(database)
    return sessionmaker(database, expire_on_commit=False)


@pytest.fixture(autouse=True)
def a_long_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LEASE", LEASE)


@pytest.fixture(params=["sqlite", "postgresql"])
def sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    if request.param == "sqlite":
        found = tables_at(f"sqlite:///{tmp_path / 'rows.sqlite'}")
    else:
        found = tables_at(request.getfixturevalue("postgres_url"))
    yield found
    found.kw["bind"].dispose()


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[Sessions]:
    found = tables_at(f"sqlite:///{tmp_path / 'rows.sqlite'}")
    yield found
    found.kw["bind"].dispose()


def at_once(act: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(act, range(MANY)))


def moving(seconds: float) -> Clock:
    return Clock(lambda: timedelta(seconds=seconds))


def add_turn(sessions: Sessions) -> Turns:
    turns = Turns(sessions, moving(0))
    with sessions.begin() as session:
        session.add(TurnRow(refund_no=NUMBER, case_no="MA-1", next_at=turns.clock.now()))
    return turns


def test_of_many_workers_one_gets_the_turn(sessions: Sessions) -> None:
    turns = add_turn(sessions)
    taken = [turn for turn in at_once(lambda _n: turns.claim(NUMBER)) if turn]
    assert len(taken) == 1


def test_a_lease_runs_out_and_the_old_holder_is_fenced_off(rows: Sessions) -> None:
    old = add_turn(rows).claim(NUMBER)
    later = Turns(rows, moving(LEASE.total_seconds() + 1))
    new = later.claim(NUMBER)
    assert old is not None
    assert new is not None
    with rows.begin() as session:
        assert (later.renew(session, old), later.renew(session, new)) == (False, True)
    later.release(old, Rest())
    with rows() as session:
        assert session.get_one(TurnRow, NUMBER).next_at is not None, "an old holder let it sleep"


def test_what_happens_during_a_turn_is_not_slept_over(rows: Sessions) -> None:
    turns = add_turn(rows)
    turn = turns.claim(NUMBER)
    assert turn is not None
    with rows.begin() as session:
        wake(session, NUMBER, turns.clock.now())
    assert turns.claim(NUMBER) is None, "woken, but somebody is at it"
    turns.release(turn, Rest(blocked="APPROVAL"))
    assert turns.claim(NUMBER) is not None


# Setting aside ---------------------------------------------------------------------------------


def ordered(number: int, fen: int, **payment: Any) -> Case:
    claim = filed(case_no=f"MA-2026-{number:06}", payment=replace(PAYMENT, **payment))
    order = e.ExecutionOrdered(f"R{number}n1", fen, "pay-1", "wechat", return_first=False)
    return case_after(*claim, order)


def reserve(sessions: Sessions, case: Case, caps: Caps = NO_CAPS) -> bool:
    try:
        with sessions.begin() as session:
            set_aside(session, case, case.movements[0], caps, NOW)
    except (OverPaid, OverCap):
        return False
    return True


def test_many_rulings_at_once_set_aside_no_more_than_was_paid(sessions: Sessions) -> None:
    kept = at_once(lambda number: reserve(sessions, ordered(number, 10_000)))
    assert kept.count(True) == PAYMENT.paid_fen // 10_000
    with sessions() as session:
        assert session.query(PaymentRow).one().held_fen == 30_000


def test_what_the_platform_paid_back_itself_counts(rows: Sessions) -> None:
    assert not reserve(rows, ordered(1, 10_000, refunded_fen=25_000))
    assert reserve(rows, ordered(2, 7_900, refunded_fen=25_000))


def test_a_days_limit_leaves_nothing_behind_when_it_refuses(rows: Sessions) -> None:
    assert reserve(rows, ordered(1, 10_000), Caps(shop_fen=15_000))
    assert not reserve(rows, ordered(2, 10_000), Caps(shop_fen=15_000))
    with rows() as session:
        assert session.query(PaymentRow).one().held_fen == 10_000
        assert {row.fen for row in session.query(DayRow)} == {10_000}


def test_a_restored_database_sets_aside_again_what_the_ledger_says(rows: Sessions) -> None:
    case, refund_no = ordered(1, 10_000), "R1n1"
    steps = [a_step(s, refund_no=refund_no, amount_fen=10_000) for s in ("RESERVED", "SUBMITTED")]
    done = a_step("SUCCESS", refund_no=refund_no, amount_fen=10_000)
    order = case.movements[0].order
    told = (*filed(case_no="MA-2026-000001"), order, *steps)
    with rows.begin() as session:
        follow(session, case_after(*told, done))
        follow(session, case_after(*told))  # a rebuild tells the past again
        assert session.query(ReservationRow).one().state == "SPENT"
        assert (
            session.query(PaymentRow).one().held_fen,
            session.query(PaymentRow).one().spent_fen,
        ) == (0, 10_000)


def test_a_ledger_with_more_set_aside_than_was_paid_alarms_and_goes_on(rows: Sessions) -> None:
    whole = PAYMENT.paid_fen
    for number in (1, 2):
        case = ordered(number, whole)
        taken = {"refund_no": f"R{number}n1", "amount_fen": whole}
        steps = [a_step(s, **taken) for s in ("RESERVED", "SUBMITTED", "SUCCESS")]
        told = (*filed(case_no=case.claim.case_no), case.movements[0].order)
        with rows.begin() as session:
            follow(session, case_after(*told, *steps[:2]))
            follow(session, case_after(*told, *steps))
    with rows() as session:
        payment = session.query(PaymentRow).one()
        assert (payment.held_fen, payment.spent_fen) == (0, whole)
        assert [item.kind for item in session.query(ItemRow)] == ["RECORD_DIFFERS"]


# The switch ------------------------------------------------------------------------------------


def test_a_switch_and_a_request_do_not_pass_each_other(postgres_url: str) -> None:
    sessions = tables_at(postgres_url)
    with sessions.begin() as request, ThreadPoolExecutor(1) as operator:
        assert may_leave(request, "wechat")
        thrown = operator.submit(stop, sessions)
        with pytest.raises(TimeoutError):
            thrown.result(timeout=0.2)  # not before the request is written down
        request.commit()
        thrown.result(timeout=120)
    with sessions.begin() as session:
        assert not may_leave(session, "wechat")
    with sessions.begin() as setting, sessions.begin() as request:
        hold_back(setting)
        assert not may_leave(request, "alipay"), "a control is being set"
    sessions.kw["bind"].dispose()


def stop(sessions: Sessions) -> None:
    with sessions.begin() as session:
        project_control(session, e.ControlSet("STOPPED", "wechat", 1, "停"), cast(Files, None))


# A provider that does not answer ---------------------------------------------------------------


def test_a_silent_provider_is_left_alone_and_then_tried_by_one(rows: Sessions) -> None:
    silent, well = Answer(Outcome.UNKNOWN, "R1"), Answer(Outcome.SUCCESS, "R1")
    with rows.begin() as session:
        for _failure in range(breaking.PATIENCE):
            assert breaking.admit(session, "wechat", NOW) is None
            breaking.note(session, "wechat", silent, NOW)
        until = breaking.admit(session, "wechat", NOW)
        assert until == NOW + breaking.SHORTEST
    with rows.begin() as session:
        assert breaking.admit(session, "wechat", NOW + breaking.SHORTEST) is None
    with rows.begin() as session:
        assert breaking.admit(session, "wechat", NOW + breaking.SHORTEST) is not None
        breaking.note(session, "wechat", well, NOW)
    with rows.begin() as session:
        assert breaking.admit(session, "wechat", NOW) is None


def test_pauses_grow_to_ten_minutes() -> None:
    pauses = [breaking.pause_after(breaking.PATIENCE + n).total_seconds() for n in range(7)]
    assert pauses == [30, 60, 120, 240, 480, 600, 600]
