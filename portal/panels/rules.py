"""How a panel comes together, votes and is counted; every number comes from reviewers/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import reviewers.ballot
from portal.cases.state import Case
from portal.errors import BadInput, NotReady, Refused
from portal.errors import sentence as _
from portal.events import (
    BallotCommitted,
    BallotRevealed,
    Event,
    PanelCalled,
    PanelDrawn,
    ReviewerEnrolled,
    Seat,
    TallyClosed,
    TrackAssigned,
    VotingClosed,
)
from portal.panels.commands import (
    AssignTrack,
    CallPanel,
    CastBallot,
    DrawPanel,
    EnrollReviewer,
    OpenBallots,
)
from portal.rulings.panel import rule
from portal.timers import start_clock
from portal.times import moment
from reviewers import draw, tally
from reviewers.errors import BallotRefused
from reviewers.pool import Stratum
from reviewers.tracks import Track


def enroll(history: Sequence[Event], command: EnrollReviewer, now: datetime) -> tuple[Event, ...]:
    """One REVIEWER_ENROLLED under a pseudonym."""
    if command.stratum not in Stratum.__members__:
        raise BadInput("stratum", _("评审员类别不在列表里"))
    if command.weight < 1:
        raise BadInput("weight", _("权重要大于 0"))
    known = (e for e in history if isinstance(e, ReviewerEnrolled))
    if any(e.reviewer_id == command.reviewer_id for e in known):
        raise Refused(_("这位评审员已经登记"))
    return (
        ReviewerEnrolled(
            reviewer_id=command.reviewer_id,
            stratum=command.stratum,
            weight=command.weight,
            fields=command.fields,
        ),
    )


def assign_track(case: Case, command: AssignTrack, now: datetime) -> tuple[Event, ...]:
    """An officer chooses another size of panel, before anybody is called."""
    if command.track not in Track.__members__:
        raise BadInput("track", _("评审类型不在列表里"))
    if case.called or case.ruling:
        raise Refused(_("评审已经开始或者本案已有结论，不能再改评审类型"))
    return (TrackAssigned(track=command.track, reason=command.reason),)


def call_panel(case: Case, command: CallPanel, now: datetime) -> tuple[Event, ...]:
    """PANEL_CALLED fixes pool, seats and exclusions while nothing random exists yet."""
    if case.state != "PANEL_DRAW" or case.called:
        raise Refused(_("本案现在不需要抽选评审员"))
    seats = {str(s): n for s, n in Track(case.track).seats.items()}
    for stratum, needed in seats.items():
        found = len(command.candidates.get(stratum, ()))
        if found < needed:
            raise NotReady(
                _("评审员不足：%(stratum)s 需要 %(needed)s 人，可用 %(found)s 人"),
                stratum=stratum,
                needed=needed,
                found=found,
            )
    return (
        PanelCalled(
            case_no=command.case_no,
            track=case.track,
            seats=seats,
            candidates=command.candidates,
            exclusions=command.exclusions,
            pool_length=command.pool_length,
            claimed=case.claimed,
        ),
    )


def draw_panel(case: Case, command: DrawPanel, now: datetime) -> tuple[Event, ...]:
    """PANEL_DRAWN from the checkpoint's root, then the clock of deliberation."""
    if case.state != "PANEL_DRAW" or case.called is None:
        raise Refused(_("本案现在不需要抽选评审员"))
    seed = draw.seed(command.case_no, command.root)
    drawn = draw.draw(seed, _candidates(case.called), _seats(case.called), reserves=7)
    panel = PanelDrawn(
        checkpoint=command.checkpoint,
        seed=seed.hex(),
        seats=tuple(Seat(s.number, s.reviewer_id, str(s.stratum)) for s in drawn.seats),
        reserves={str(stratum): tuple(ids) for stratum, ids in drawn.reserves},
        panel_kid=command.panel_kid,
    )
    return (panel, start_clock("DELIBERATION", now, case.claim.rules_version))


