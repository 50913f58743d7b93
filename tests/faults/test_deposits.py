"""A shop's deposit that runs out in the middle of a batch; of the four who pay it, two die."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from portal.books.accounts import Shop
from portal.books.deposits import report_deposit
from portal.books.tables import DepositRow, FundingRow
from portal.history import load_case
from portal.house import House
from portal.monitors.standing import watch_standing
from tests.faults.databases import Sqlite
from tests.faults.driving import drive
from tests.faults.laboratory import Home, Lab
from tests.faults.ordered import Ordered
from tests.faults.scenes import broken, items, opened, states
from tests.faults.settings import Setting

# Four compensations, and a deposit that is enough for two of them and part of a third.
ORDERS = tuple(Ordered(n, refund_fen=12_000, compensation_fen=5_000) for n in range(1, 5))
DEPOSIT_FEN, FLOOR_FEN = 12_000, 10_000
BEYOND_FEN = 4 * 5_000
SHOP = Shop(ORDERS[0].platform, ORDERS[0].shop_id)
FOUR = Setting("sqlite", workers=4, idempotent=False)
DEATH = 9


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, Home]]:
    lab = Lab.prepared(tmp_path_factory.mktemp("deposits") / "lab", Sqlite(), ORDERS)
    with lab.copy("batch") as home:
        yield lab, home


def report(house: House) -> None:
    with house.sessions.begin() as session:
        report_deposit(
            session,
            SHOP,
            account="dep-1",
            available_fen=DEPOSIT_FEN,
            floor_fen=FLOOR_FEN,
            as_of=house.clock.now(),
        )


def taken_fen(house: House) -> int:
    with house.sessions() as session:
        return session.scalar(select(func.sum(FundingRow.deposit_fen))) or 0


def pockets(house: House) -> Counter[str]:
    """Where all compensation came from, by the ledger."""
    pockets: Counter[str] = Counter()
    with house.sessions() as session:
        for ordered in ORDERS:
            for movement in load_case(session, ordered.case_no).movements:
                if movement.order.rail == "PAYOUT":
                    pockets.update({p.account: p.amount_fen for p in movement.funding})
    return pockets


def test_a_deposit_that_runs_out_is_never_overdrawn_and_the_platform_advances_the_rest(
    home: tuple[Lab, Home],
) -> None:
    lab, copy = home
    with opened(copy) as house:
        report(house)
    lab.workers(copy, FOUR, DEATH)
    with opened(copy) as house:
        assert taken_fen(house) <= DEPOSIT_FEN  # also where somebody has just died
        drive(house)
        assert set(states(house)) == {"SUCCESS", "ARRIVED"}
        advanced_fen = BEYOND_FEN - DEPOSIT_FEN
        assert pockets(house) == {"MERCHANT_DEPOSIT": DEPOSIT_FEN, "PLATFORM_ADVANCE": advanced_fen}
        with house.sessions.begin() as session:
            row = session.get(DepositRow, (SHOP.platform, SHOP.shop_id))
            assert row is not None
            assert (row.available_fen, row.short_fen, row.low) == (0, 0, True)
            watch_standing(session, house.clock.now())
        assert "DEPOSIT_LOW" in items(house)
        assert broken(house) == {}
