"""Any order of answers, silence, recusals, removals, votes and clocks leads to a sound panel."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from portal import events as e
from portal.cases.commands import ExpireClock
from portal.cases.evolving import fold
from portal.cases.rules import expire_clock
from portal.cases.state import Case, SeatNow
from portal.panels.commands import AnswerSeat, CastBallot, Recuse, RemoveReviewer
from portal.panels.rules import cast_ballot
from portal.panels.seating import SEATED, answer_seat, recuse, remove_reviewer
from portal.times import moment, stamp
from reviewers.tracks import quorum
from tests.portal.stages import NOW, STRATA, case_after, invited, slip_of
from tests.values import CASE_NO, FILE

ACTS = ("ACCEPT", "DECLINE", "RECUSE", "REMOVE", "VOTE", "WAIT", "EXPIRE")
STEPS = st.tuples(st.sampled_from(ACTS), st.integers(0, len(STRATA) - 1), st.integers(0, 9))
LONGEST = 400  # acts; a panel of seven with its reserves cannot keep going for longer


def act(case: Case, what: str, seat: SeatNow, now: datetime) -> tuple[e.Event, ...]:
    """The events of one act that is possible now; none for one that is not."""
    who, held = seat.reviewer_id, seat.state
    if what in ("ACCEPT", "DECLINE") and held == "INVITED" and now < due(case):
        wish = AnswerSeat(CASE_NO, who, accept=what == "ACCEPT", code="OTHER")
        return answer_seat(case, wish, now)
    if what == "RECUSE" and held == "ACCEPTED":
        return recuse(case, Recuse(CASE_NO, who, "OTHER"), now)
    if what == "REMOVE" and who:
        return remove_reviewer(case, RemoveReviewer(CASE_NO, who, "OTHER", "x"), now)
    if what == "VOTE" and held == "ACCEPTED" and not case.has_voted(seat.number):
        late = case.round.vote_until and now >= moment(case.round.vote_until)
        vote = CastBallot(CASE_NO, who, FILE, slip_of(seat.number), "SERVER_KEY", ("B1",))
        return () if late else cast_ballot(case, vote, now)
    return ()


def due(case: Case) -> datetime:
    assert case.clock is not None, "a panel that waits has a clock"
    return moment(case.clock.due_at)


def step(case: Case, what: str, place: int, hours: int, now: datetime) -> tuple[Case, datetime]:
    """One act, or time that passes; a clock that is due runs out before anything else."""
    if what == "WAIT":
        now += timedelta(hours=hours)
    if what == "EXPIRE" or now >= due(case):
        now = max(now, due(case))
        assert case.clock is not None
        events = expire_clock(case, ExpireClock(CASE_NO, case.clock.clock, case.clock.due_at), now)
    else:
        events = act(case, what, case.seats[place], now)
    check(case, events)
    return fold(((event, stamp(now)) for event in events), case), now


def check(case: Case, events: tuple[e.Event, ...]) -> None:
    """Whoever steps in is the next of the stratum's reserves, and nobody else."""
    assert case.drawn is not None
    known = {seat.reviewer_id for seat in case.seats} | {r.reviewer_id for r in case.round.recusals}
    for event in events:
        if isinstance(event, e.SeatFilled):
            fresh = [r for r in case.drawn.reserves[event.stratum] if r not in known]
            assert event.reviewer_id == fresh[0]
            known.add(event.reviewer_id)


def sound(case: Case) -> None:
    sitting = [seat.reviewer_id for seat in case.seats if seat.reviewer_id]
    assert len(sitting) == len(set(sitting)) <= len(STRATA)
    assert not {r.reviewer_id for r in case.round.recusals} & set(sitting)
    voted = [ballot.seat for ballot in case.ballots]
    assert len(voted) == len(set(voted))
    held = {seat.number for seat in case.seats if seat.state == "ACCEPTED"}
    assert set(voted) <= held


def ends_well(case: Case) -> None:
    if case.state == "TALLY":
        closed = case.voting_closed
        assert closed is not None
        assert set(closed.slips) == {ballot.slip for ballot in case.ballots}
    else:
        assert (case.state, case.earlier[0].voided is not None) == ("PANEL_DRAW", True)
        taken = [seat for seat in case.earlier[0].seats if seat.state == "ACCEPTED"]
        assert len(taken) < quorum(len(STRATA))


@settings(max_examples=300, deadline=None)
@given(reserves=st.integers(0, 3), walk=st.lists(STEPS, max_size=120))
def test_every_walk_keeps_the_panel_sound_and_comes_to_an_end(
    reserves: int, walk: list[tuple[str, int, int]]
) -> None:
    case, now = case_after(*invited(reserves)), NOW
    for what, place, hours in walk:
        if case.state not in SEATED:
            break
        case, now = step(case, what, place, hours, now)
        if case.state in SEATED:
            sound(case)
    for _act in range(LONGEST):
        if case.state not in SEATED:
            break
        case, now = step(case, "EXPIRE", 0, 0, now)
    ends_well(case)
