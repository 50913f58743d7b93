"""Who may appeal or accept, until when, and what it leads to; without a database."""

from __future__ import annotations

import pytest

from portal import events as e
from portal.appeals.commands import AcceptRuling, AnswerAppeal, FileAppeal
from portal.appeals.rules import accept_ruling, answer_appeal, file_appeal, new_exhibits
from portal.errors import BadInput, Refused
from portal.evidence.commands import AddEvidence
from portal.evidence.rules import add_evidence
from portal.rulings.orders import default, execute, settle
from tests.portal.endings import (
    Events,
    an_appeal,
    appealed,
    case_of,
    denied_by_all,
    granted,
    heard,
    partly,
    ruling_of,
    undecided,
)
from tests.portal.stages import NOW, filed, later
from tests.values import CASE_NO, an_exhibit


def accepted(events: Events, side: str, hours: float = 1) -> Events:
    command = AcceptRuling(CASE_NO, side)
    return (*events, *accept_ruling(case_of(events), command, later(hours=hours)))


def refusal(
    events: Events, side: str, ground: str = "RULE_MISAPPLIED", hours: float = 1
) -> Refused:
    with pytest.raises(Refused) as caught:
        file_appeal(case_of(events), an_appeal(side, ground), later(hours=hours))
    return caught.value


def test_an_appeal_starts_the_time_in_which_the_other_side_answers() -> None:
    events = appealed(granted())
    case = case_of(events)
    assert (case.state, case.track, case.round.kind, case.round.number) == (
        "APPEALED",
        "APPEAL",
        "APPEAL",
        2,
    )
    assert case.clock is not None
    assert case.clock.due_at == "2026-11-22T04:10:00.000Z"
    assert case.earlier[0].ruling == case.ruling


@pytest.mark.parametrize(
    ("events", "may", "may_not"),
    [
        (granted(), ("MERCHANT",), ("BUYER",)),
        (denied_by_all(), ("BUYER",), ("MERCHANT",)),
        (partly(), ("BUYER", "MERCHANT"), ()),
    ],
    ids=["all", "nothing", "a part"],
)
def test_only_a_side_that_lost_something_appeals(
    events: Events, may: tuple[str, ...], may_not: tuple[str, ...]
) -> None:
    for side in may:
        assert case_of(events).may_appeal(side)
        assert case_of(appealed(events, side)).state == "APPEALED"
    for side in may_not:
        assert not case_of(events).may_appeal(side)
        assert "全部主张" in str(refusal(events, side))


def test_a_late_appeal_is_refused_with_the_deadline_it_missed() -> None:
    assert case_of((*granted(), *_appeal_at(hours=24 * 7 - 1))).state == "APPEALED"
    late = refusal(granted(), "MERCHANT", hours=24 * 7)
    assert late.params == {"due": "2026-11-27T03:10:00.000Z"}


def _appeal_at(hours: float) -> Events:
    return file_appeal(case_of(granted()), an_appeal(), later(hours=hours))


def test_after_the_window_the_deadline_is_still_named() -> None:
    events = (*granted(), *_execution())
    assert refusal(events, "MERCHANT", hours=24 * 8).params["due"] == "2026-11-27T03:10:00.000Z"


def _execution() -> Events:
    case = case_of(granted())
    over = e.ClockExpired("APPEAL_WINDOW", case.appeal_until)
    return (over, *execute(case, ruling_of(granted()), later(days=7)))


def test_an_appeal_comes_once() -> None:
    for events in (appealed(partly()), heard(appealed(partly()))):
        for side in ("BUYER", "MERCHANT"):
            assert "只有一次" in str(refusal(events, side))


def test_who_has_accepted_does_not_appeal() -> None:
    events = accepted(partly(), "BUYER")
    assert "已经接受" in str(refusal(events, "BUYER"))
    assert case_of(appealed(events, "MERCHANT")).state == "APPEALED"


def test_settlements_and_silence_are_not_appealed() -> None:
    before = filed()
    case = case_of(before)
    for ruling in (settle(case, case.claim.remedies, NOW), default(case, NOW)):
        for side in ("BUYER", "MERCHANT"):
            refusal((*before, *ruling), side)


