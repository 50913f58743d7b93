"""An officer's ruling, an appraisal and a confirmation; without a database."""

from __future__ import annotations

from typing import Any

import pytest

from portal import events as e
from portal.cases.commands import ExpireClock
from portal.cases.rules import expire_clock
from portal.errors import BadInput, Refused
from portal.events import Reason, Remedy
from portal.officers.commands import (
    ConfirmStatutory,
    DecideCase,
    OrderAppraisal,
    ReceiveAppraisal,
)
from portal.officers.rules import (
    confirm_statutory,
    decide_case,
    order_appraisal,
    receive_appraisal,
)
from tests.portal.endings import Events, case_of, granted, ruling_of, undecided
from tests.portal.stages import NOW, PAID_FEN, later
from tests.values import CASE_NO, an_exhibit

STATUTORY = (Remedy("REFUND_RETURN", PAID_FEN), Remedy("STATUTORY_TRIPLE", 3 * PAID_FEN))


def a_decision(choice: str = "SUPPORT_CLAIMANT", **changes: Any) -> DecideCase:
    reasons = (Reason("吊牌写明聚酯纤维。", ("B1",)),)
    values: dict[str, Any] = {"choice": choice, "reasons": reasons, "clause": 11}
    return DecideCase(CASE_NO, **values | changes)


def decided(command: DecideCase, **changes: Any) -> Events:
    before = undecided(**changes)
    return (*before, *decide_case(case_of(before), command, later(hours=5)))


def test_an_officer_rules_with_reasons_and_the_ruling_may_be_appealed() -> None:
    events = decided(a_decision(liability={"MERCHANT": 10_000}))
    ruling, case = ruling_of(events), case_of(events)
    assert (ruling.outcome, ruling.basis, ruling.clause) == ("UPHELD", "OFFICER", "2026-12#11")
    assert (ruling.refund_fen, ruling.return_goods) == (PAID_FEN, True)
    assert ruling.owed == (e.Owed("CONTRACT_PENALTY", 98_700),)
    assert ruling.liability == {"MERCHANT": 10_000}
    assert "58.000" in [c for r in ruling.reasons for c in r.citations]
    assert (case.state, case.officer, case.losers) == ("APPEAL_WINDOW", "", ("MERCHANT",))


