"""Orders that were paid together: what the platform paid back of one counts for all."""

from __future__ import annotations

from pathlib import Path

from tests.houses import open_house
from tests.portal.refunds.ordering import (
    items_of,
    moved,
    order_refund,
    pay,
    pay_after,
    payment_of,
    platform_refunds,
)

PAID_FEN = 20_000


def test_a_refund_of_one_order_leaves_less_for_the_other(tmp_path: Path) -> None:
    house = open_house(tmp_path / "home", rehearsal=True)
    together = {"provider_txn": "42000001", "paid_fen": PAID_FEN}
    order_refund(house, 1, 2_000, **together)
    platform_refunds(house, 1, 15_000)
    assert pay(house, 1).state == "SUCCESS"
    order_refund(house, 2, 5_000, **together)
    platform_refunds(house, 2, 0)
    assert pay_after(house, 61, 2).state == "PLANNED"
    assert (moved(house, 2), items_of(house, 2)) == ([], {"PLATFORM_OVERLAP"})
    assert payment_of(house, 1).elsewhere_fen == 15_000
    order_refund(house, 3, 3_000, **together)
    assert pay_after(house, 61, 3).state == "SUCCESS"
