"""A parcel that came back: who may object, who may answer, what an officer's word leads to."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from portal import events as e
from portal.errors import BadInput, Refused
from portal.responses.commands import ConfirmReturn
from portal.responses.rules import confirm_return
from portal.returns.commands import AnswerReturn, AskCarrier, JudgeReturn
from portal.returns.rules import answer_return, ask_carrier, contest_return, judge_return
from portal.returns.state import refund_by
from portal.rulings.rail import rails_of
from portal.times import moment
from tests.portal.returns.parcels import (
    Events,
    after_expiry,
    agreed,
    an_objection,
    answered,
    contested,
    shipped,
)
from tests.portal.stages import case_after, later
from tests.values import CASE_NO, an_exhibit


def judged(before: Events | None = None, **changes: Any) -> Events:
    before = before or answered()
    values: dict[str, Any] = {
        "outcome": "PART",
        "reasons": (e.Reason("污渍成立，不影响再次销售。", ("M1",)),),
        "refund_fen": 16_450,
    }
    wish = JudgeReturn(CASE_NO, **values | changes)
    return (*before, *judge_return(case_after(*before), wish, later(days=6)))


def test_an_objection_stops_the_refund_and_asks_the_buyer() -> None:
    case = case_after(*contested())
    assert (case.state, case.turn, case.officer) == ("RETURN_DISPUTED", "BUYER", "")
    assert case.clock is not None
    assert moment(case.clock.due_at) == later(days=6)
    assert all(movement.waiting for movement in case.movements)
    assert case.dispute is not None
    assert case.dispute.contested.exhibits == ("M1",)


def test_a_merchant_who_holds_the_goods_has_seven_days_by_law() -> None:
    case = case_after(*contested())
    assert refund_by(case.dispute, case.received_at) == later(days=7)
    lost = case_after(*contested(reason="NOT_ARRIVED", exhibits=(), carrier_state="lost"))
    assert refund_by(lost.dispute, lost.received_at) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "UGLY"}, "reason"),
        ({"carrier_state": ""}, "carrier_state"),
        ({"text": " "}, "text"),
        ({"text": "长" * 5_001}, "text"),
        ({"exhibits": ()}, "files"),
    ],
)
def test_an_objection_says_what_is_wrong_and_shows_it(changes: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        contest_return(case_after(*shipped()), an_objection(**changes), later(days=4))
    assert refused.value.field == field


def test_an_objection_comes_while_the_parcel_is_inspected_and_once() -> None:
    for events, days in ((agreed(), 1), (shipped(), 12), (contested(), 5)):
        with pytest.raises(Refused):
            contest_return(case_after(*events), an_objection(), later(days=days))


def test_the_buyer_answers_once_and_then_it_is_an_officers() -> None:
    case = case_after(*answered())
    assert (case.state, case.turn, case.officer) == ("RETURN_DISPUTED", "", "RETURN")
    with pytest.raises(Refused):
        answer_return(case, AnswerReturn(CASE_NO, "还有一句"), later(days=5))


def test_a_silent_buyer_does_not_lose_by_it() -> None:
    case = case_after(*after_expiry(contested(), days=7))
    assert (case.state, case.officer) == ("RETURN_DISPUTED", "RETURN")
    again = case_after(*after_expiry(after_expiry(contested(), days=7), days=11))
    assert (again.state, again.officer) == ("RETURN_DISPUTED", "RETURN")


def test_a_smaller_sum_is_ordered_before_any_call_and_the_rest_falls() -> None:
    case = case_after(*judged())
    (refund,) = case.movements
    assert (refund.order.amount_fen, refund.waiting, refund.calls) == (16_450, False, ())
    assert (case.state, case.received) == ("REFUNDING", e.ReturnReceived("OFFICER"))


@pytest.mark.parametrize("outcome", ["FULL", "PART", "NONE"])
def test_a_contested_return_is_said_to_be_decided_by_the_officer(outcome: str) -> None:
    app = Flask(__name__)
    Babel(app, default_locale="zh_Hans_CN")
    with app.test_request_context():
        (refund,) = rails_of(case_after(*judged(outcome=outcome)), later(days=7))
    (inspected,) = (stage for stage in refund.stages if stage.t == "商家验收")
    assert (inspected.state, inspected.note) == ("done", "商家有异议，由专员作出决定")


def test_the_whole_sum_goes_as_it_was_ordered() -> None:
    case = case_after(*judged(outcome="FULL"))
    assert [m.order.amount_fen for m in case.movements] == [32_900]
    assert not any(isinstance(x, e.ExecutionReduced) for x in judged(outcome="FULL"))


def test_no_refund_ends_the_case_unless_the_goods_have_to_go_back() -> None:
    case = case_after(*judged(outcome="NONE"))
    assert (case.state, case.closed) == ("CLOSED", e.CaseClosed("RETURN_REFUSED"))
    assert [m.state for m in case.movements] == ["CANCELLED"]
    owing = case_after(*judged(outcome="NONE", send_back=True))
    assert (owing.state, owing.closed) == ("FULFILLING", None)
    (obligation,) = owing.obligations
    assert (obligation.code, obligation.turn) == ("SEND_BACK", "MERCHANT")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"outcome": "HALF"}, "outcome"),
        ({"refund_fen": 32_900}, "refund_fen"),
        ({"refund_fen": 0}, "refund_fen"),
        ({"reasons": (e.Reason(" ", ("M1",)),)}, "text"),
        ({"reasons": (e.Reason("看过"),)}, "citations"),
        ({"reasons": (e.Reason("看过", ("M9",)),)}, "citations"),
    ],
)
def test_an_officer_decides_within_the_order_and_with_reasons(changes: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        judged(**changes)
    assert refused.value.field == field


def test_nobody_decides_before_the_buyer_had_time() -> None:
    with pytest.raises(Refused):
        judged(contested())


def test_the_carrier_is_asked_once_and_its_word_may_be_cited_as_it_comes() -> None:
    before = contested(reason="NOT_ARRIVED", exhibits=(), carrier_state="in_transit")
    waiting = answered(before)
    asked = (
        *waiting,
        *ask_carrier(case_after(*waiting), AskCarrier(CASE_NO, "在哪"), later(days=6)),
    )
    case = case_after(*asked)
    assert case.clock is not None
    assert moment(case.clock.due_at) == later(days=9)
    with pytest.raises(Refused):
        ask_carrier(case, AskCarrier(CASE_NO, "在哪"), later(days=6))
    lost = an_exhibit("P1", kind="CARRIER_STATEMENT")
    reasons = (e.Reason("快递公司承认丢失，风险不在买家。", ("P1",)),)
    ended = case_after(*judged(asked, outcome="FULL", reasons=reasons, statement=lost))
    assert ended.state == "REFUNDING"


def test_compensation_ordered_meanwhile_does_not_end_the_wait_for_the_goods() -> None:
    before = shipped()
    clock = case_after(*before).clock
    more = e.ExecutionOrdered("RX", 100, "pay-1", "wechat", return_first=False, rail="PAYOUT")
    case = case_after(*before, more)
    assert (case.state, case.clock) == ("RETURNING", clock)


def test_a_merchant_who_accepts_sets_the_refund_free() -> None:
    before = shipped()
    events = confirm_return(case_after(*before), ConfirmReturn(CASE_NO), later(days=3))
    assert events[0] == e.ReturnReceived("MERCHANT")