def _candidates(called: PanelCalled) -> Mapping[Stratum, Sequence[tuple[str, int]]]:
    return {Stratum(s): tuple((i, w) for i, w in who) for s, who in called.candidates.items()}


def _seats(called: PanelCalled) -> Mapping[Stratum, int]:
    return {stratum: called.seats[str(stratum)] for stratum in Track(called.track).seats}


def cast_ballot(case: Case, command: CastBallot, now: datetime) -> tuple[Event, ...]:
    """BALLOT_COMMITTED, and VOTING_CLOSED with the last seat's ballot."""
    seat = seat_to_vote(case, command.reviewer_id, now)
    vote = BallotCommitted(seat=seat.number, sealed=command.sealed)
    voted = (*(b.seat for b in case.ballots), seat.number)
    if case.drawn and len(voted) == len(case.drawn.seats):
        return (vote, VotingClosed(why="ALL_VOTED", seats=tuple(sorted(voted))))
    return (vote,)


def seat_to_vote(case: Case, reviewer_id: str, now: datetime) -> Seat:
    """The seat that may vote now; asked also before a ballot is sealed. Raises Refused."""
    seat = case.seat_of(reviewer_id)
    if seat is None:
        raise Refused(_("你不在本案的评审席上"))
    if case.has_voted(seat.number):
        raise Refused(_("你已经投过票，一人一票，不能再投"))
    if case.state != "DELIBERATION" or case.clock is None:
        raise Refused(_("投票已经结束"))
    if now >= moment(case.clock.due_at):
        raise Refused(_("投票期限 %(due)s 已过"), due=case.clock.due_at)
    return seat


def close_voting(case: Case) -> VotingClosed:
    """The deadline has come; what is in is in."""
    return VotingClosed(why="DEADLINE", seats=tuple(sorted(b.seat for b in case.ballots)))


def open_ballots(case: Case, command: OpenBallots, now: datetime) -> tuple[Event, ...]:
    """All ballots at once, the count, the ruling and its orders: one commit, or none of it."""
    if case.state != "TALLY" or case.called is None:
        raise Refused(_("本案现在没有要开封的票"))
    revealed = tuple(_reveal(case.called, seat, plain) for seat, plain in command.opened)
    valid = [_ballot(r) for r in revealed if r.valid]
    claimed = claimed_of(case.called)
    result = tally.tally(valid, sum(case.called.seats.values()), claimed)
    return (*revealed, TallyClosed(result=result.as_fields()), *rule(case, result, valid, now))


def claimed_of(called: PanelCalled) -> reviewers.ballot.Claimed:
    """The ceiling of every ballot, as it was fixed when the panel was called."""
    fixed = called.claimed
    return reviewers.ballot.Claimed(
        remedy=fixed.remedy,
        refund_fen=fixed.refund_fen,
        compensation_fen=fixed.compensation_fen,
        exhibits=frozenset(fixed.exhibits),
        replay_ms=fixed.replay_ms,
        compensation_code=fixed.compensation_code,
    )


def _reveal(called: PanelCalled, seat: int, plain: bytes | None) -> BallotRevealed:
    """A ballot that does not open, parse or fit its seat counts as invalid, visibly."""
    try:
        ballot = reviewers.ballot.decode(plain or b"")
    except BallotRefused as refused:
        return BallotRevealed(seat=seat, valid=False, ballot={}, refused=refused.code)
    why = _fault(called, seat, ballot)
    return BallotRevealed(seat=seat, valid=not why, ballot=ballot.as_fields(), refused=why)


def _fault(called: PanelCalled, seat: int, ballot: reviewers.ballot.Ballot) -> str:
    try:
        reviewers.ballot.check(ballot, claimed_of(called))
    except BallotRefused as refused:
        return refused.code
    return "" if ballot.seat == seat else "OTHER_SEAT"


def _ballot(revealed: BallotRevealed) -> reviewers.ballot.Ballot:
    return reviewers.ballot.Ballot.from_fields(revealed.ballot)
