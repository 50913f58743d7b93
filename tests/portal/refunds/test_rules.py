"""One order, one refund, of exactly the ordered amount."""

from __future__ import annotations

import pytest

from portal import events as e
from portal.errors import Refused
from portal.refunds.commands import ConfirmRefund, SubmitRefund
from portal.refunds.execution import request_of
from portal.refunds.rules import confirm_refund, submit_refund
from portal.rulings.orders import refund_number, settle
from tests.portal.stages import NOW, case_after, filed
from tests.values import CASE_NO

REFUND_NO = "RMA2026000001n1a1"
AMOUNT_FEN = 12_000


def ordered() -> tuple[e.Event, ...]:
    before = filed()
    remedies = (e.Remedy("REFUND_ONLY", AMOUNT_FEN),)
    return (*before, *settle(case_after(*before), remedies, NOW))


def submitted() -> tuple[e.Event, ...]:
    return (*ordered(), *submit_refund(case_after(*ordered()), SubmitRefund(CASE_NO, "d"), NOW))


def a_confirmation(amount_fen: int = AMOUNT_FEN) -> ConfirmRefund:
    return ConfirmRefund(CASE_NO, amount_fen, "SIM1", "2026-11-20T03:11:00.000Z")


def test_the_intent_is_recorded_before_the_call() -> None:
    (intent,) = submit_refund(case_after(*ordered()), SubmitRefund(CASE_NO, "d"), NOW)
    assert intent == e.RefundState(REFUND_NO, "SUBMITTED", AMOUNT_FEN, "d")


def test_an_intent_is_recorded_once() -> None:
    with pytest.raises(Refused):
        submit_refund(case_after(*submitted()), SubmitRefund(CASE_NO, "d"), NOW)


def test_no_refund_without_an_order() -> None:
    with pytest.raises(Refused):
        submit_refund(case_after(*filed()), SubmitRefund(CASE_NO, "d"), NOW)


def test_the_providers_answer_ends_the_case() -> None:
    events = confirm_refund(case_after(*submitted()), a_confirmation(), NOW)
    case = case_after(*submitted(), *events)
    assert (case.state, case.todo) == ("EXECUTED", "")
    assert case.refund is not None
    assert (case.refund.provider_ref, case.refund.amount_fen) == ("SIM1", AMOUNT_FEN)


@pytest.mark.parametrize("amount_fen", [AMOUNT_FEN - 1, AMOUNT_FEN + 1, 0])
def test_another_amount_is_never_booked(amount_fen: int) -> None:
    with pytest.raises(Refused):
        confirm_refund(case_after(*submitted()), a_confirmation(amount_fen), NOW)


def test_an_answer_to_nothing_is_refused() -> None:
    with pytest.raises(Refused):
        confirm_refund(case_after(*ordered()), a_confirmation(), NOW)


def test_a_repetition_asks_the_provider_for_the_same_bytes() -> None:
    assert request_of(case_after(*ordered())) == request_of(case_after(*submitted()))
    assert request_of(case_after(*ordered())).out_refund_no == REFUND_NO


def test_a_refund_number_fits_every_provider() -> None:
    number = refund_number("MA-2026-999999")
    assert number.isalnum()
    assert len(number) <= 32
