"""How a panel comes together, votes and is counted; every number comes from reviewers/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import reviewers.ballot
from portal.cases.state import Case, SeatNow
from portal.errors import BadInput, NotReady, Refused
from portal.errors import sentence as _
from portal.events import (
    BallotCommitted,
    BallotRevealed,
    Event,
    PanelCalled,
    PanelDrawn,
    Seat,
    TallyClosed,
    TrackAssigned,
)
from portal.panels.commands import (
    AssignTrack,
    CallPanel,
    CastBallot,
    DrawPanel,
    OpenBallots,
)
from portal.panels.seating import SEATED, with_consequence
from portal.rulings.panel import rule
from portal.timers import start_clock
from portal.times import moment
from reviewers import draw, tally
from reviewers.errors import BallotRefused
from reviewers.tracks import Track

RESERVES = 7  # drawn beyond the seats, for each stratum
FAST_FEN = 20_000  # vocabulary 5.6: at most 200 yuan and a clear code
# What a delivery, an order or an account shows without weighing anybody's word.
CLEAR = (
    "F01_NOT_RECEIVED",
    "F03_LATE",
    "F04_WRONG_ITEM",
    "F05_MISSING",
    "F07_OUT_OF_STOCK",
    "N05_NO_REASON_REFUSED",
    "R01_OVERCHARGE",
    "R02_PRICE_DROP",
    "R03_COUPON",
    "G01_REFUND_DELAY",
    "G02_REFUND_AMOUNT",
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
    track = track_for(case)
    assigned = TrackAssigned(track=track, reason=_("金额不到 200 元，事实一看记录就清楚。"))
    return (
        *((assigned,) if track != case.track else ()),
        PanelCalled(
            case_no=command.case_no,
            track=track,
            seats=seats_of(track, command.counts),
            pool=command.pool,
            counts=command.counts,
            exclusions=command.exclusions,
            pool_length=command.pool_length,
            claimed=case.claimed,
            round=case.round.number,
            kind=case.round.kind,
            required=command.required,
            beacon=command.beacon,
        ),
    )


def track_for(case: Case) -> str:
    """An officer's choice, else the fast track for a small sum that a record decides."""
    claimed_fen = case.claimed.refund_fen + case.claimed.compensation_fen
    small = 0 < claimed_fen <= FAST_FEN and case.claim.reason_code in CLEAR
    return str(Track.FAST) if small and not case.track_chosen else case.track


def seats_of(track: str, counts: Mapping[str, int]) -> dict[str, int]:
    """Seats by stratum as the candidates name it ("EXPERT" or "EXPERT/<FIELD>").

    Raises NotReady where a stratum has fewer candidates than seats.
    """
    seats = {}
    for stratum, needed in Track(track).seats.items():
        by_field = (name for name in counts if name.startswith(f"{stratum}/"))
        name = next(by_field, str(stratum))
        if counts.get(name, 0) < needed:
            raise NotReady(
                _("评审员不足：%(stratum)s 需要 %(needed)s 人，可用 %(found)s 人"),
                stratum=name,
                needed=needed,
                found=counts.get(name, 0),
            )
        seats[name] = needed
    return seats


def draw_panel(case: Case, command: DrawPanel, now: datetime) -> tuple[Event, ...]:
    """PANEL_DRAWN from the checkpoint and its cosignatures, then the clock of the invitations."""
    if case.state != "PANEL_DRAW" or case.called is None:
        raise Refused(_("本案现在不需要抽选评审员"))
    seed = draw.seed(command.case_no, case.round.number, command.root, command.extra)
    drawn = draw.draw(seed, command.candidates, case.called.seats, RESERVES)
    panel = PanelDrawn(
        checkpoint=command.checkpoint,
        seed=seed.hex(),
        seats=tuple(Seat(s.number, s.reviewer_id, s.stratum) for s in drawn.seats),
        reserves={stratum: tuple(ids) for stratum, ids in drawn.reserves},
        panel_kid=command.panel_kid,
        extra=tuple(part.hex() for part in command.extra),
        reserves_wanted=RESERVES,
        trustees=command.trustees,
    )
    return (panel, start_clock("SEATING", now, case.claim.rules_version))


def cast_ballot(case: Case, command: CastBallot, now: datetime) -> tuple[Event, ...]:
    """BALLOT_COMMITTED, and VOTING_CLOSED with the last seat's ballot."""
    seat = seat_to_vote(case, command.reviewer_id, now)
    check_opened(case, command.opened)
    vote = BallotCommitted(
        seat=seat.number,
        sealed=command.sealed,
        slip=command.slip,
        sealed_by=command.sealed_by,
        opened=command.opened,
    )
    return with_consequence(case, (vote,), now)


def check_opened(case: Case, opened: Sequence[str]) -> None:
    """Nobody judges what they have not looked at. Raises BadInput naming what is missing."""
    required = case.called.required if case.called else ()
    missing = tuple(number for number in required if number not in opened)
    if missing:
        raise BadInput(
            "opened",
            _("还有 %(n)s 份凭证没有打开：%(exhibits)s。打开看过后再提交，填好的内容不会丢"),
            n=len(missing),
            exhibits=missing,
        )


def seat_to_vote(case: Case, reviewer_id: str, now: datetime) -> SeatNow:
    """The seat that may vote now; asked also before a ballot is sealed. Raises Refused."""
    seat = case.seat_of(reviewer_id)
    if seat is None:
        raise Refused(_("你不在本案的评审席上"))
    if seat.state != "ACCEPTED":
        raise Refused(_("先接受邀请，再看材料和投票"))
    if case.has_voted(seat.number):
        raise Refused(_("你已经投过票，一人一票，不能再投"))
    due_at = case.round.vote_until
    if due_at and (case.voting_closed or now >= moment(due_at)):
        raise Refused(_("投票期限 %(due)s 已过"), due=due_at)
    if case.state not in SEATED:
        raise Refused(_("投票已经结束"))
    return seat


def open_ballots(case: Case, command: OpenBallots, now: datetime) -> tuple[Event, ...]:
    """All ballots at once, the count, the ruling and its orders: one commit, or none of it."""
    if case.state != "TALLY" or case.called is None:
        raise Refused(_("本案现在没有要开封的票"))
    revealed = tuple(
        _reveal(case.called, seat, plain, command.keys.get(seat, ""))
        for seat, plain in command.opened
    )
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


def _reveal(called: PanelCalled, seat: int, plain: bytes | None, key: str) -> BallotRevealed:
    """A ballot that does not open, parse or fit its seat counts as invalid, visibly."""
    if plain is None:
        return BallotRevealed(seat=seat, valid=False, ballot={}, refused="UNOPENABLE", key=key)
    try:
        ballot = reviewers.ballot.decode(plain)
    except BallotRefused as refused:
        return BallotRevealed(seat=seat, valid=False, ballot={}, refused=refused.code, key=key)
    why = _fault(called, seat, ballot)
    fields = ballot.as_fields()
    return BallotRevealed(seat=seat, valid=not why, ballot=fields, refused=why, key=key)


def _fault(called: PanelCalled, seat: int, ballot: reviewers.ballot.Ballot) -> str:
    try:
        reviewers.ballot.check(ballot, claimed_of(called))
    except BallotRefused as refused:
        return refused.code
    return "" if ballot.seat == seat else "OTHER_SEAT"


def _ballot(revealed: BallotRevealed) -> reviewers.ballot.Ballot:
    return reviewers.ballot.Ballot.from_fields(revealed.ballot)
