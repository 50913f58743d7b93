"""What goes wrong for longer than a moment: storms, closed refunds, void cards, full disks."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import OperationalError

from portal.house import House
from portal.refunds.tables import MovementRow
from portal.rehearsal.moving import move_clock
from tests.faults.databases import Sqlite
from tests.faults.driving import drive, wait_for_next, work_all
from tests.faults.laboratory import Home, Lab
from tests.faults.ordered import Ordered
from tests.faults.scenes import (
    broken,
    drive_for,
    items,
    opened,
    provider,
    standing_fen,
    states,
)

STORM = timedelta(minutes=30)
ORDERS = (
    Ordered(1, refund_fen=12_000, payment="shared"),
    Ordered(2, refund_fen=20_000, payment="shared"),
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab.prepared(tmp_path_factory.mktemp("scenes") / "lab", Sqlite(), ORDERS)


@pytest.fixture
def home(lab: Lab) -> Iterator[Home]:
    with lab.copy("scene") as home:
        yield home


@pytest.fixture
def house(home: Home) -> Iterator[House]:
    with opened(home) as house:
        yield house


def test_a_storm_of_errors_is_waited_out_and_drained_with_a_minute_between(house: House) -> None:
    provider(house).fail("ERROR_BEFORE", times=10_000, on="ANY")
    end = house.clock.now() + STORM
    while house.clock.now() < end:
        work_all(house)
        assert wait_for_next(house)
    assert standing_fen(house) == 0
    provider(house).heal()
    drive(house)
    assert states(house) == ["SUCCESS", "SUCCESS"]
    assert broken(house) == {}  # I13: a minute between the two of one payment


def test_a_refund_that_is_closed_after_seven_days_gets_a_new_number(house: House) -> None:
    provider(house).fail("CLOSED", times=1, seconds=7 * 86_400 - 3_600)
    drive_for(house, timedelta(days=8))
    assert set(states(house)) <= {"SUCCESS", "ARRIVED"}
    with house.sessions() as session:
        assert max(session.scalars(select(MovementRow.attempt))) == 2
    assert broken(house) == {}


def test_a_void_card_is_not_taken_for_a_refund(house: House) -> None:
    provider(house).fail("ABNORMAL", times=1, seconds=1)
    for _look in range(4):
        work_all(house)
        wait_for_next(house)
    assert sorted(states(house)) == ["ABNORMAL", "SUCCESS"]
    assert "ABNORMAL" in items(house)
    assert broken(house) == {}


def test_what_is_given_back_to_the_shop_is_paid_to_the_buyer_by_transfer(house: House) -> None:
    provider(house).fail("ABNORMAL", times=1, seconds=1)
    for _look in range(4):
        work_all(house)
        wait_for_next(house)
    with house.sessions() as session:
        stuck = session.scalars(select(MovementRow).where(MovementRow.state == "ABNORMAL")).one()
    assert house.duties.execution.send_on(stuck.case_no, stuck.refund_no, None)
    move_clock(house.sessions, 60)
    drive(house, to_the_end=True)
    with house.sessions() as session:
        paid = session.get_one(MovementRow, stuck.refund_no)
        assert (paid.state, paid.attempt, paid.route) == ("ARRIVED", 2, "")
    sent = {m["number"]: m["route"] for m in provider(house).moves()}
    assert sent[f"{stuck.refund_no}a1"] == "MERCHANT_BANKCARD"
    assert items(house).isdisjoint({"ROUTE_DIFFERS", "RECORD_DIFFERS"})
    assert broken(house) == {}


def test_a_success_that_turns_out_not_to_be_one_is_found(house: House) -> None:
    provider(house).fail("FAILED_AFTER_SUCCESS", times=1, seconds=3_600)
    drive(house)
    drive_for(house, timedelta(days=2))
    assert "REVERSED" in states(house)
    assert "REVERSED" in items(house)
    assert broken(house) == {}


# The machine itself ----------------------------------------------------------------------------


class Once:
    """Makes the n-th call of something fail, and no other."""

    def __init__(self, act: Callable[..., Any], fails_at: int, error: Exception) -> None:
        self.act, self.left, self.error = act, fails_at, error

    def __call__(self, *given: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise self.error
        return self.act(*given, **named)


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


def locked() -> OperationalError:
    return OperationalError("COMMIT", {}, Exception("database is locked"))


@pytest.mark.parametrize("where", [1, 2, 4, 7])
@pytest.mark.parametrize("what", ["full disk", "locked database"])
def test_a_failed_write_is_made_up_for(
    house: House, monkeypatch: pytest.MonkeyPatch, what: str, where: int
) -> None:
    if what == "full disk":
        monkeypatch.setattr(os, "link", Once(os.link, where, full_disk()))
    else:
        commit = Once(DefaultDialect.do_commit, where * 5, locked())
        monkeypatch.setattr(DefaultDialect, "do_commit", lambda self, c: commit(self, c))
    for _try in range(3):
        try:
            drive(house)
        except Exception:  # noqa: BLE001 - whatever it is called, the worker asks again
            move_clock(house.sessions, 16)  # the lease of the turn runs out
    assert states(house) == ["SUCCESS", "SUCCESS"]
    assert broken(house) == {}
