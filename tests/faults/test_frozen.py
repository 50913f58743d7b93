"""A worker that is stopped between writing a request down and sending it, and goes on much later.

Meanwhile another has taken the payment up, was told that the number is unknown, and has paid it. A
provider that forgets numbers would now be asked for the same money once more.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from portal.providers.calling import Caller
from portal.refunds import calling
from tests.deaths import in_child, start_child
from tests.faults.databases import Sqlite
from tests.faults.driving import drive
from tests.faults.laboratory import Home, Lab
from tests.faults.late import is_for_money
from tests.faults.ordered import Ordered
from tests.faults.scenes import broken, opened, provider, states
from tests.faults.settings import PROVIDERS

REFUND_FEN = 12_000
WHOLE_SECONDS = 2.0  # that a request may take, here


@pytest.fixture(scope="module", params=PROVIDERS)
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    order = Ordered(1, refund_fen=REFUND_FEN, channel=request.param)
    return Lab.prepared(tmp_path_factory.mktemp("frozen") / "lab", Sqlite(), [order])


def stop_before_the_first_request(call: Callable[..., Any]) -> Callable[..., Any]:
    """Once, this process stops (SIGSTOP) where it is about to send a request for money."""
    waiting = [True]

    def stopping(caller: Caller, method: str, url: str, *more: Any) -> Any:
        if waiting and is_for_money(method, url):
            waiting.clear()
            os.kill(os.getpid(), signal.SIGSTOP)
        return call(caller, method, url, *more)

    return stopping


def work(home: Home, frozen: bool) -> None:
    calling.WHOLE_SECONDS = WHOLE_SECONDS
    if frozen:
        Caller.call = stop_before_the_first_request(Caller.call)  # type: ignore[method-assign]
    with opened(home) as house:
        drive(house)


def forget_numbers(home: Home) -> None:
    with opened(home) as house:
        provider(house).be(idempotent=False)


def until_stopped(pid: int) -> None:
    _pid, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), f"ended with {status} before it was stopped"


def test_a_worker_that_wakes_after_another_has_paid_sends_nothing(lab: Lab) -> None:
    with lab.copy("frozen") as home:
        assert in_child(partial(forget_numbers, home)) == 0
        frozen = start_child(partial(work, home, frozen=True))
        until_stopped(frozen)
        assert in_child(partial(work, home, frozen=False)) == 0
        time.sleep(WHOLE_SECONDS)
        os.kill(frozen, signal.SIGCONT)
        assert os.waitstatus_to_exitcode(os.waitpid(frozen, 0)[1]) == 0
        assert in_child(partial(examine, home, home.folder / "seen")) == 0
        assert (home.folder / "seen").read_text() == f"[{REFUND_FEN}] {{}} ['SUCCESS']"


def examine(home: Home, seen: Path) -> None:
    with opened(home) as house:
        moved = [move["amount_fen"] for move in provider(house).moves()]
        seen.write_text(f"{moved} {broken(house)} {states(house)}")
