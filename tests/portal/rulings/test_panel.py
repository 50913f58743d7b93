"""What follows from a count: a ruling that may be appealed, a final one, or an officer's turn."""

from __future__ import annotations

import pytest

from portal import events as e
from portal.cases.commands import ExpireClock
from portal.cases.rules import expire_clock
from portal.events import Remedy
from reviewers.ballot import Ballot, replay_millisecond
from tests.portal.endings import (
    Events,
    appealed,
    case_of,
    counted,
    granted,
    heard,
    partly,
    ruling_of,
    undecided,
    voted,
)
from tests.portal.stages import (
    PAID_FEN,
    a_ballot,
    a_doubt,
    a_rejection,
    called,
    closed,
    drawn,
    later,
)
from tests.values import CASE_NO, an_exhibit

ALL = range(1, 8)


def test_a_majority_rules_and_the_money_waits_for_the_appeal() -> None:
    events = granted()
    case, ruling = case_of(events), ruling_of(events)
    assert (ruling.outcome, ruling.basis, ruling.round) == ("UPHELD", "PANEL", 1)
    assert case.state == "APPEAL_WINDOW"
    assert case.appeal_until == "2026-11-27T03:10:00.000Z"
    assert case.order is None
    assert not any(isinstance(event, e.ExecutionOrdered) for event in events)


def test_the_ruling_carries_the_panels_liability() -> None:
    shares = {"MERCHANT": 7_000, "HOST": 3_000}
    ruling = ruling_of(voted(*(a_ballot(n, liability=shares) for n in ALL)))
    assert ruling.liability == shares


@pytest.mark.parametrize(
    "ballots",
    [
        [a_ballot(n) for n in range(1, 4)],
        [*(a_ballot(n) for n in range(1, 4)), *(a_rejection(n) for n in range(4, 7))],
        [*(a_ballot(n) for n in range(1, 5)), *(a_doubt(n) for n in range(5, 8))],
    ],
    ids=["too few", "a tie", "too many doubts"],
)
def test_what_a_panel_does_not_decide_goes_to_an_officer(ballots: list[Ballot]) -> None:
    events = voted(*ballots)
    case = case_of(events)
    assert (case.state, case.ruling, case.officer) == ("OFFICER", None, "DECIDE")
    assert case.clock is not None
    assert case.clock.due_at == "2026-11-23T03:10:00.000Z"


def expired(events: Events, days: float) -> Events:
    case = case_of(events)
    assert case.clock is not None
    wish = ExpireClock(CASE_NO, case.clock.clock, case.clock.due_at)
    return (*events, *expire_clock(case, wish, later(days=days)))


def test_an_officer_who_is_late_is_reminded_on_record() -> None:
    case = case_of(expired(undecided(), days=3))
    assert (case.state, case.officer) == ("OFFICER", "DECIDE")
    assert case.clock is not None
    assert case.clock.due_at == "2026-11-26T03:10:00.000Z"


def test_a_window_in_which_nobody_appeals_lets_the_money_go() -> None:
    case = case_of(expired(granted(), days=7))
    assert case.order is not None
    assert case.state == "AWAITING_RETURN"


def test_an_appeal_that_nobody_answers_is_heard_on_the_file() -> None:
    case = case_of(expired(appealed(granted()), days=3))
    assert (case.state, case.todo, case.track) == ("PANEL_DRAW", "SEAT", "APPEAL")


def test_every_ruling_names_a_promise_an_exhibit_and_a_clause() -> None:
    for citations in (("B1",), ("58",), ("B1", "58")):
        ruling = ruling_of(voted(*(a_ballot(n, citations=citations) for n in ALL)))
        cited = [one for reason in ruling.reasons for one in reason.citations]
        assert "B1" in cited
        assert any(replay_millisecond(one) is not None for one in cited)
        assert ruling.clause == "2026-12#1"


def test_without_a_promise_a_ruling_rests_on_what_the_platform_handed_over() -> None:
    before = closed(tuple(ALL), promises=())
    record = an_exhibit("P1", kind="ORDER_RECORD")
    events = counted((*before[:1], record, *before[1:]), *(a_ballot(n) for n in ALL))
    cited = [one for reason in ruling_of(events).reasons for one in reason.citations]
    assert {"B1", "P1"} <= set(cited)
    assert ruling_of(events).clause == "2026-12#6"


def test_the_dissent_is_named_by_seat() -> None:
    events = voted(*(a_ballot(n) for n in range(1, 6)), a_rejection(6), a_rejection(7))
    assert ruling_of(events).dissent == (6, 7)


# The appeal's panel -----------------------------------------------------------------------------


def final(first: Events, *ballots: Ballot, ground: str = "RULE_MISAPPLIED") -> Events:
    return counted(heard(appealed(first, ground=ground)), *ballots, at=later(days=2))


