"""Who takes a seat, who leaves it and who steps in: pure rules over one panel.

A seat that becomes free goes to the next reserve of its stratum in the same commit. Nobody chooses
who follows, so no one can gain by making somebody leave.
"""

from __future__ import annotations

from datetime import datetime

from portal.cases.evolving import fold
from portal.cases.state import Case, SeatNow
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event, PanelVoided, Recusal, SeatAccepted, SeatFilled, VotingClosed
from portal.panels.commands import AnswerSeat, Recuse, RemoveReviewer
from portal.rulebook import VERSIONS
from portal.timers import start_clock
from portal.times import moment, stamp
from reviewers.eligibility import Conflict
from reviewers.tracks import quorum

SEATED = ("SEATING", "DELIBERATION")  # the states in which seats are taken, left and vote
TEXT_LIMIT = 500


def answer_seat(case: Case, command: AnswerSeat, now: datetime) -> tuple[Event, ...]:
    """SEAT_ACCEPTED; or RECUSAL why=DECLINED, which costs the reviewer nothing."""
    seat = _held(case, command.reviewer_id)
    if seat.state != "INVITED":
        raise Refused(_("你已经接受了这份邀请"))
    assert case.clock is not None, "an invitation without a clock"
    if now >= moment(case.clock.due_at):
        raise Refused(_("答复期限 %(due)s 已过"), due=case.clock.due_at)
    if command.accept:
        accepted = SeatAccepted(seat=seat.number, reviewer_id=seat.reviewer_id)
        return with_consequence(case, (accepted,), now)
    _check_code(command.code, command.text)
    return _leave(case, seat, "DECLINED", command.code, command.text, now)


def recuse(case: Case, command: Recuse, now: datetime) -> tuple[Event, ...]:
    """RECUSAL why=RECUSED: a ballot of this seat no longer counts."""
    seat = _held(case, command.reviewer_id)
    if seat.state != "ACCEPTED":
        raise Refused(_("你还没有接受邀请，可以直接谢绝"))
    _check_code(command.code, command.text)
    return _leave(case, seat, "RECUSED", command.code, command.text, now)


def remove_reviewer(case: Case, command: RemoveReviewer, now: datetime) -> tuple[Event, ...]:
    """RECUSAL why=REMOVED, with the operator's reason on record."""
    seat = case.seat_of(command.reviewer_id)
    if seat is None or case.state not in SEATED:
        raise Refused(_("这位评审员现在不在本案的评审席上，或者投票已经结束"))
    _check_code(command.code, command.text)
    if not command.text.strip():
        raise BadInput("text", _("请写明理由"))
    return _leave(case, seat, "REMOVED", command.code, command.text, now)


def replace_silent(case: Case, now: datetime) -> tuple[Event, ...]:
    """The invitations ran out: whoever did not answer leaves, the next reserves are invited."""
    gone: tuple[Event, ...] = ()
    for seat in case.seats:
        if seat.state == "INVITED":
            left = Recusal(seat=seat.number, reviewer_id=seat.reviewer_id, why="SILENT")
            gone = (*gone, left, *_step_in(_after(case, gone, now), seat))
    if any(isinstance(event, SeatFilled) for event in gone):
        return (*gone, start_clock("SEATING", now, case.claim.rules_version))
    return with_consequence(case, gone, now)


def close_voting(case: Case, why: str) -> VotingClosed:
    """The sealed ballots that count, by seat; exactly these are opened."""
    ballots = sorted(case.ballots, key=lambda ballot: ballot.seat)
    return VotingClosed(
        why=why,
        seats=tuple(ballot.seat for ballot in ballots),
        slips=tuple(ballot.slip for ballot in ballots),
        round=case.round.number,
    )


def with_consequence(case: Case, events: tuple[Event, ...], now: datetime) -> tuple[Event, ...]:
    """The events, and what follows at once from the seats as they leave them."""
    after = _after(case, events, now)
    if any(seat.state == "INVITED" for seat in after.seats):
        invited = any(isinstance(event, SeatFilled) for event in events)
        return (*events, *(_more_time(after, now) if invited else ()))
    return (*events, *_all_answered(after, now))


def _all_answered(case: Case, now: datetime) -> tuple[Event, ...]:
    sitting = [seat for seat in case.seats if seat.state == "ACCEPTED"]
    if len(sitting) < quorum(len(case.seats)):
        return (PanelVoided(reason="POOL_EXHAUSTED", text=_("候补评审员已用完，席位不足。")),)
    if all(case.has_voted(seat.number) for seat in sitting):
        return (close_voting(case, "ALL_VOTED"),)
    if case.state == "SEATING":
        return (start_clock("DELIBERATION", now, case.claim.rules_version, case.track),)
    return ()


def _more_time(case: Case, now: datetime) -> tuple[Event, ...]:
    """Whoever steps in late gets a fair rest of the period; the version says how much."""
    version = case.claim.rules_version
    least = VERSIONS[version].clocks[f"{case.state}/REPLACED"]
    if case.clock and moment(case.clock.due_at) - now >= least:
        return ()
    return (start_clock(case.state, now, version, "REPLACED"),)


def _leave(
    case: Case, seat: SeatNow, why: str, code: str, text: str, now: datetime
) -> tuple[Event, ...]:
    left = Recusal(seat.number, seat.reviewer_id, why, code, text.strip())
    return with_consequence(case, (left, *_step_in(case, seat)), now)


def _step_in(case: Case, seat: SeatNow) -> tuple[Event, ...]:
    """The first of the stratum's reserves who has not been on this panel yet; none: vacant."""
    assert case.drawn is not None, "a seat without a draw"
    known = {s.reviewer_id for s in case.seats} | {x.reviewer_id for x in case.round.recusals}
    for place, reviewer_id in enumerate(case.drawn.reserves.get(seat.stratum, ())):
        if reviewer_id not in known:
            return (SeatFilled(seat.number, reviewer_id, seat.stratum, place),)
    return ()


def _after(case: Case, events: tuple[Event, ...], now: datetime) -> Case:
    return fold(((event, stamp(now)) for event in events), case)


def _held(case: Case, reviewer_id: str) -> SeatNow:
    seat = case.seat_of(reviewer_id)
    if seat is None:
        raise Refused(_("你不在本案的评审席上"))
    if case.state not in SEATED:
        raise Refused(_("投票已经结束"))
    return seat


def _check_code(code: str, text: str) -> None:
    if code not in Conflict.__members__:
        raise BadInput("code", _("请从列表里选"))
    if len(text) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)
