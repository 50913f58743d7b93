"""What a merchant may answer, and what follows."""

from __future__ import annotations

from typing import Any

import pytest

from portal import events as e
from portal.errors import BadInput, Refused
from portal.responses.commands import ConfirmReturn, FileResponse
from portal.responses.rules import confirm_return, file_response
from tests.portal.stages import NOW, PAID_FEN, case_after, denied, filed, later, offered
from tests.values import CASE_NO, PAYMENT, an_exhibit


def an_answer(answer: str, **changes: Any) -> FileResponse:
    values: dict[str, Any] = {
        "case_no": CASE_NO,
        "answer": answer,
        "text": "详情页写明聚酯纤维",
        "reason_code": "AS_SAID" if answer == "DENY" else "",
        "offer": e.Remedy("REFUND_ONLY", 26_000) if answer == "OFFER" else None,
        "contested": (),
        "exhibits": (),
    }
    return FileResponse(**values | changes)


def respond(answer: str, **changes: Any) -> tuple[e.Event, ...]:
    return file_response(case_after(*filed()), an_answer(answer, **changes), NOW)


def state_after(answer: str, **changes: Any) -> str:
    return case_after(*filed(), *respond(answer, **changes)).state


def test_agreeing_settles_for_what_the_buyer_claimed() -> None:
    events = respond("AGREE")
    ruling = next(event for event in events if isinstance(event, e.RulingIssued))
    assert (ruling.outcome, ruling.refund_fen, ruling.return_goods) == ("SETTLED", PAID_FEN, True)
    assert ruling.owed == (e.Owed("CONTRACT_PENALTY", 98_700),)
    assert case_after(*filed(), *events).state == "AWAITING_RETURN"


def test_agreeing_to_a_refund_without_return_orders_the_money_at_once() -> None:
    claim = filed(remedies=(e.Remedy("REFUND_ONLY", 12_000),))
    events = file_response(case_after(*claim), an_answer("AGREE"), NOW)
    case = case_after(*claim, *events)
    assert (case.state, [m.waiting for m in case.movements]) == ("REFUNDING", [False])
    assert case.order is not None
    assert case.order.amount_fen == 12_000


def test_an_offer_waits_for_the_buyer_with_a_clock_of_its_own() -> None:
    case = case_after(*filed(), *respond("OFFER"))
    assert case.state == "NEGOTIATION"
    assert case.offer is not None
    assert case.offer.remedy == e.Remedy("REFUND_ONLY", 26_000)
    assert case.clock is not None
    assert case.clock.clock == "BUYER_DECIDE"
    assert case.clock.due_at == "2026-11-22T03:10:00.000Z"


def test_a_denial_goes_to_a_panel() -> None:
    assert state_after("DENY") == "PANEL_DRAW"


def test_a_denial_needs_a_reason_and_a_text() -> None:
    with pytest.raises(BadInput) as fault:
        respond("DENY", reason_code="")
    assert fault.value.field == "reason_code"
    with pytest.raises(BadInput) as fault:
        respond("DENY", text="  ")
    assert fault.value.field == "text"


@pytest.mark.parametrize("amount_fen", [None, 0, -1, PAID_FEN + 1])
def test_a_refund_that_is_nothing_or_more_than_was_paid_cannot_be_offered(
    amount_fen: int | None,
) -> None:
    with pytest.raises(BadInput) as fault:
        respond("OFFER", offer=e.Remedy("REFUND_ONLY", amount_fen))
    assert fault.value.field == "amount_fen"


def test_an_offer_never_exceeds_what_is_left_of_the_payment() -> None:
    payment = e.Payment(
        **{f: getattr(PAYMENT, f) for f in PAYMENT.__struct_fields__} | {"refunded_fen": 30_000}
    )
    case = case_after(*filed(payment=payment))
    with pytest.raises(BadInput):
        file_response(case, an_answer("OFFER", offer=e.Remedy("REFUND_ONLY", 2_901)), NOW)
    assert file_response(case, an_answer("OFFER", offer=e.Remedy("REFUND_ONLY", 2_900)), NOW)


@pytest.mark.parametrize("code", ["DISMISS", "STATUTORY_TRIPLE", "FREE_BEER"])
def test_a_party_cannot_offer_what_only_a_decision_can_grant(code: str) -> None:
    with pytest.raises(BadInput):
        respond("OFFER", offer=e.Remedy(code, 1_000))


def test_an_offered_payment_needs_an_amount_and_goods_do_not() -> None:
    with pytest.raises(BadInput):
        respond("OFFER", offer=e.Remedy("COMPENSATE"))
    with pytest.raises(BadInput):
        respond("OFFER", offer=e.Remedy("COMPENSATE", -5))
    assert state_after("OFFER", offer=e.Remedy("REPLACE")) == "NEGOTIATION"


def test_an_answer_comes_once() -> None:
    for events in (denied(), offered()):
        with pytest.raises(Refused):
            file_response(case_after(*events), an_answer("AGREE"), NOW)


def test_an_answer_at_the_deadline_is_too_late() -> None:
    case = case_after(*filed())
    assert file_response(case, an_answer("AGREE"), later(hours=23, minutes=59, seconds=59))
    with pytest.raises(Refused):
        file_response(case, an_answer("AGREE"), later(hours=24))


def test_an_unknown_answer_is_no_answer() -> None:
    with pytest.raises(BadInput) as fault:
        respond("MAYBE")
    assert fault.value.field == "answer"


@pytest.mark.parametrize(
    "contest",
    [
        e.Contest("B9", "WEIGHT", ""),  # no such exhibit
        e.Contest("B1", "SMELL", ""),  # no such point
        e.Contest("B1", "WEIGHT", "x" * 501),
    ],
)
def test_a_contest_names_an_exhibit_of_the_case_and_a_point(contest: e.Contest) -> None:
    with pytest.raises(BadInput):
        respond("DENY", contested=(contest,))


def test_a_merchant_does_not_contest_its_own_exhibit() -> None:
    case = case_after(*filed(), an_exhibit("M1"))
    contest = e.Contest("M1", "WEIGHT", "")
    with pytest.raises(BadInput):
        file_response(case, an_answer("DENY", contested=(contest,)), NOW)


def test_a_contest_of_the_buyers_exhibit_stands_in_the_answer() -> None:
    contest = e.Contest("B1", "RELEVANCE", "看不出是哪一件")
    response = respond("DENY", contested=(contest,))[0]
    assert isinstance(response, e.ResponseFiled)
    assert response.contested == (contest,)


def test_exhibits_of_the_answer_enter_the_case_with_it() -> None:
    case = case_after(*filed(), *respond("DENY", exhibits=(an_exhibit("M1"),)))
    assert [x.number for x in case.exhibits] == ["B1", "M1"]


def test_a_number_that_was_just_taken_is_not_given_twice() -> None:
    case = case_after(*filed(), an_exhibit("M1"))
    with pytest.raises(Refused):
        file_response(case, an_answer("DENY", exhibits=(an_exhibit("M1"),)), NOW)


def test_confirming_a_parcel_starts_the_refund() -> None:
    agreed = (*filed(), *respond("AGREE"), e.ReturnShipped("顺丰", "SF1"))
    case = case_after(*agreed)
    assert confirm_return(case, ConfirmReturn(CASE_NO), NOW) == (e.ReturnReceived("MERCHANT"),)


def test_there_is_nothing_to_confirm_before_the_parcel_is_on_its_way() -> None:
    for events in (filed(), (*filed(), *respond("AGREE"))):
        with pytest.raises(Refused):
            confirm_return(case_after(*events), ConfirmReturn(CASE_NO), NOW)
