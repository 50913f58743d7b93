"""Killed anywhere while a provider is asked to give an advance back out of the shop's account, with
whatever goes wrong on the line: it is taken once and booked once, also by one that forgets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle

import pytest

from portal.books.commands import WantReturn
from portal.controls.commands import OverrideMoney
from portal.history import load_case
from portal.house import House
from portal.invariants.simulated import open_log
from portal.providers.values import Answer, Outcome
from portal.refunds.returning import Returning
from portal.simulator.settings import write_settings
from tests.deaths import in_child
from tests.faults.databases import Sqlite
from tests.faults.driving import drive
from tests.faults.laboratory import NEVER, Home, Lab, arrange
from tests.faults.ordered import Ordered
from tests.faults.provider import Provider
from tests.faults.scenes import opened
from tests.faults.settings import Setting

FEN = 12_000
ORDER = Ordered(1, refund_fen=FEN, sub_merchant="1900000109")
FAULTS = ("", "APPLIED_THEN_DROPPED", "DROP_BEFORE", "ERROR_AFTER", "WRONG_SIGNATURE", "PROCESSING")
STEP = 4  # of the points at which it dies
FEW = 9


@dataclass(frozen=True)
class Forgetful(Setting):
    """One worker to the end, and a provider that takes again whatever it is asked for again."""

    @property
    def shows_late(self) -> bool:
        return True


SETTING = Forgetful("sqlite", idempotent=False)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A house that has paid an advance and whose operator wants it back; nobody was asked yet."""
    lab = Lab.prepared(tmp_path_factory.mktemp("returns") / "lab", Sqlite(), (ORDER,))
    assert in_child(partial(advance, Home(lab.scratch / "template", None))) == 0
    return lab


def advance(home: Home) -> None:
    folder = home.folder / "home" / "simulator"
    write_settings(folder, "http://simulator.invalid", notices="", ecommerce=True)
    with opened(home) as house:
        record, who = house.recorder.record, "OPERATOR:1"
        first = OverrideMoney(ORDER.case_no, ORDER.refund_no, "ADVANCE", "先行赔付", who)
        record(first, by=who, command_id="advance")
        drive(house)
        back = WantReturn(ORDER.case_no, ORDER.refund_no, "店铺已有余额", who, 10**9)
        record(back, by=who, command_id="want")


def problems(
    lab: Lab, fault: str, deaths: tuple[int, ...], setting: Setting = SETTING
) -> list[str]:
    """Die at each of the points in turn, then go on to the end; what is wrong there."""
    with lab.copy(f"returns-{fault}-{deaths}") as home:
        arrange(home, SETTING)
        if fault:
            Provider.inside(home.folder / "home").fail(fault, on="RETURN")
        for death in deaths:
            lab.workers(home, SETTING, death)
        assert in_child(partial(lab.finish, home, SETTING)) == 0
        found: list[str] = json.loads((home.folder / "problems").read_text())
        with opened(home) as house:
            return [*found, *wrong(house)]


def wrong(house: House) -> Iterator[str]:
    with house.sessions() as session:
        movement = load_case(session, ORDER.case_no).movement(ORDER.refund_no)
    assert movement is not None
    log = open_log(house.config, house.clock.now)
    assert log is not None
    taken, booked = (
        [x.amount_fen for x in log.given_back()],
        [x.amount_fen for x, _ in movement.recoups],
    )
    if (taken, booked) != ([FEN], [FEN]):
        yield f"taken {taken}, booked {booked}"


def span(lab: Lab) -> range:
    """The points from the first question about the return to the booking of its answer."""
    with lab.copy("undisturbed") as home:
        arrange(home, SETTING)
        assert in_child(partial(lab.work, home, SETTING, NEVER)) == 0
        passed = (home.folder / "points-0").read_text().splitlines()
    calls = [at for at, point in enumerate(passed, 1) if point == "before Caller.call"]
    return range(calls[1] - FEW, calls[3], STEP)  # the first is about the refund


def test_an_advance_comes_back_once_whoever_is_killed_wherever(lab: Lab) -> None:
    faults = cycle(FAULTS)
    for first in span(lab):
        deaths = (first, FEW + first % 13)
        assert problems(lab, next(faults), deaths) == [], deaths


def test_whoever_asks_blindly_takes_it_twice_and_is_caught(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which is why no request for a return goes out before a question."""
    assert problems(lab, "APPLIED_THEN_DROPPED", (NEVER,)) == []
    nothing = Answer(Outcome.NOT_FOUND, "", b"{}", 404, verified=True)
    monkeypatch.setattr(Returning, "_query", lambda *_given: nothing)
    found = problems(lab, "APPLIED_THEN_DROPPED", (NEVER,))
    assert any(problem.startswith("I14 ") for problem in found), found
