"""An advance that WeChat was permitted and did not use is nobody's debt."""

from __future__ import annotations

from portal.books.tables import FundingRow, RecoupRow
from portal.events import Funding
from portal.house import House
from portal.invariants.checks import check_refunds
from portal.refunds.commands import MoveMoney
from tests.portal.refunds.ordering import FEN, case_no_of, order_refund, refund_no_of
from tests.portal.refunds.test_rules import a_step


def test_rows_and_journal_follow_who_really_paid(house: House, number: int) -> None:
    order_refund(house, number)
    no, paid = refund_no_of(number), {"provider": "wechat", "cash_fen": FEN}
    steps = (
        a_step("RESERVED", refund_no=no, funding=(Funding("PLATFORM_ADVANCE", FEN),)),
        a_step("SUBMITTED", refund_no=no),
        a_step("SUCCESS", refund_no=no, funding=(Funding("MERCHANT_PAYABLE", FEN),), **paid),
    )
    for n, step in enumerate(steps):
        wish = MoveMoney(case_no_of(number), (step,))
        house.recorder.record(wish, by="SYSTEM", command_id=f"{no}/{n}")
        house.recorder.projection.catch_up()
    with house.sessions() as session:
        row, recoup = session.get_one(FundingRow, no), session.get_one(RecoupRow, no)
    assert (row.payable_fen, row.advance_fen, row.state) == (FEN, 0, "SPENT")
    assert (recoup.amount_fen, recoup.open) == (0, False)
    broken = {
        each.name for each in check_refunds(house) if each.name in ("I5", "I14") and each.broken
    }
    assert broken == set()
