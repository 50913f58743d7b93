"""The house's clock and the provider's, ten minutes apart through a whole refund with its notices.

Who signs with a stamp (WeChat) is not believed then and believes nobody; who does not (Alipay,
Stripe) pays, and only Stripe's notices, which carry one, are refused. Nothing is lost by it: the
notices come again and the questions are asked again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx
import pytest

from portal.house import House
from portal.providers.calling import Caller
from portal.providers.opening import NOWHERE, Providers, connect
from portal.providers.settings import read_payments
from portal.providers.values import Forged
from portal.refunds.notices import Notices
from portal.simulator.app import create_simulator
from portal.simulator.settings import write_settings
from tests.faults.databases import Sqlite
from tests.faults.driving import drive, wait_for_next, work_all
from tests.faults.laboratory import Lab
from tests.faults.ordered import Ordered
from tests.faults.provider import Provider
from tests.faults.scenes import broken, items, opened, states
from tests.faults.settings import PROVIDERS

ORDERS = tuple(Ordered(n, refund_fen=12_000, channel=name) for n, name in enumerate(PROVIDERS, 1))
A_WHILE = timedelta(minutes=40)


@dataclass
class Apart:
    """A house whose provider's clock goes `by` behind or before its own."""

    house: House
    by: timedelta

    def theirs(self) -> datetime:
        return self.house.clock.now() + self.by

    @property
    def provider(self) -> Provider:
        return Provider.inside(self.house.config.folder, self.theirs)

    def notify(self) -> set[str]:
        """Send every notice that is still to be sent; whose are refused."""
        notices = Notices(
            self.house.duties.execution.hearing, self.house.sessions, self.house.strangers
        )
        refused = set()
        for each in self.provider.notices():
            adapter = self.house.providers.named(each["provider"])
            try:
                notices.take(adapter, each["headers"], base64.b64decode(each["body"]))
            except Forged:
                refused.add(each["provider"])
        return refused


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    return Lab.prepared(tmp_path_factory.mktemp("clocks") / "lab", Sqlite(), ORDERS)


@pytest.fixture
def apart(lab: Lab) -> Iterator[Apart]:
    with lab.copy("apart") as home, opened(home) as house:
        apart = Apart(house, timedelta(0))
        providers = _providers(house, apart.theirs)
        execution = replace(house.duties.execution, providers=providers)
        duties = replace(house.duties, execution=execution)
        apart.house = replace(house, providers=providers, duties=duties)
        yield apart


def _providers(house: House, theirs: Callable[[], datetime]) -> Providers:
    folder = house.config.folder / "simulator"
    payments = read_payments(write_settings(folder, NOWHERE, notices=house.config.public_url))
    transport = httpx.WSGITransport(app=create_simulator(folder, theirs))
    caller = Caller(lambda: httpx.Client(transport=transport, trust_env=False))
    return Providers(lambda: connect(payments, caller, house.clock.now))


def work_for_a_while(house: House) -> None:
    end = house.clock.now() + A_WHILE
    while house.clock.now() < end:
        work_all(house)
        if not wait_for_next(house):
            return


def test_four_minutes_apart_are_no_difference(apart: Apart) -> None:
    apart.by = timedelta(minutes=4)
    drive(apart.house)
    assert apart.notify() == set()
    assert states(apart.house) == ["SUCCESS"] * 3
    assert broken(apart.house) == {}


def test_ten_minutes_apart_nothing_is_believed_by_its_stamp_and_nothing_is_lost(
    apart: Apart,
) -> None:
    house, apart.by = apart.house, timedelta(minutes=10)
    work_for_a_while(house)
    assert states(house) == ["SUBMITTED", "SUCCESS", "SUCCESS"]
    assert "wechat" not in {move["provider"] for move in apart.provider.moves()}
    apart.by = timedelta(0)
    drive(house)
    assert apart.notify() == set()
    assert states(house) == ["SUCCESS"] * 3
    assert len(apart.provider.moves()) == 3
    assert broken(house) == {}


@pytest.mark.parametrize("minutes", [10, -10])
def test_a_notice_of_a_refund_whose_answer_was_lost_is_believed_when_the_clocks_agree_again(
    apart: Apart, minutes: int
) -> None:
    house = apart.house
    for name in PROVIDERS:
        apart.provider.fail("APPLIED_THEN_DROPPED", provider=name)
    work_all(house)
    apart.by = timedelta(minutes=minutes)
    assert "wechat" in apart.notify()
    work_for_a_while(house)
    assert states(house)[0] == "SUBMITTED"
    assert "FORGED_NOTICE" in items(house)
    apart.by = timedelta(0)
    assert apart.notify() == set()
    work_all(house)
    assert states(house) == ["SUCCESS"] * 3
    assert len(apart.provider.moves()) == 3
    assert broken(house) == {}
