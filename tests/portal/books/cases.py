"""Cases with movements, as values and in a house; shared by the tests of the books."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from portal import events as e
from portal.cases.state import Case
from portal.house import House
from portal.refunds.commands import MoveMoney
from portal.responses.commands import FileResponse
from tests.houses import case_of, file_a_claim
from tests.portal.stages import case_after, filed
from tests.values import CASE_NO, PAYMENT

REFUND = "RMA2026000001n1"
PAYOUT = "RMA2026000001p1"
REFUND_FEN, PAYOUT_FEN = 32_900, 98_700
SHOP = "hailiao-live/shop-1"
PAYABLE = (e.Funding("MERCHANT_PAYABLE", REFUND_FEN),)
ADVANCED = (e.Funding("MERCHANT_DEPOSIT", 60_000), e.Funding("PLATFORM_ADVANCE", 38_700))


def step(state: str, refund_no: str = REFUND, **changes: Any) -> e.RefundState:
    more: dict[str, Any] = {"amount_fen": amount_of(refund_no)}
    if state == "SUCCESS":
        more |= {"provider": "wechat", "provider_at": "2026-11-20T03:11:00.000Z"}
    if state == "SUBMITTED":
        more |= {"request_digest": "d"}
    return e.RefundState(refund_no, state, **{**more, **changes})


def amount_of(refund_no: str) -> int:
    return REFUND_FEN if refund_no.endswith("n1") else PAYOUT_FEN


def order(refund_no: str = REFUND) -> e.ExecutionOrdered:
    rail = "REFUND" if refund_no == REFUND else "PAYOUT"
    return e.ExecutionOrdered(refund_no, amount_of(refund_no), "pay-1", "wechat", False, rail)


def moved(*events: e.Event, **changes: Any) -> Case:
    """A claim whose refund and payout are ordered, and what happened to them."""
    return case_after(*filed(**changes), order(REFUND), order(PAYOUT), *events)


def settled(house: House, case_no: str = CASE_NO, **changes: Any) -> Case:
    """The merchant agrees to a refund and to the compensation that was promised."""
    remedies = (e.Remedy("REFUND_ONLY", REFUND_FEN), e.Remedy("CONTRACT_PENALTY", PAYOUT_FEN))
    changes = {"payment": replace(PAYMENT, provider_txn=f"4200/{case_no}"), **changes}
    file_a_claim(house, f"claim/{case_no}", case_no=case_no, remedies=remedies, **changes)
    agree = FileResponse(case_no, "AGREE", "", "", None, (), ())
    house.recorder.record(agree, by="MERCHANT", command_id=f"agree/{case_no}")
    return case_of(house, case_no)


def move(house: House, *steps: e.RefundState, case_no: str = CASE_NO) -> Case:
    """Steps of one movement, recorded as the engine records them."""
    name = "/".join(f"{each.refund_no}{each.state}{each.attempt}" for each in steps)
    house.recorder.record(MoveMoney(case_no, steps), by="SYSTEM", command_id=f"move/{name}")
    return case_of(house, case_no)


def pay_all(house: House, case_no: str = CASE_NO) -> Case:
    """The refund out of what the shop earned; the payout out of its deposit and in advance."""
    refund, payout = (m.refund_no for m in case_of(house, case_no).movements)
    for number, funding in ((refund, PAYABLE), (payout, ADVANCED)):
        held = step("RESERVED", number, funding=funding)
        move(house, held, step("SUBMITTED", number), step("SUCCESS", number), case_no=case_no)
    return case_of(house, case_no)
