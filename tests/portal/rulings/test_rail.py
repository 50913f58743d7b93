"""The money's way in words: three facts apart, lateness said plainly, nothing promised anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel

from portal import events as e
from portal.cases.state import Case
from portal.rulings.rail import Rail, rails_of
from portal.times import stamp
from tests.portal.stages import NOW, case_after, filed, later

NO = "RMA2026000001n1"
PROMISE = e.ArrivalPromise("2026-11-23", "2026-11-25", certain=True)
ORDER = e.ExecutionOrdered(NO, 32_900, "pay-1", "alipay", return_first=False)
HELD = (e.Funding("MERCHANT_DEPOSIT", 30_000), e.Funding("PLATFORM_ADVANCE", 2_900))
LATE = datetime(2026, 11, 26, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    app = Flask(__name__)
    Babel(app, default_locale="zh_Hans_CN")
    with app.test_request_context():
        yield


def step(state: str, **changes: Any) -> e.RefundState:
    return e.RefundState(**{"refund_no": NO, "state": state, "amount_fen": 32_900} | changes)


def a_case(*steps: e.Event, order: e.ExecutionOrdered = ORDER) -> Case:
    return case_after(*filed(), order, *steps)


SENT = (step("RESERVED", funding=HELD), step("SUBMITTED"))
PAID = (*SENT, step("SUCCESS", promise=PROMISE, provider_at=stamp(NOW), provider_ref="P1"))


def rail(case: Case, at: datetime = NOW, blocked: str = "") -> Rail:
    (found,) = rails_of(case, at, {NO: blocked})
    return found


def stages(case: Case, at: datetime = NOW) -> list[tuple[str, str]]:
    return [(stage.t, stage.state) for stage in rail(case, at).stages]


def fact(case: Case, label: str) -> str:
    return next(each.text for each in rail(case).facts if each.label == label)


def test_accepted_paid_and_arrived_are_three_facts() -> None:
    accepted = stages(a_case(*SENT, step("PROCESSING")))
    assert accepted[-3:] == [("支付机构已受理", "done"), ("支付机构付款", "now"), ("到账", "todo")]
    paid = stages(a_case(*PAID))
    assert paid[-2:] == [("支付机构已付款", "done"), ("到账", "now")]
    arrived = stages(a_case(*PAID, step("ARRIVED", source="BUYER")))
    assert arrived[-1] == ("已到账", "done")


def test_an_unclear_answer_is_called_unclear_and_not_paid() -> None:
    unclear = rail(a_case(*SENT))
    now = next(stage for stage in unclear.stages if stage.state == "now")
    assert now.note == "还没有明确的答复，正在查询，不会重复付款"


def test_the_promise_shown_is_the_one_that_is_stored() -> None:
    assert fact(a_case(*PAID), "承诺到账日") == "11月23日至11月25日"
    unsure = e.ArrivalPromise("2027-01-04", "2027-01-06", certain=False)
    expected = (*SENT, step("SUCCESS", promise=unsure, provider_at=stamp(NOW)))
    assert fact(a_case(*expected), "承诺到账日") == "预计 1月4日至1月6日"


def test_another_route_is_said_plainly() -> None:
    assert fact(a_case(*SENT), "走哪条路") == "原路退回（支付宝）"
    moved = (*SENT, step("SUCCESS", route="OTHER_BANKCARD", provider_at=stamp(NOW)))
    assert "不是原来的付款账户" in fact(a_case(*moved), "走哪条路")


def test_whose_money_it_is_adds_up() -> None:
    shown = fact(a_case(*SENT), "钱从哪里出")
    assert shown == "商家保证金 ¥300.00、平台先行赔付 ¥29.00"


def test_a_closed_attempt_is_kept_in_sight_with_its_number() -> None:
    again = (*SENT, step("CLOSED"), step("SUBMITTED", attempt=2))
    (attempt,) = rail(a_case(*again)).attempts
    assert attempt.number == f"{NO}a1"
    assert "支付机构已关闭" in attempt.text
    assert fact(a_case(*again), "编号") == f"{NO}a2"


def test_after_an_end_nothing_is_called_accepted_and_the_notes_agree() -> None:
    closed = a_case(*SENT, step("PROCESSING"), step("CLOSED"))
    assert stages(closed)[1:3] == [("提交支付机构", "now"), ("支付机构受理", "todo")]
    assert "会用新的编号再提交" in rail(closed).stages[1].note
    stopped = rail(closed, blocked="DECISION")
    assert "等运营决定" in stopped.late
    assert "等运营决定" in stopped.stages[1].note


def test_a_payment_taken_back_has_not_arrived() -> None:
    back = rail(a_case(*PAID, step("REVERSED")))
    assert ("付款被撤回", "bad") in [(stage.t, stage.state) for stage in back.stages]
    assert back.tone == "bad"
    assert not back.may_confirm


def test_what_is_late_says_so_and_what_comes_of_it() -> None:
    assert rail(a_case(), later(minutes=4)).late == ""
    assert "运营已收到提醒" in rail(a_case(), later(minutes=6)).late
    assert "不会再付一次" in rail(a_case(*SENT), later(minutes=11)).late
    accepted = a_case(*SENT, step("PROCESSING"))
    assert rail(accepted, later(hours=1)).late == ""
    assert "一直没有最后结果" in rail(accepted, LATE).late
    assert rail(a_case(*PAID)).late == ""
    past = rail(a_case(*PAID), LATE)
    assert "11月25日" in past.late
    assert past.may_question


def test_a_questioned_payment_says_who_looks_at_it() -> None:
    questioned = rail(a_case(*PAID, e.ArrivalQuestioned(NO, "")), LATE)
    assert "运营正在向支付机构核实" in questioned.late
    assert not questioned.may_question
    assert questioned.may_confirm


def test_a_presumed_arrival_that_the_payee_denies_is_not_called_arrived() -> None:
    denied = a_case(*PAID, step("ARRIVED", source="CLOCK"), e.ArrivalQuestioned(NO, ""))
    shown = rail(denied, LATE)
    assert shown.label == "支付机构已付款"
    assert "运营正在向支付机构核实" in shown.late
    assert stages(denied, LATE)[-1] == ("到账", "now")
    assert shown.may_confirm


def test_an_advance_asked_for_while_an_attempt_is_under_way_waits_for_its_end() -> None:
    word = e.MoneyOverridden(NO, "ADVANCE", "买家等太久", "OPERATOR:1")
    for under_way in ((), (step("PROCESSING"),)):
        waits = rail(a_case(*SENT, *under_way, word))
        assert "已要求平台先付这笔款" in waits.awaits
        assert "可能付两次" in waits.awaits
    assert not rail(a_case(*SENT)).awaits
    for ended in (step("CLOSED"), step("SUCCESS", promise=PROMISE, provider_at=stamp(NOW))):
        assert not rail(a_case(*SENT, word, ended)).awaits
    assert not rail(a_case(word, *SENT)).awaits


def test_a_transfer_asked_for_while_an_attempt_is_under_way_waits_as_well() -> None:
    words = (e.MoneyOverridden(NO, what, "", "OPERATOR:1") for what in ("ADVANCE", "TO_PAYOUT"))
    assert "改为转账付款" in rail(a_case(*SENT, *words)).awaits


@pytest.mark.parametrize("why", ["APPROVAL", "CAP", "STOPPED", "NOT_AVAILABLE", "DECISION"])
def test_what_a_payment_waits_for_is_told(why: str) -> None:
    assert rail(a_case(), blocked=why).late


def test_a_payment_that_will_not_be_made_shows_no_way_ahead() -> None:
    assert stages(a_case(step("CANCELLED")))[-1] == ("不再付款", "bad")


def test_goods_come_before_the_money() -> None:
    order = e.ExecutionOrdered(NO, 32_900, "pay-1", "alipay", return_first=True)
    titles = [title for title, _state in stages(a_case(order=order))]
    assert titles[1:3] == ["等买家寄回", "商家验收"]
    assert rail(a_case(order=order), LATE).late == ""
