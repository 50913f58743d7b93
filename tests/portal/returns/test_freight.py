"""Who bears the way back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from portal import events as e
from portal.errors import BadInput
from portal.responses.commands import ConfirmReturn
from portal.responses.rules import confirm_return
from portal.returns.freight import freight_of
from tests.portal.returns.parcels import RETURN, Events, after_expiry, agreed, shipped
from tests.portal.stages import case_after, later
from tests.values import CASE_NO, an_exhibit


def ruled(liability: dict[str, int], **changes: Any) -> Events:
    """The same return, with a ruling that says who is liable for how much."""
    return tuple(
        replace(x, liability=liability) if isinstance(x, e.RulingIssued) else x
        for x in agreed(**changes)
    )


@pytest.mark.parametrize(
    ("before", "owed_fen", "ground"),
    [
        (agreed(), 1_205, "FAULT"),
        (agreed(reason_code="N04_IMPULSE"), 0, "NO_REASON"),
        (
            agreed((*RETURN, e.Remedy("FREIGHT_RETURN")), reason_code="N04_IMPULSE"),
            1_205,
            "GRANTED",
        ),
        (agreed((*RETURN, e.Remedy("FREIGHT_RETURN", 1_000))), 0, "IN_SUM"),
        (ruled({"MERCHANT": 6_667, "BUYER": 3_333}), 803, "LIABILITY"),
        (ruled({"BUYER": 10_000}), 0, "LIABILITY"),
        (ruled({"MERCHANT": 5_000, "HOST": 5_000}, reason_code="N04_IMPULSE"), 1_205, "LIABILITY"),
    ],
)
def test_the_part_of_others_than_the_buyer(before: Events, owed_fen: int, ground: str) -> None:
    freight = freight_of(case_after(*shipped(before, freight_fen=1_205)))
    assert (freight.owed_fen, freight.ground) == (owed_fen, ground)


def test_the_freight_is_ordered_when_the_goods_are_back_and_only_then() -> None:
    before = shipped(freight_fen=1_200)
    assert [m.order.rail for m in case_after(*before).movements] == ["REFUND"]
    back = confirm_return(case_after(*before), ConfirmReturn(CASE_NO), later(days=2))
    for events in (back, after_expiry(before, days=20)[len(before) :]):
        orders = [x for x in events if isinstance(x, e.ExecutionOrdered)]
        assert [(x.refund_no, x.rail, x.amount_fen) for x in orders] == [
            ("RMA2026000001f1", "FREIGHT", 1_200)
        ]


def test_a_buyer_who_names_no_cost_is_owed_none() -> None:
    events = confirm_return(case_after(*shipped()), ConfirmReturn(CASE_NO), later(days=2))
    assert events == (e.ReturnReceived("MERCHANT"),)


def test_a_high_cost_needs_a_receipt_and_has_an_end() -> None:
    for freight_fen, receipt in ((5_001, None), (50_001, an_exhibit("B2")), (-1, None)):
        with pytest.raises(BadInput) as refused:
            shipped(freight_fen=freight_fen, receipt=receipt)
        assert refused.value.field == "freight_fen"
    case = case_after(*shipped(freight_fen=5_001, receipt=an_exhibit("B2", kind="INVOICE")))
    assert case.shipped is not None
    assert (case.shipped.freight_fen, case.shipped.receipt) == (5_001, "B2")
