"""A real panel, from its seats to the figures; and what removal from the pool does to it."""

from __future__ import annotations

from datetime import timedelta

from apiflask import APIFlask
from sqlalchemy import select

from portal.access import Actor, Role
from portal.cases.tables import SeatRow
from portal.pool import desk as pool
from portal.pool.commands import SetReviewerState
from portal.pool.participation import participation_of
from portal.quality.collecting import collect
from portal.quality.quarters import quarter_of
from tests.builders import house_of
from tests.houses import case_of, perform_todo
from tests.portal.rooms import a_vote, app, cast, open_required, seat_a_panel
from tests.values import CASE_NO

__all__ = ["app"]
OPERATOR = Actor(account_id=9, roles=frozenset({Role.OPERATOR}))


def test_a_counted_panel_gives_votes_with_sides_times_and_lengths(app: APIFlask) -> None:
    house = house_of(app)
    seats = seat_a_panel(app)
    for seat in seats:
        open_required(app, seat)
        choice = "SUPPORT_RESPONDENT" if seat.number == 1 else "SUPPORT_CLAIMANT"
        cast(app, seat, a_vote(choice))
    perform_todo(house)
    assert case_of(house).tally is not None
    now = house.clock.now()
    with house.sessions() as session:
        found = collect(session, now - timedelta(days=1))[quarter_of(now)]
        mine = participation_of(session, seats[0].reviewer_id)
    assert (found.counted.panels, found.counted.ballots, found.counted.undecided) == (1, 7, 0)
    told = {vote.reviewer: vote for vote in found.votes}
    assert set(told) == {seat.reviewer_id for seat in seats}
    assert told[seats[0].reviewer_id].label == "REJECT"
    assert all(vote.length > 0 for vote in found.votes)
    assert all(vote.seconds is not None and vote.seconds < 60 for vote in found.votes)
    assert (mine.invited, mine.accepted, mine.voted) == (1, 1, 1)


def test_who_is_removed_from_the_pool_leaves_every_panel_at_once(app: APIFlask) -> None:
    house = house_of(app)
    gone = seat_a_panel(app)[0].reviewer_id
    wish = SetReviewerState(gone, "REMOVED", "泄露投票")
    for _again in range(2):
        pool.set_state(house, OPERATOR, wish, "remove/1")
    assert case_of(house).seat_of(gone) is None
    with house.sessions() as session:
        row = session.scalars(
            select(SeatRow).where(SeatRow.case_no == CASE_NO, SeatRow.reviewer_id == gone)
        ).one()
    assert (row.state, row.why) == ("LEFT", "REMOVED")
