"""A house that is set back to an older copy of itself, while its provider goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from portal.house import House
from portal.refunds import beginning
from portal.rehearsal.moving import move_clock
from tests.faults.databases import Sqlite
from tests.faults.driving import drive
from tests.faults.laboratory import Home, Lab
from tests.faults.ordered import Ordered
from tests.faults.scenes import broken, opened, provider, standing_fen, states

ORDERS = (
    Ordered(1, refund_fen=12_000, payment="shared"),
    Ordered(2, refund_fen=20_000, compensation_fen=5_000, payment="shared"),
)
ORDERED_FEN = sum(ordered.refund_fen + ordered.compensation_fen for ordered in ORDERS)
ALL_PAID = ["SUCCESS", "SUCCESS", "ARRIVED"]
LATER_SECONDS = 2 * 60  # from the copy to the house that runs on it


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab.prepared(tmp_path_factory.mktemp("copies") / "lab", Sqlite(), ORDERS)


@pytest.fixture
def within_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever passes between the copy and the house that runs on it, on whatever machine."""
    monkeypatch.setattr(beginning, "AT_ONCE", timedelta(days=1))


@pytest.fixture
def home(lab: Lab) -> Iterator[Home]:
    with lab.copy("copy") as home:
        yield home


def pay_all(home: Home, *, idempotent: bool) -> None:
    with opened(home) as house:
        provider(house).be(idempotent=idempotent)
        drive(house)
        assert states(house) == ALL_PAID


def set_back(home: Home, copy: Path) -> None:
    """Ledger, files and database as they were before anything was sent; the provider is another's
    machine and has forgotten nothing."""
    ours = home.folder / "home"
    kept = shutil.move(ours / "simulator", home.folder / "simulator")
    shutil.rmtree(ours)
    shutil.copytree(copy / "home", ours, ignore=shutil.ignore_patterns("simulator"))
    shutil.move(kept, ours / "simulator")


def times_paid(house: House) -> int:
    return len(provider(house).moves())


@pytest.mark.parametrize("idempotent", [True, False])
def test_ledger_and_database_from_before_the_first_request_pay_nothing_again(
    lab: Lab, home: Home, idempotent: bool
) -> None:
    """What should have been sent a minute ago is asked about before it is sent, so that even a
    provider that would pay the same number twice is not asked twice."""
    pay_all(home, idempotent=idempotent)
    set_back(home, lab.scratch / "template")
    with opened(home) as house:
        move_clock(house.sessions, LATER_SECONDS)
        drive(house)
        assert states(house) == ALL_PAID
        assert (times_paid(house), standing_fen(house)) == (3, ORDERED_FEN)
        assert broken(house) == {}


@pytest.mark.usefixtures("within_a_minute")
def test_a_copy_of_seconds_ago_is_safe_with_a_provider_that_remembers(lab: Lab, home: Home) -> None:
    pay_all(home, idempotent=True)
    set_back(home, lab.scratch / "template")
    with opened(home) as house:
        drive(house)
        assert states(house) == ALL_PAID
        assert (times_paid(house), standing_fen(house)) == (3, ORDERED_FEN)


@pytest.mark.usefixtures("within_a_minute")
def test_a_second_payment_that_a_copy_of_seconds_ago_led_to_does_not_stay_unseen(
    lab: Lab, home: Home
) -> None:
    """The limit of what is promised: a house that is set back within a minute does not know, and a
    provider that forgets pays again. The checks against the provider's own word name it."""
    pay_all(home, idempotent=False)
    set_back(home, lab.scratch / "template")
    with opened(home) as house:
        drive(house)
        assert times_paid(house) > 3
        assert "I6" in broken(house)


def test_a_database_from_yesterday_learns_what_was_paid(lab: Lab, home: Home) -> None:
    """The ledger and the provider know; only the raw answers of that day are lost with the rows,
    and the checks say so."""
    pay_all(home, idempotent=True)
    for name in ("mingan.sqlite-wal", "mingan.sqlite-shm"):
        (home.folder / "home" / name).unlink(missing_ok=True)
    copy = lab.scratch / "template" / "home" / "mingan.sqlite"
    shutil.copy(copy, home.folder / "home" / "mingan.sqlite")
    with opened(home) as house:
        drive(house)
        assert states(house) == ALL_PAID
        assert standing_fen(house) == ORDERED_FEN
        assert set(broken(house)) <= {"I9", "I11"}