def test_an_appeal_that_finds_the_same_upholds_and_pays_at_once() -> None:
    events = final(granted(), *(a_ballot(n) for n in ALL))
    ruling, case = ruling_of(events), case_of(events)
    assert (ruling.basis, ruling.appeal, ruling.round) == ("APPEAL", "UPHOLDS", 2)
    assert case.order is not None
    assert case.state == "AWAITING_RETURN"


def test_an_appeal_that_finds_otherwise_changes_the_ruling() -> None:
    events = final(granted(), *(a_rejection(n) for n in ALL))
    ruling, case = ruling_of(events), case_of(events)
    assert (ruling.outcome, ruling.appeal) == ("REJECTED", "CHANGES")
    assert case.closed == e.CaseClosed("NO_MOVEMENT")


@pytest.mark.parametrize("ground", ["PROCEDURE", "PANEL_CONFLICT", "FRAUD"])
def test_an_unsound_first_ruling_is_voided(ground: str) -> None:
    ruling = ruling_of(final(granted(), *(a_rejection(n) for n in ALL), ground=ground))
    assert ruling.appeal == "VOIDS"
    same = ruling_of(final(granted(), *(a_ballot(n) for n in ALL), ground=ground))
    assert same.appeal == "UPHOLDS"


def test_another_amount_is_another_ruling() -> None:
    ruling = ruling_of(final(partly(10_000), *(a_ballot(n) for n in ALL)))
    assert (ruling.appeal, ruling.refund_fen) == ("CHANGES", PAID_FEN)


def test_another_split_of_liability_alone_changes_nothing() -> None:
    ballots = [a_ballot(n, liability={"HOST": 10_000}) for n in ALL]
    ruling = ruling_of(final(granted(), *ballots))
    assert (ruling.appeal, ruling.liability) == ("UPHOLDS", {"HOST": 10_000})


def test_an_appeal_that_decides_nothing_lets_the_first_ruling_stand() -> None:
    first = granted()
    events = final(first, a_ballot(1), a_rejection(2))
    ruling, before = ruling_of(events), ruling_of(first)
    assert (ruling.basis, ruling.appeal) == ("APPEAL", "UPHOLDS")
    assert (ruling.outcome, ruling.refund_fen, ruling.owed) == (
        before.outcome,
        before.refund_fen,
        before.owed,
    )
    assert "原结论维持" in ruling.reasons[1].text
    assert ruling.reasons[2:] == before.reasons
    assert case_of(events).order is not None


# Panels that were voided ------------------------------------------------------------------------


VOIDED = e.PanelVoided("CONFLICT_FOUND", "评审员与店铺有关系", "r_1")


def test_a_voided_panel_takes_its_ruling_and_an_appeal_with_it() -> None:
    for before in (granted(), appealed(granted())):
        case = case_of((*before, VOIDED))
        assert (case.ruling, case.appeal, case.round.kind) == (None, None, "REDRAW")
        assert (case.state, case.track, case.round.number) == ("PANEL_DRAW", "STANDARD", 2)
        assert [r.voided for r in case.earlier] == [VOIDED]


def test_a_ruling_after_a_void_may_be_appealed_once_again() -> None:
    redrawn = (*appealed(granted()), VOIDED)
    over = e.VotingClosed("ALL_VOTED", tuple(ALL))
    again = (*redrawn, called(case_of(redrawn)), drawn(), over)
    events = counted(again, *(a_rejection(n) for n in ALL))
    case = case_of(events)
    assert (case.state, case.losers) == ("APPEAL_WINDOW", ("BUYER",))
    assert case.may_appeal("BUYER")


def test_a_voided_appeals_panel_is_drawn_again_and_the_first_ruling_stands_meanwhile() -> None:
    events = (*heard(appealed(granted())), VOIDED, VOIDED)
    case = case_of(events)
    assert (case.round.kind, case.round.number, case.track) == ("APPEAL", 4, "APPEAL")
    assert case.ruling == ruling_of(granted())
    assert case.appeal is not None


# What a statutory penalty waits for ---------------------------------------------------------------


STATUTORY = (Remedy("REFUND_RETURN", PAID_FEN), Remedy("STATUTORY_TRIPLE", 3 * PAID_FEN))


def test_an_officers_confirmation_holds_while_the_same_is_owed() -> None:
    first = (*granted(remedies=STATUTORY), e.StatutoryConfirmed(True, "两项要件都有证据"))
    assert not case_of(first).needs_confirmation
    upheld = final(first, *(a_ballot(n) for n in ALL))
    assert case_of(upheld).statutory == e.StatutoryConfirmed(True, "两项要件都有证据")
    changed = final(first, *(a_rejection(n) for n in ALL))
    assert case_of(changed).statutory is None
    assert not case_of(changed).needs_confirmation