def test_before_a_ruling_there_is_nothing_to_appeal() -> None:
    for events in (filed(), undecided()):
        assert "还没有处理结论" in str(refusal(events, "BUYER"))


def test_a_ground_and_a_text_are_needed() -> None:
    case = case_of(granted())
    for ground, text, field in (("MOOD", "x", "ground"), ("PROCEDURE", " ", "text")):
        with pytest.raises(BadInput) as caught:
            file_appeal(case, FileAppeal(CASE_NO, "MERCHANT", ground, text), later(hours=1))
        assert caught.value.field == field
    long = FileAppeal(CASE_NO, "MERCHANT", "PROCEDURE", "长" * 5_001)
    with pytest.raises(BadInput):
        file_appeal(case, long, later(hours=1))


def test_new_evidence_is_an_exhibit_of_ones_own_that_the_panel_did_not_have() -> None:
    wish = an_appeal(ground="NEW_EVIDENCE")
    for before in (granted(), (*granted(), an_exhibit("B2"))):
        with pytest.raises(BadInput) as caught:
            file_appeal(case_of(before), wish, later(hours=1))
        assert caught.value.field == "files"
    with_one = (*granted(), an_exhibit("M1"))
    assert file_appeal(case_of(with_one), wish, later(hours=1))


def test_both_sides_add_exhibits_while_an_appeal_is_open() -> None:
    for events in (granted(), appealed(granted())):
        for number in ("B2", "M1"):
            wish = AddEvidence(CASE_NO, (an_exhibit(number),))
            assert add_evidence(case_of(events), wish, later(hours=1))
    with pytest.raises(Refused):
        add_evidence(
            case_of(heard(appealed(granted()))), AddEvidence(CASE_NO, (an_exhibit("B2"),)), NOW
        )


def test_an_answer_calls_the_fresh_seats_at_once() -> None:
    events = appealed(granted())
    answer = answer_appeal(
        case_of(events), AnswerAppeal(CASE_NO, "BUYER", "不同意"), later(hours=2)
    )
    case = case_of((*events, *answer))
    assert (case.state, case.todo) == ("PANEL_DRAW", "SEAT")
    assert case.appeal is not None
    assert case.appeal.answer == e.AppealAnswered("BUYER", "不同意")


def test_an_answer_comes_from_the_other_side_in_time_and_says_something() -> None:
    case = case_of(appealed(granted()))
    for side, hours in (("MERCHANT", 2), ("BUYER", 49)):
        with pytest.raises(Refused):
            answer_appeal(case, AnswerAppeal(CASE_NO, side, "好"), later(hours=hours))
    with pytest.raises(BadInput):
        answer_appeal(case, AnswerAppeal(CASE_NO, "BUYER", ""), later(hours=2))
    with pytest.raises(Refused):
        answer_appeal(case_of(granted()), AnswerAppeal(CASE_NO, "BUYER", "好"), NOW)


def test_the_last_acceptance_carries_the_ruling_out() -> None:
    half = accepted(partly(), "BUYER")
    assert case_of(half).state == "APPEAL_WINDOW"
    whole = case_of(accepted(half, "MERCHANT"))
    assert whole.state == "REFUNDING"
    assert whole.order is not None
    assert case_of(accepted(granted(), "MERCHANT")).state == "AWAITING_RETURN"
    assert case_of(accepted(denied_by_all(), "BUYER")).closed == e.CaseClosed("NO_MOVEMENT")


def test_acceptance_has_the_same_limits_as_an_appeal() -> None:
    for events, side, hours in (
        (granted(), "BUYER", 1),
        (granted(), "MERCHANT", 24 * 7),
        (accepted(partly(), "BUYER"), "BUYER", 2),
        (appealed(partly()), "BUYER", 2),
    ):
        with pytest.raises(Refused):
            accepted(events, side, hours)


def test_what_the_first_panel_had_before_it_is_not_new_in_the_appeal() -> None:
    case = case_of((*appealed(granted()), an_exhibit("B2")))
    assert [x.number for x in new_exhibits(case, "BUYER")] == ["B2"]
    assert new_exhibits(case, "MERCHANT") == ()
