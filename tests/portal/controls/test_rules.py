"""Who may let money go: two people, within their limits, with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal import events as e
from portal.cases.state import Case
from portal.controls.commands import ApproveMoney, OverrideMoney, SetControl
from portal.controls.rules import approve_money, override_money, set_control
from portal.errors import BadInput, Refused
from tests.portal.refunds.test_rules import FEN, NUMBER, at, ordered, steps
from tests.portal.stages import NOW, case_after
from tests.values import CASE_NO


def approval(who: int = 1, authority_fen: int = FEN, text: str = "已核对") -> ApproveMoney:
    return ApproveMoney(CASE_NO, NUMBER, f"OPERATOR:{who}", text, authority_fen)


def decision(what: str, who: int = 1, **changes: Any) -> OverrideMoney:
    values = {"text": "已核实", "authority_fen": FEN} | changes
    return OverrideMoney(CASE_NO, NUMBER, what, approver=f"OPERATOR:{who}", **values)


def test_an_approval_names_who_and_how_much() -> None:
    (approved,) = approve_money(at(), approval(), NOW)
    assert approved == e.MoneyApproved(NUMBER, "OPERATOR:1", FEN, "已核对")


def test_nobody_approves_twice() -> None:
    once = case_after(*ordered(), *approve_money(at(), approval(1), NOW))
    with pytest.raises(Refused):
        approve_money(once, approval(1), NOW)
    assert approve_money(once, approval(2), NOW)


def test_nobody_approves_above_the_own_authority() -> None:
    with pytest.raises(Refused):
        approve_money(at(), approval(authority_fen=FEN - 1), NOW)


def test_every_decision_needs_a_reason() -> None:
    with pytest.raises(BadInput):
        approve_money(at(), approval(text="  "), NOW)
    with pytest.raises(BadInput):
        override_money(at(), decision("RETRY", text=""), NOW)


def test_nothing_is_called_paid_whose_sum_the_goods_may_still_lower() -> None:
    coming = at()
    waiting = replace(coming, movements=tuple(replace(m, waiting=True) for m in coming.movements))
    with pytest.raises(Refused):
        override_money(waiting, decision("OFFLINE"), NOW)
    assert override_money(coming, decision("OFFLINE"), NOW)


@pytest.mark.parametrize(
    ("case", "what"),
    [
        (at("RESERVED", "SUBMITTED"), "OFFLINE"),
        (at("RESERVED", "SUBMITTED"), "CAP"),
        (at("RESERVED", "SUBMITTED"), "ABNORMAL_CARD"),
        (at("RESERVED", "SUBMITTED", "ABNORMAL"), "TO_PAYOUT"),
        (at("RESERVED", "SUBMITTED", "ABNORMAL"), "ADVANCE"),
        (at("RESERVED", "SUBMITTED", "SUCCESS"), "RETRY"),
        (at("RESERVED", "SUBMITTED", "SUCCESS"), "ADVANCE"),
    ],
)
def test_what_the_state_does_not_allow_is_refused(case: Case, what: str) -> None:
    with pytest.raises(Refused):
        override_money(case, decision(what), NOW)


def test_one_person_cannot_vouch_twice_for_a_payment_by_hand() -> None:
    once = case_after(*ordered(), *override_money(at(), decision("OFFLINE", 1), NOW))
    with pytest.raises(Refused):
        override_money(once, decision("OFFLINE", 1), NOW)
    assert override_money(once, decision("OFFLINE", 2), NOW)


def test_a_decision_above_the_own_authority_is_refused() -> None:
    with pytest.raises(Refused):
        override_money(at(), decision("RETRY", authority_fen=0), NOW)


def test_an_advance_is_decided_once() -> None:
    case = case_after(
        *ordered(), *steps("RESERVED", "SUBMITTED"), e.MoneyOverridden(NUMBER, "ADVANCE", "先赔")
    )
    with pytest.raises(Refused):
        override_money(case, decision("ADVANCE"), NOW)


@pytest.mark.parametrize(
    ("name", "subject", "value"),
    [
        ("NOTHING", "", 1),
        ("DUAL_FEN", "shop-1", 1),
        ("DUAL_FEN", "", -1),
        ("STOPPED", "", 1),
        ("STOPPED", "wechat", 2),
        ("AUTHORITY_FEN", "anna", 1),
        ("SHOP_DAY_FEN", "shop-9", 1),
        ("SHOP_DAY_FEN", "/shop-9", 1),
    ],
)
def test_a_control_that_makes_no_sense_is_refused(name: str, subject: str, value: int) -> None:
    with pytest.raises(BadInput):
        set_control((), SetControl(name, subject, value, "试"), NOW)


def test_a_control_is_set_with_its_reason() -> None:
    (event,) = set_control((), SetControl("STOPPED", "wechat", 1, " 对账不平 "), NOW)
    assert event == e.ControlSet("STOPPED", "wechat", 1, "对账不平")


def test_nobody_alone_can_widen_a_limit_and_then_let_a_sum_go() -> None:
    wider = SetControl("DUAL_FEN", "", 900_000, "促销季", "OPERATOR:1")
    first = set_control((), wider, NOW)
    again = set_control(first, wider, NOW)
    second = set_control((*first, *again), replace(wider, approver="OPERATOR:2"), NOW)
    assert [event.in_force for event in (*first, *again, *second)] == [False, False, True]


def test_another_sum_in_between_needs_its_own_second_person() -> None:
    first = set_control((), SetControl("TOTAL_DAY_FEN", "", 10**11, "a", "OPERATOR:1"), NOW)
    other = SetControl("TOTAL_DAY_FEN", "", 10**12, "b", "OPERATOR:2")
    assert [event.in_force for event in set_control(first, other, NOW)] == [False]


def test_a_limit_is_narrowed_at_once() -> None:
    (event,) = set_control((), SetControl("DUAL_FEN", "", 100, "可疑", "OPERATOR:1"), NOW)
    assert event.in_force


def test_what_was_set_for_a_shops_number_alone_is_not_widened_alone() -> None:
    before = e.ControlSet("SHOP_DAY_FEN", "shop-9", 100, "新店", "OPERATOR:1")
    wider = SetControl("SHOP_DAY_FEN", "hailiao-live/shop-9", 200, "促销季", "OPERATOR:1")
    assert [event.in_force for event in set_control((before,), wider, NOW)] == [False]
    elsewhere = replace(wider, subject="other-live/shop-8")
    assert [event.in_force for event in set_control((before,), elsewhere, NOW)] == [True]
