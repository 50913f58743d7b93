"""Voids: reasoned, possible only while a panel's work can still be set aside, and with fresh seats
afterwards."""

from __future__ import annotations

import pytest

from portal import events as e
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.panels.commands import ConsentToVoid, ProposeVoid, VoidPanel
from portal.panels.voiding import consent_to_void, propose_void, void_panel
from portal.timers import start_clock
from portal.times import stamp
from tests.portal.stages import NOW, called, case_after, closed, denied, drawn, invited, seated
from tests.values import CASE_NO


def a_void(**changes: str) -> VoidPanel:
    return VoidPanel(
        **{"case_no": CASE_NO, "reason": "CONFLICT_FOUND", "text": "第 1 席是店主"} | changes
    )


def voided(*events: e.Event, **changes: str) -> Case:
    case = case_after(*events)
    return fold(((x, stamp(NOW)) for x in void_panel(case, a_void(**changes), NOW)), case)


@pytest.mark.parametrize(
    "events",
    [invited(), seated(), closed((1, 2, 3, 4, 5, 6, 7))],
    ids=["seating", "deliberation", "tally"],
)
def test_a_voided_panel_makes_way_for_a_fresh_one(events: tuple[e.Event, ...]) -> None:
    case = voided(*events, reviewer_id="r_1")
    assert (case.state, case.todo) == ("PANEL_DRAW", "SEAT")
    assert (case.round.number, case.round.kind, case.called) == (2, "REDRAW", None)
    assert case.sat_before == {f"r_{n}" for n in range(1, 8)}
    assert case.earlier[0].voided is not None
    assert case.earlier[0].voided.reviewer_id == "r_1"
    assert case.clock is None


def a_known_result() -> tuple[e.Event, ...]:
    ruling = e.RulingIssued("UPHELD", "PANEL", "REFUND_ONLY", 100, False, (), (), "c", {})
    window = start_clock("APPEAL_WINDOW", NOW, "2026-12")
    return (*closed((1, 2, 3, 4, 5)), e.TallyClosed({}), ruling, window)


def test_a_known_result_is_voided_only_with_the_associations_consent() -> None:
    known = case_after(*a_known_result())
    proposal = void_panel(known, a_void(reviewer_id="r_1"), NOW)
    assert [type(event) for event in proposal] == [e.VoidProposed]
    proposed = case_after(*a_known_result(), *proposal)
    assert proposed.state == "APPEAL_WINDOW"
    with pytest.raises(Refused):
        void_panel(proposed, a_void(), NOW)
    (void,) = consent_to_void(proposed, ConsentToVoid(CASE_NO), NOW)
    assert (void.reviewer_id, void.consented_by) == ("r_1", "ASSOCIATION")
    case = case_after(*a_known_result(), *proposal, void)
    assert (case.ruling, case.state) == (None, "PANEL_DRAW")
    assert case.earlier[0].ruling is not None


def test_a_proposal_to_give_up_sealed_votes_ends_when_they_are_opened_after_all() -> None:
    events = closed((1, 2, 3, 4, 5))
    proposal = propose_void(case_after(*events), ProposeVoid(CASE_NO, "x"), NOW)
    case = case_after(*events, *proposal, e.TallyClosed({}))
    with pytest.raises(Refused):
        consent_to_void(case, ConsentToVoid(CASE_NO), NOW)


def test_a_ruling_that_is_carried_out_is_not_voided() -> None:
    order = e.ExecutionOrdered("R1", 100, "pay-1", "wechat", return_first=False)
    case = case_after(*closed((1, 2, 3, 4, 5)), order)
    with pytest.raises(Refused):
        void_panel(case, a_void(), NOW)


def test_there_is_nothing_to_void_before_a_draw() -> None:
    with pytest.raises(Refused):
        void_panel(case_after(*denied()), a_void(), NOW)
    before = denied()
    with pytest.raises(Refused):
        void_panel(case_after(*before, called(case_after(*before))), a_void(), NOW)


@pytest.mark.parametrize(
    "changes",
    [{"text": "  "}, {"text": "长" * 1001}, {"reason": "DISLIKED"}, {"reviewer_id": "r_99"}],
)
def test_a_void_is_reasoned(changes: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        void_panel(case_after(*seated()), a_void(**changes), NOW)


@pytest.mark.parametrize("reason", ["TRUSTEES_LOST", "POOL_EXHAUSTED"])
def test_what_the_operator_may_not_void_for_alone(reason: str) -> None:
    with pytest.raises(BadInput):
        void_panel(case_after(*closed((1,))), a_void(reason=reason), NOW)


def test_sealed_votes_are_given_up_only_with_the_associations_consent() -> None:
    events = closed((1, 2, 3, 4, 5))
    case = case_after(*events)
    with pytest.raises(Refused):
        consent_to_void(case, ConsentToVoid(CASE_NO), NOW)
    proposal = propose_void(case, ProposeVoid(CASE_NO, "两位保管人的钥匙都没了"), NOW)
    case = case_after(*events, *proposal)
    assert case.state == "TALLY"
    with pytest.raises(Refused):
        propose_void(case, ProposeVoid(CASE_NO, "再来一次"), NOW)
    (void,) = consent_to_void(case, ConsentToVoid(CASE_NO), NOW)
    assert void == e.PanelVoided(
        "TRUSTEES_LOST", "两位保管人的钥匙都没了", consented_by="ASSOCIATION"
    )
    assert case_after(*events, *proposal, void).round.number == 2


def test_a_panel_that_still_votes_is_not_given_up() -> None:
    with pytest.raises(Refused):
        propose_void(case_after(*seated()), ProposeVoid(CASE_NO, "x"), NOW)


def test_a_voided_appeal_panel_is_drawn_again_as_an_appeals() -> None:
    ruling = e.RulingIssued("UPHELD", "PANEL", "REFUND_ONLY", 100, False, (), (), "c", {})
    appealed = (
        *closed((1, 2, 3, 4, 5)),
        ruling,
        start_clock("APPEAL_WINDOW", NOW, "2026-12"),
        e.AppealFiled("MERCHANT", "PROCEDURE", "x"),
        e.AppealAnswered("BUYER", "y"),
    )
    again = (*appealed, called(case_after(*appealed)), drawn())
    seating = (*again, start_clock("SEATING", NOW, "2026-12"))
    once = voided(*seating)
    assert (once.round.kind, once.round.number, once.ruling) == ("APPEAL", 3, ruling)
    assert once.track == "APPEAL"
