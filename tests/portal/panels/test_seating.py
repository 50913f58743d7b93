"""Taking seats, leaving them, and who steps in: rules without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal import events as e
from portal.cases.commands import ExpireClock
from portal.cases.evolving import fold
from portal.cases.rules import expire_clock
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.panels.commands import AnswerSeat, CastBallot, Recuse, RemoveReviewer
from portal.panels.rules import cast_ballot, seat_to_vote
from portal.panels.seating import answer_seat, recuse, remove_reviewer
from portal.times import moment, stamp
from tests.portal.stages import NOW, case_after, invited, later, seated, slip_of
from tests.values import CASE_NO, FILE


def accepts(number: int) -> AnswerSeat:
    return AnswerSeat(CASE_NO, f"r_{number}", accept=True)


def declines(reviewer_id: str) -> AnswerSeat:
    return AnswerSeat(CASE_NO, reviewer_id, accept=False, code="RELATIVE", text="是我表弟")


def a_vote(reviewer_id: str, number: int = 1) -> CastBallot:
    return CastBallot(CASE_NO, reviewer_id, FILE, slip_of(number), "SERVER_KEY", ("B1",))


def go_on(case: Case, events: tuple[e.Event, ...], at: object = NOW) -> Case:
    return fold(((event, stamp(NOW)) for event in events), case)


def time_runs_out(case: Case) -> tuple[e.Event, ...]:
    assert case.clock is not None
    wish = ExpireClock(CASE_NO, case.clock.clock, case.clock.due_at)
    return expire_clock(case, wish, moment(case.clock.due_at))


def of_kind(events: tuple[e.Event, ...], kind: type[e.Event]) -> list[e.Event]:
    return [event for event in events if isinstance(event, kind)]


def test_the_vote_begins_when_the_last_seat_is_taken() -> None:
    case = case_after(*invited())
    for number in range(1, 7):
        case = go_on(case, answer_seat(case, accepts(number), NOW))
    assert case.state == "SEATING"
    case = go_on(case, answer_seat(case, accepts(7), later(hours=1)))
    assert case.state == "DELIBERATION"
    assert case.clock is not None
    assert case.clock.due_at == stamp(later(hours=49))


def test_whoever_has_accepted_may_vote_before_the_others_answer() -> None:
    case = case_after(*invited())
    case = go_on(case, answer_seat(case, accepts(1), NOW))
    assert seat_to_vote(case, "r_1", NOW).number == 1
    with pytest.raises(Refused):
        seat_to_vote(case, "r_2", NOW)
    case = go_on(case, cast_ballot(case, a_vote("r_1"), NOW))
    assert case.state == "SEATING"
    assert case.has_voted(1)


def test_an_invitation_is_answered_once() -> None:
    case = case_after(*invited())
    case = go_on(case, answer_seat(case, accepts(1), NOW))
    with pytest.raises(Refused):
        answer_seat(case, accepts(1), NOW)
    with pytest.raises(Refused):
        answer_seat(case, declines("r_1"), NOW)
    with pytest.raises(Refused):
        answer_seat(case, declines("r_99"), NOW)


def test_a_late_answer_hears_which_deadline_it_missed() -> None:
    case = case_after(*invited())
    assert case.clock is not None
    with pytest.raises(Refused) as refusal:
        answer_seat(case, accepts(1), later(hours=12))
    assert refusal.value.params == {"due": case.clock.due_at}


def test_the_next_reserve_of_the_same_stratum_steps_in_at_once() -> None:
    case = case_after(*invited(reserves=2))
    events = answer_seat(case, declines("r_1"), NOW)
    left, filled = events
    assert left == e.Recusal(1, "r_1", "DECLINED", "RELATIVE", "是我表弟")
    assert filled == e.SeatFilled(1, "x_BUYER_SIDE_1", "BUYER_SIDE", 0)
    case = go_on(case, events)
    case = go_on(case, answer_seat(case, declines("x_BUYER_SIDE_1"), NOW))
    seat = case.seat_of("x_BUYER_SIDE_2")
    assert seat is not None
    assert (seat.number, seat.state) == (1, "INVITED")
    assert case.seat_of("r_1") is None


def test_a_stratum_without_reserves_leaves_its_seat_empty_and_the_rest_go_on() -> None:
    case = case_after(*invited())
    case = go_on(case, answer_seat(case, declines("r_1"), NOW))
    assert case.seats[0].state == "VACANT"
    for number in range(2, 8):
        case = go_on(case, answer_seat(case, accepts(number), NOW))
    assert case.state == "DELIBERATION"
    for number in range(2, 8):
        case = go_on(case, cast_ballot(case, a_vote(f"r_{number}", number), NOW))
    assert case.voting_closed is not None
    assert case.voting_closed.seats == tuple(range(2, 8))
    assert case.voting_closed.slips == tuple(map(slip_of, range(2, 8)))


def test_when_everybody_declines_the_next_panel_excludes_them_all() -> None:
    case = case_after(*invited(reserves=1))
    while case.state == "SEATING":
        waiting = next(seat for seat in case.seats if seat.state == "INVITED")
        case = go_on(case, answer_seat(case, declines(waiting.reviewer_id), NOW))
    ended = case.earlier[0]
    assert ended.voided is not None
    assert ended.voided.reason == "POOL_EXHAUSTED"
    assert (case.state, case.todo, case.round.number) == ("PANEL_DRAW", "SEAT", 2)
    assert case.round.kind == "REDRAW"
    reserves = {f"x_{s}_1" for s in ("BUYER_SIDE", "MERCHANT_SIDE", "EXPERT")}
    assert case.sat_before == {f"r_{n}" for n in range(1, 8)} | reserves


def test_whoever_is_silent_is_replaced_and_the_new_ones_get_the_full_time() -> None:
    case = case_after(*invited(reserves=7))
    case = go_on(case, answer_seat(case, accepts(7), NOW))
    events = time_runs_out(case)
    assert [event.why for event in of_kind(events, e.Recusal)] == ["SILENT"] * 6  # type: ignore[attr-defined]
    places = [event.reserve for event in of_kind(events, e.SeatFilled)]  # type: ignore[attr-defined]
    assert places == [0, 1, 2, 0, 1, 2]
    case = go_on(case, events)
    assert case.state == "SEATING"
    assert case.clock is not None
    assert case.clock.due_at == stamp(later(hours=24))
    assert {s.state for s in case.seats} == {"INVITED", "ACCEPTED"}


def test_silence_with_enough_seats_taken_begins_the_vote() -> None:
    case = case_after(*invited())
    for number in range(1, 6):
        case = go_on(case, answer_seat(case, accepts(number), NOW))
    case = go_on(case, time_runs_out(case))
    assert case.state == "DELIBERATION"
    assert [s.state for s in case.seats].count("VACANT") == 2


def test_silence_below_the_quorum_voids_the_panel() -> None:
    case = case_after(*invited())
    for number in range(1, 5):
        case = go_on(case, answer_seat(case, accepts(number), NOW))
    case = go_on(case, time_runs_out(case))
    assert case.earlier[0].voided is not None
    assert case.state == "PANEL_DRAW"


def test_a_sweep_after_days_away_loses_nobody_the_new_invitations() -> None:
    case = case_after(*invited(reserves=7))
    assert case.clock is not None
    wish = ExpireClock(CASE_NO, "SEATING", case.clock.due_at)
    case = go_on(case, expire_clock(case, wish, later(days=9)))
    assert case.clock is not None
    assert case.clock.due_at == stamp(later(days=9, hours=12))


def test_a_late_replacement_gets_a_fair_rest_of_the_time() -> None:
    case = case_after(*invited(reserves=1))
    early = go_on(case, answer_seat(case, declines("r_1"), later(hours=5)))
    assert early.clock == case.clock
    late = go_on(case, answer_seat(case, declines("r_1"), later(hours=11)))
    assert late.clock is not None
    assert late.clock.due_at == stamp(later(hours=17))


def test_leaving_during_the_vote_is_possible_and_drops_the_ballot() -> None:
    case = case_after(*seated(reserves=1))
    case = go_on(case, cast_ballot(case, a_vote("r_1"), NOW))
    events = recuse(case, Recuse(CASE_NO, "r_1", "CONSCIENCE"), later(hours=47))
    case = go_on(case, events)
    assert not case.has_voted(1)
    seat = case.seat_of("x_BUYER_SIDE_1")
    assert seat is not None
    assert seat.state == "INVITED"
    assert case.clock is not None
    assert case.clock.due_at == stamp(later(hours=71))
    with pytest.raises(Refused):
        seat_to_vote(case, "r_1", later(hours=48))


def test_the_last_open_seat_leaving_without_a_reserve_ends_the_vote() -> None:
    case = case_after(*seated())
    for number in range(1, 7):
        case = go_on(case, cast_ballot(case, a_vote(f"r_{number}", number), NOW))
    case = go_on(case, recuse(case, Recuse(CASE_NO, "r_7", "OTHER"), NOW))
    assert case.state == "TALLY"
    assert case.voting_closed is not None
    assert case.voting_closed.seats == tuple(range(1, 7))


def test_a_removed_reviewer_takes_the_ballot_along() -> None:
    case = case_after(*seated(reserves=1))
    case = go_on(case, cast_ballot(case, a_vote("r_4", 4), NOW))
    wish = RemoveReviewer(CASE_NO, "r_4", "SHOP_RELATION", "后来发现是店员")
    case = go_on(case, remove_reviewer(case, wish, NOW))
    assert case.ballots == ()
    assert case.seats[3].reviewer_id == "x_MERCHANT_SIDE_1"
    with pytest.raises(Refused):
        remove_reviewer(case, wish, NOW)


def test_a_removal_needs_a_reason() -> None:
    case = case_after(*seated())
    with pytest.raises(BadInput):
        remove_reviewer(case, RemoveReviewer(CASE_NO, "r_1", "SHOP_RELATION", " "), NOW)
    with pytest.raises(BadInput):
        remove_reviewer(case, RemoveReviewer(CASE_NO, "r_1", "DISLIKED", "不喜欢"), NOW)


@pytest.mark.parametrize("code", ["", "NONSENSE", "relative"])
def test_a_reason_comes_from_the_list(code: str) -> None:
    case = case_after(*invited())
    with pytest.raises(BadInput):
        answer_seat(case, replace(declines("r_1"), code=code), NOW)


def test_nobody_leaves_after_the_vote_is_closed() -> None:
    case = case_after(*seated())
    for number in range(1, 8):
        case = go_on(case, cast_ballot(case, a_vote(f"r_{number}", number), NOW))
    assert case.state == "TALLY"
    with pytest.raises(Refused):
        recuse(case, Recuse(CASE_NO, "r_1", "OTHER"), NOW)


def test_a_ballot_after_the_deadline_hears_which_one_it_missed() -> None:
    case = case_after(*seated())
    due = case.round.vote_until
    case = go_on(case, time_runs_out(case))
    with pytest.raises(Refused) as refusal:
        seat_to_vote(case, "r_1", later(hours=60))
    assert refusal.value.params == {"due": due}