def test_an_officer_grants_a_part_or_nothing() -> None:
    part = a_decision("PARTIAL", remedy="PARTIAL_REFUND", refund_fen=5_000, compensation_fen=300)
    ruling = ruling_of(decided(part))
    assert (ruling.outcome, ruling.refund_fen) == ("PARTLY_UPHELD", 5_000)
    assert ruling.owed == (e.Owed("CONTRACT_PENALTY", 300),)
    nothing = ruling_of(decided(a_decision("SUPPORT_RESPONDENT")))
    assert (nothing.outcome, nothing.remedy, nothing.owed) == ("REJECTED", "DISMISS", ())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reasons": ()}, "text"),
        ({"reasons": (Reason(" ", ("B1",)),)}, "text"),
        ({"reasons": (Reason("字" * 5_001, ("B1",)),)}, "text"),
        ({"reasons": (Reason("是", ()),)}, "citations"),
        ({"reasons": (Reason("是", ("B9",)),)}, "citations"),
        ({"reasons": (Reason("是", ("176",)),)}, "citations"),
        ({"clause": 99}, "clause"),
        ({"choice": "MOOD"}, "choice"),
        ({"liability": {"MERCHANT": 9_000}}, "liability"),
        ({"liability": {"NOBODY": 10_000}}, "liability"),
        ({"choice": "PARTIAL", "remedy": "DISMISS"}, "remedy"),
        ({"choice": "PARTIAL", "remedy": "PARTIAL_REFUND"}, "refund_fen"),
        ({"choice": "PARTIAL", "remedy": "PARTIAL_REFUND", "refund_fen": 32_901}, "refund_fen"),
        ({"choice": "PARTIAL", "remedy": "REPLACE", "refund_fen": 100}, "refund_fen"),
        ({"choice": "PARTIAL", "remedy": "CONTRACT_PENALTY"}, "compensation_fen"),
        (
            {"choice": "PARTIAL", "remedy": "CONTRACT_PENALTY", "compensation_fen": 98_701},
            "compensation_fen",
        ),
    ],
)
def test_a_decision_that_cannot_stand_names_what_is_wrong(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as caught:
        decided(a_decision(**changes))
    assert caught.value.field == field


def test_no_officer_grants_a_statutory_penalty_alone() -> None:
    ruling = ruling_of(decided(a_decision(), remedies=STATUTORY))
    assert (ruling.outcome, ruling.refund_fen, ruling.owed) == ("PARTLY_UPHELD", PAID_FEN, ())
    part = a_decision("PARTIAL", remedy="STATUTORY_TRIPLE", compensation_fen=100)
    with pytest.raises(BadInput):
        decided(part, remedies=STATUTORY)


def test_no_officer_calls_another_sum_a_statutory_penalty() -> None:
    with pytest.raises(BadInput, match="处理方式不在列表里"):
        decided(a_decision("PARTIAL", remedy="STATUTORY_TRIPLE", compensation_fen=100))


def test_an_officer_decides_only_what_a_panel_did_not() -> None:
    with pytest.raises(Refused):
        decide_case(case_of(granted()), a_decision(), NOW)
    once = decided(a_decision())
    with pytest.raises(Refused):
        decide_case(case_of(once), a_decision(), NOW)


ORDER = OrderAppraisal(CASE_NO, "面料成分是否为桑蚕丝", "纺织品检测中心", "MERCHANT")
REPORT = ReceiveAppraisal(CASE_NO, an_exhibit("P1", kind="LAB_REPORT"), "聚酯纤维 100%")


def ordered() -> Events:
    before = undecided()
    return (*before, *order_appraisal(case_of(before), ORDER, later(hours=1)))


def test_an_appraisal_stops_the_officers_clock_until_its_result() -> None:
    case = case_of(ordered())
    assert (case.state, case.officer) == ("APPRAISAL", "RESULT")
    assert case.clock is not None
    assert case.clock.due_at == "2026-12-11T04:10:00.000Z"
    events = (*ordered(), *receive_appraisal(case, REPORT, later(days=9)))
    after = case_of(events)
    assert (after.state, after.officer) == ("OFFICER", "DECIDE")
    assert after.appraised == e.AppraisalReceived("P1", "聚酯纤维 100%")
    assert after.exhibits[-1].number == "P1"


def test_an_appraisal_that_does_not_come_is_not_awaited_for_ever() -> None:
    case = case_of(ordered())
    assert case.clock is not None
    wish = ExpireClock(CASE_NO, "APPRAISAL", case.clock.due_at)
    after = case_of((*ordered(), *expire_clock(case, wish, later(days=22))))
    assert (after.state, after.officer) == ("OFFICER", "DECIDE")
    assert order_appraisal(after, ORDER, later(days=22))


def test_an_appraisal_is_asked_once_and_completely() -> None:
    received = (*ordered(), *receive_appraisal(case_of(ordered()), REPORT, later(days=9)))
    with pytest.raises(Refused):
        order_appraisal(case_of(received), ORDER, later(days=9))
    for field in ("question", "laboratory", "payer"):
        values = {"question": "成分", "laboratory": "中心", "payer": "BUYER"} | {field: " "}
        with pytest.raises(BadInput) as caught:
            order_appraisal(case_of(undecided()), OrderAppraisal(CASE_NO, **values), NOW)
        assert caught.value.field == field
    with pytest.raises(Refused):
        receive_appraisal(case_of(undecided()), REPORT, NOW)
    empty = ReceiveAppraisal(CASE_NO, REPORT.report, " ")
    with pytest.raises(BadInput):
        receive_appraisal(case_of(ordered()), empty, NOW)


def test_a_statutory_penalty_is_confirmed_or_refused_once() -> None:
    before = granted(remedies=STATUTORY)
    assert case_of(before).officer == "CONFIRM"
    for confirmed in (True, False):
        wish = ConfirmStatutory(CASE_NO, confirmed, "经营者的故意没有证据")
        events = (*before, *confirm_statutory(case_of(before), wish, NOW))
        case = case_of(events)
        assert case.statutory == e.StatutoryConfirmed(confirmed, "经营者的故意没有证据")
        assert (case.state, case.officer) == ("APPEAL_WINDOW", "")
        with pytest.raises(Refused):
            confirm_statutory(case, wish, NOW)
    with pytest.raises(BadInput):
        confirm_statutory(case_of(before), ConfirmStatutory(CASE_NO, True, ""), NOW)
    with pytest.raises(Refused):
        confirm_statutory(case_of(granted()), ConfirmStatutory(CASE_NO, True, "是"), NOW)
