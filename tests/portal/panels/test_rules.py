"""Calling, drawing, voting and opening, without a database."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from portal import events as e
from portal.errors import BadInput, NotReady, Refused
from portal.panels.commands import (
    AssignTrack,
    CallPanel,
    CastBallot,
    DrawPanel,
    OpenBallots,
)
from portal.panels.rules import (
    assign_track,
    call_panel,
    cast_ballot,
    draw_panel,
    open_ballots,
    seat_to_vote,
)
from portal.panels.seating import close_voting
from reviewers.ballot import Choice, encode
from tests.portal.stages import (
    NOW,
    PAID_FEN,
    a_ballot,
    a_doubt,
    a_rejection,
    called,
    case_after,
    closed,
    denied,
    filed,
    later,
    opened,
    seated,
    slip_of,
)
from tests.values import CASE_NO, FILE

CANDIDATES = {
    stratum: tuple((f"{stratum}{n}", 1) for n in range(4))
    for stratum in ("BUYER_SIDE", "MERCHANT_SIDE", "EXPERT")
}


def a_call(**changes: Any) -> CallPanel:
    return CallPanel(
        **{
            "case_no": CASE_NO,
            "pool": FILE,
            "counts": {stratum: len(who) for stratum, who in CANDIDATES.items()},
            "exclusions": {"PRIOR_BUYER": 2},
            "pool_length": 14,
            "required": ("B1",),
        }
        | changes
    )


def a_draw(root: bytes, kid: str = "kid", **changes: Any) -> DrawPanel:
    return DrawPanel(CASE_NO, "checkpoint", root, CANDIDATES, kid, **changes)


def a_vote(seat: int) -> CastBallot:
    return CastBallot(CASE_NO, f"r_{seat}", FILE, slip_of(seat), "SERVER_KEY", ("B1",))


def test_a_track_is_changed_only_before_the_panel_is_called() -> None:
    wish = AssignTrack(CASE_NO, "FAST", "小额")
    before = denied()
    assert case_after(*before, *assign_track(case_after(*before), wish, NOW)).track == "FAST"
    with pytest.raises(Refused):
        assign_track(case_after(*seated()), wish, NOW)
    with pytest.raises(BadInput):
        assign_track(case_after(*before), AssignTrack(CASE_NO, "ENDLESS", ""), NOW)


def test_a_panel_is_called_with_the_claim_as_its_ceiling() -> None:
    (event,) = call_panel(case_after(*denied()), a_call(), NOW)
    assert isinstance(event, e.PanelCalled)
    assert event.seats == {"BUYER_SIDE": 3, "MERCHANT_SIDE": 3, "EXPERT": 1}
    assert (event.claimed.refund_fen, event.claimed.compensation_fen) == (PAID_FEN, 98_700)
    assert event.claimed.exhibits == ("B1",)


def test_a_pool_that_is_too_small_is_named_and_tried_again_later() -> None:
    few = dict(a_call().counts) | {"EXPERT": 0}
    with pytest.raises(NotReady) as refusal:
        call_panel(case_after(*denied()), a_call(counts=few), NOW)
    assert refusal.value.params == {"stratum": "EXPERT", "needed": 1, "found": 0}


def test_no_panel_is_called_for_a_case_that_waits_for_people() -> None:
    with pytest.raises(Refused):
        call_panel(case_after(*filed()), a_call(), NOW)
    once = denied()
    with pytest.raises(Refused):
        call_panel(case_after(*once, called(case_after(*once))), a_call(), NOW)


def test_the_draw_follows_from_the_root_alone() -> None:
    before = denied()
    ready = case_after(*before, *call_panel(case_after(*before), a_call(), NOW))
    one = draw_panel(ready, a_draw(b"\1" * 32, "kid-1"), NOW)
    same = draw_panel(ready, a_draw(b"\1" * 32, "kid-2"), later(days=1))
    other = draw_panel(ready, a_draw(b"\2" * 32), NOW)
    drawn, again, changed = one[0], same[0], other[0]
    assert isinstance(drawn, e.PanelDrawn)
    assert isinstance(again, e.PanelDrawn)
    assert isinstance(changed, e.PanelDrawn)
    assert (drawn.seed, drawn.seats) == (again.seed, again.seats)
    assert drawn.seed != changed.seed
    assert [s.stratum for s in drawn.seats].count("EXPERT") == 1
    assert len({s.reviewer_id for s in drawn.seats}) == 7


def test_a_seat_votes_once() -> None:
    before = seated()
    voted = case_after(*before, *cast_ballot(case_after(*before), a_vote(1), NOW))
    assert voted.has_voted(1)
    with pytest.raises(Refused):
        cast_ballot(voted, a_vote(1), NOW)


def test_a_stranger_has_no_vote() -> None:
    with pytest.raises(Refused):
        cast_ballot(case_after(*seated()), a_vote(99), NOW)


def test_a_ballot_at_the_deadline_is_too_late() -> None:
    case = case_after(*seated())
    assert seat_to_vote(case, "r_1", later(hours=47, minutes=59)).number == 1
    with pytest.raises(Refused):
        seat_to_vote(case, "r_1", later(hours=48))


def test_the_last_ballot_closes_the_vote() -> None:
    events: tuple[e.Event, ...] = seated()
    for seat in range(1, 8):
        events = (*events, *cast_ballot(case_after(*events), a_vote(seat), NOW))
    assert events[-1] == e.VotingClosed(
        "ALL_VOTED", tuple(range(1, 8)), tuple(map(slip_of, range(1, 8)))
    )
    assert case_after(*events).todo == "OPEN"


def test_the_deadline_closes_the_vote_with_those_who_voted() -> None:
    events = (*seated(), e.BallotCommitted(3, FILE), e.BallotCommitted(1, FILE))
    closed = close_voting(case_after(*events), "DEADLINE")
    assert (closed.why, closed.seats) == ("DEADLINE", (1, 3))


def test_nothing_opens_while_people_vote() -> None:
    with pytest.raises(Refused):
        open_ballots(case_after(*seated()), OpenBallots(CASE_NO, opened(a_ballot(1))), NOW)


def open_all(*ballots: Any, **changes: Any) -> tuple[e.Event, ...]:
    seats = tuple(b.seat for b in ballots)
    case = case_after(*closed(seats, **changes))
    return open_ballots(case, OpenBallots(CASE_NO, opened(*ballots)), NOW)


def ruling_of(events: tuple[e.Event, ...]) -> e.RulingIssued:
    return next(event for event in events if isinstance(event, e.RulingIssued))


def test_a_majority_for_the_claim_as_made_upholds_it() -> None:
    events = open_all(*(a_ballot(n) for n in range(1, 6)), a_rejection(6), a_doubt(7))
    ruling = ruling_of(events)
    assert (ruling.outcome, ruling.basis) == ("UPHELD", "PANEL")
    assert (ruling.refund_fen, ruling.return_goods) == (PAID_FEN, True)
    assert ruling.owed == (e.Owed("CONTRACT_PENALTY", 98_700),)
    assert ruling.dissent == (6,)
    assert ruling.clause == "2026-12#1"


def test_every_opened_ballot_enters_the_record_with_the_ruling() -> None:
    events = open_all(*(a_ballot(n) for n in range(1, 8)))
    revealed = [event for event in events if isinstance(event, e.BallotRevealed)]
    assert [b.seat for b in revealed] == list(range(1, 8))
    assert all(b.valid for b in revealed)
    assert revealed[0].ballot == a_ballot(1).as_fields()


def test_the_reasons_are_the_words_of_the_side_that_decided() -> None:
    ruling = ruling_of(open_all(*(a_ballot(n) for n in range(1, 5)), *map(a_rejection, (5, 6, 7))))
    said = {r.text for r in ruling.reasons if r.citations == ("B1",)}
    assert said
    assert said <= {f"第 {n} 席的理由" for n in range(1, 5)}
    assert not any(f"第 {n} 席的理由" == r.text for r in ruling.reasons for n in (5, 6, 7))


def test_a_majority_against_the_claim_moves_no_money_and_may_be_appealed() -> None:
    events = open_all(*(a_rejection(n) for n in range(1, 8)))
    ruling = ruling_of(events)
    assert (ruling.outcome, ruling.refund_fen, ruling.owed) == ("REJECTED", 0, ())
    assert isinstance(events[-1], e.ClockStarted)
    assert events[-1].clock == "APPEAL_WINDOW"


def test_a_median_between_claim_and_nothing_is_partly_upheld() -> None:
    parts = [
        a_ballot(n, choice=Choice.PARTIAL, amount_fen=10_000, compensation_fen=0)
        for n in range(1, 8)
    ]
    ruling = ruling_of(open_all(*parts))
    assert (ruling.outcome, ruling.remedy) == ("PARTLY_UPHELD", "PARTIAL_REFUND")
    assert (ruling.refund_fen, ruling.return_goods, ruling.owed) == (10_000, False, ())


def test_too_few_ballots_decide_nothing_and_an_officer_takes_over() -> None:
    events = open_all(*(a_ballot(n) for n in range(1, 5)))
    assert not any(isinstance(event, e.RulingIssued) for event in events)
    assert isinstance(events[-1], e.ClockStarted)
    assert events[-1].clock == "OFFICER_DECIDE"


def test_a_ballot_that_does_not_open_counts_as_invalid_visibly() -> None:
    case = case_after(*closed((1, 2)))
    command = OpenBallots(CASE_NO, ((1, None), (2, encode(a_ballot(2)))))
    first, second, *_rest = open_ballots(case, command, NOW)
    assert first == e.BallotRevealed(1, False, {}, "UNOPENABLE")
    assert isinstance(second, e.BallotRevealed)
    assert second.valid


def test_a_ballot_of_another_seat_is_invalid() -> None:
    case = case_after(*closed((1, 2)))
    command = OpenBallots(CASE_NO, ((1, encode(a_ballot(2))), (2, encode(a_ballot(2)))))
    first = open_ballots(case, command, NOW)[0]
    assert isinstance(first, e.BallotRevealed)
    assert not first.valid


def test_amounts_above_the_claim_do_not_get_in_by_the_back_door() -> None:
    greedy = a_ballot(1, choice=Choice.PARTIAL, amount_fen=PAID_FEN + 1)
    case = case_after(*closed((1,)))
    first = open_ballots(case, OpenBallots(CASE_NO, opened(greedy)), NOW)[0]
    assert isinstance(first, e.BallotRevealed)
    assert (first.valid, first.refused) == (False, "AMOUNT_TOO_HIGH")


def test_a_statutory_penalty_is_owed_but_waits_for_an_officer() -> None:
    remedies = (e.Remedy("REFUND_RETURN", PAID_FEN), e.Remedy("STATUTORY_TRIPLE", 98_700))
    ruling = ruling_of(open_all(*(a_ballot(n) for n in range(1, 8)), remedies=remedies))
    assert ruling.owed == (e.Owed("STATUTORY_TRIPLE", 98_700, confirmed=False),)


def test_a_statutory_penalty_is_not_carried_by_a_promised_one() -> None:
    remedies = (
        e.Remedy("REFUND_RETURN", PAID_FEN),
        e.Remedy("CONTRACT_PENALTY", 100),
        e.Remedy("STATUTORY_TRIPLE", 98_700),
    )
    ballots = (*map(a_ballot, range(1, 5)), *map(a_rejection, (5, 6, 7)))
    ruling = ruling_of(open_all(*ballots, remedies=remedies))
    assert (ruling.outcome, ruling.refund_fen, ruling.owed) == ("PARTLY_UPHELD", PAID_FEN, ())


def test_every_sum_that_is_granted_whole_keeps_its_name() -> None:
    remedies = (
        e.Remedy("REFUND_RETURN", PAID_FEN),
        e.Remedy("CONTRACT_PENALTY", 98_700),
        e.Remedy("QC_FEE", 5_000),
        e.Remedy("APOLOGY"),
    )
    ruling = ruling_of(open_all(*(a_ballot(n) for n in range(1, 8)), remedies=remedies))
    assert ruling.owed == (
        e.Owed("CONTRACT_PENALTY", 98_700),
        e.Owed("QC_FEE", 5_000),
        e.Owed("APOLOGY", None),
    )


def test_the_claimed_ceiling_stays_as_it_was_when_the_panel_was_called() -> None:
    before = denied()
    fixed = replace(called(case_after(*before)).claimed, exhibits=("B1",))
    assert fixed.replay_ms == 175_000
