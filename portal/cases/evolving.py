"""How each event changes a case: a pure fold, one small function an event.

A wait is a state that begins with its clock; whatever ends the wait ends the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from portal import events as e
from portal.cases.state import Appeal, Case, Round, SeatNow
from portal.obligations import evolving as obligations
from portal.refunds.state import Movement, Word
from portal.returns import evolving as returns

# The states that a clock opens; other clocks run beside the state that another event set.
WAITS = {
    "SEATING": "SEATING",
    "DELIBERATION": "DELIBERATION",
    "OFFICER_DECIDE": "OFFICER",
    "APPRAISAL": "APPRAISAL",
    "APPEAL_WINDOW": "APPEAL_WINDOW",
    "APPEAL_EVIDENCE": "APPEALED",
    "CONFIRM_STATUTORY": "REFUNDING",
}


def _filed(case: Case, event: e.CaseFiled, at: str) -> Case:
    return replace(case, filed=event, filed_at=at, state="AWAITING_RESPONDENT")


def _exhibit(case: Case, event: e.EvidenceSealed, at: str) -> Case:
    return replace(case, exhibits=(*case.exhibits, event))


def _clock(case: Case, event: e.ClockStarted, at: str) -> Case:
    until = event.due_at if event.clock == "APPEAL_WINDOW" else case.appeal_until
    if event.clock == "DELIBERATION":
        case = _round(case, vote_until=event.due_at)
    state = WAITS.get(event.clock, case.state)
    return replace(case, clock=event, state=state, appeal_until=until)


def _expired(case: Case, event: e.ClockExpired, at: str) -> Case:
    to_panel = event.clock in ("BUYER_DECIDE", "APPEAL_EVIDENCE")
    return replace(case, clock=None, state="PANEL_DRAW" if to_panel else case.state)


def _answered(case: Case, event: e.ResponseFiled, at: str) -> Case:
    state = "PANEL_DRAW" if event.answer == "DENY" else case.state
    return replace(case, response=event, clock=None, state=state)


def _offered(case: Case, event: e.OfferSealed, at: str) -> Case:
    return replace(case, offer=event, state="NEGOTIATION")


def _declined(case: Case, event: e.OfferDeclined, at: str) -> Case:
    return replace(case, offer_declined=True, clock=None, state="PANEL_DRAW")


def _settled(case: Case, event: e.SettlementReached, at: str) -> Case:
    return replace(case, clock=None)


def _track(case: Case, event: e.TrackAssigned, at: str) -> Case:
    return replace(case, track=event.track, track_chosen=True)


def _round(case: Case, **changes: object) -> Case:
    return replace(case, round=replace(case.round, **changes))  # type: ignore[arg-type]


def _called(case: Case, event: e.PanelCalled, at: str) -> Case:
    return _round(case, called=event, called_at=at, number=event.round, kind=event.kind)


def _drawn(case: Case, event: e.PanelDrawn, at: str) -> Case:
    seats = tuple(SeatNow(s.number, s.stratum, s.reviewer_id) for s in event.seats)
    return _round(case, drawn=event, drawn_at=at, seats=seats)


def _on_seat(case: Case, seat: int, **changes: str) -> tuple[SeatNow, ...]:
    return tuple(replace(s, **changes) if s.number == seat else s for s in case.seats)


def _accepted_seat(case: Case, event: e.SeatAccepted, at: str) -> Case:
    return _round(case, seats=_on_seat(case, event.seat, state="ACCEPTED"))


def _recused(case: Case, event: e.Recusal, at: str) -> Case:
    return _round(
        case,
        seats=_on_seat(case, event.seat, state="VACANT", reviewer_id=""),
        ballots=tuple(b for b in case.ballots if b.seat != event.seat),
        recusals=(*case.round.recusals, event),
    )


def _seat_filled(case: Case, event: e.SeatFilled, at: str) -> Case:
    who = {"state": "INVITED", "reviewer_id": event.reviewer_id}
    return _round(case, seats=_on_seat(case, event.seat, **who))


def _voted(case: Case, event: e.BallotCommitted, at: str) -> Case:
    return _round(case, ballots=(*case.ballots, event))


def _closed_voting(case: Case, event: e.VotingClosed, at: str) -> Case:
    closed = _round(case, voting_closed=event)
    return replace(closed, clock=None, state="TALLY")


def _peeled(case: Case, event: e.BallotsPeeled, at: str) -> Case:
    return _round(case, peeled=(*case.round.peeled, event))


def _delayed(case: Case, event: e.OpeningDelayed, at: str) -> Case:
    return _round(case, delayed=event)


def _noted(case: Case, event: e.Event, at: str) -> Case:
    """On record, without consequence for the case itself."""
    return case


def _revealed(case: Case, event: e.BallotRevealed, at: str) -> Case:
    return _round(case, revealed=(*case.revealed, event))


def _tallied(case: Case, event: e.TallyClosed, at: str) -> Case:
    """What could be opened after all need not be given up any more."""
    return replace(_round(case, tally=event), void_proposed=None)


def _void_proposed(case: Case, event: e.VoidProposed, at: str) -> Case:
    return replace(case, void_proposed=event)


def _voided(case: Case, event: e.PanelVoided, at: str) -> Case:
    """An appeal's panel is drawn again as an appeal's, and the ruling it looks at stands till then;
    the ruling of any other voided panel is gone, and with it an appeal against it."""
    if case.state == "APPEALED":
        case = _without_appeal(case)
    ended = replace(case.round, voided=event, voided_at=at)
    appealed = case.round.kind == "APPEAL"
    return replace(
        case,
        earlier=(*case.earlier, ended),
        round=Round(number=ended.number + 1, kind="APPEAL" if appealed else "REDRAW"),
        void_proposed=None,
        ruling=case.ruling if appealed else None,
        ruled_at=case.ruled_at if appealed else "",
        statutory=case.statutory if appealed else None,
        accepted=frozenset(),
        clock=None,
        state="PANEL_DRAW",
    )


def _without_appeal(case: Case) -> Case:
    """Back to the panel that was appealed; the appeal's own was never called."""
    appealed = case.earlier[-1]
    assert appealed.called is not None, "an appeal against a panel that was never called"
    track = appealed.called.track
    return replace(case, appeal=None, round=appealed, earlier=case.earlier[:-1], track=track)


def _ruled(case: Case, event: e.RulingIssued, at: str) -> Case:
    """What an officer confirmed holds on only if the new ruling owes the same."""
    ruled = _round(case, ruling=event, ruled_at=at)
    same = case.ruling is not None and case.ruling.owed == event.owed
    return replace(
        ruled,
        ruling=event,
        ruled_at=at,
        statutory=case.statutory if same else None,
        accepted=frozenset(),
        clock=None,
    )


def _confirmed(case: Case, event: e.StatutoryConfirmed, at: str) -> Case:
    waited = case.clock is not None and case.clock.clock == "CONFIRM_STATUTORY"
    clock = None if waited else case.clock
    return obligations.carrying_out(replace(case, statutory=event, clock=clock))


def _agreed(case: Case, event: e.RulingAccepted, at: str) -> Case:
    return replace(case, accepted=case.accepted | {event.side})


def _appealed(case: Case, event: e.AppealFiled, at: str) -> Case:
    return replace(
        case,
        appeal=Appeal(event),
        earlier=(*case.earlier, case.round),
        round=Round(number=case.round.number + 1, kind="APPEAL"),
        track="APPEAL",
        clock=None,
        state="APPEALED",
    )


def _appeal_answered(case: Case, event: e.AppealAnswered, at: str) -> Case:
    assert case.appeal is not None, "an answer to no appeal"
    answered = replace(case.appeal, answer=event)
    return replace(case, appeal=answered, clock=None, state="PANEL_DRAW")


def _appraisal(case: Case, event: e.AppraisalOrdered, at: str) -> Case:
    return replace(case, appraisal=event, clock=None)


def _appraised(case: Case, event: e.AppraisalReceived, at: str) -> Case:
    return replace(case, appraised=event, clock=None)


def _ordered(case: Case, event: e.ExecutionOrdered, at: str) -> Case:
    """Compensation does not wait for the goods, and does not end the wait for them."""
    movement = Movement(order=event, ordered_at=at, waiting=event.return_first)
    moving = replace(case, movements=(*case.movements, movement))
    if case.state in obligations.GOODS_COME_FIRST:
        return moving
    clock = case.clock if case.state in ("REFUNDING", "FULFILLING") else None
    state = "AWAITING_RETURN" if event.return_first else "REFUNDING"
    return replace(moving, clock=clock, state=state)


def _shipped(case: Case, event: e.ReturnShipped, at: str) -> Case:
    return replace(case, shipped=event, clock=None, state="RETURNING")


def _received(case: Case, event: e.ReturnReceived, at: str) -> Case:
    freed = tuple(replace(m, waiting=False) for m in case.movements)
    back = replace(case, received=event, received_at=at, movements=freed)
    return replace(back, clock=None, state="REFUNDING")


def _refund(case: Case, event: e.RefundState, at: str) -> Case:
    """Money that came back after all opens the case again."""
    moved = _movement(case, event.refund_no, lambda m: replace(m, states=(*m.states, (event, at))))
    waited = any(m.refund_no == event.refund_no and m.waiting for m in case.movements)
    if event.state == "CANCELLED" and waited:
        moved = replace(moved, clock=None, state="REFUNDING")
    if event.state == "REVERSED":
        return replace(moved, closed=None, state="REFUNDING")
    return obligations.carrying_out(moved)


def _approved(case: Case, event: e.MoneyApproved, at: str) -> Case:
    return _movement(
        case, event.refund_no, lambda m: replace(m, approvals=m.approvals | {event.approver})
    )


def _questioned(case: Case, event: e.ArrivalQuestioned, at: str) -> Case:
    return _movement(case, event.refund_no, lambda m: replace(m, questioned_at=at))


def _item_resolved(case: Case, event: e.ItemResolved, at: str) -> Case:
    """An operator's answer to a payee who does not find the money; other items change nothing."""
    if event.kind != "PAST_PROMISE":
        return case
    return _movement(case, event.subject, lambda m: replace(m, answer=event.text, answered_at=at))


def _recouped(case: Case, event: e.RecoupRecorded, at: str) -> Case:
    return _movement(case, event.refund_no, lambda m: replace(m, recoups=(*m.recoups, (event, at))))


def _returned(case: Case, event: e.RecoupState, at: str) -> Case:
    return _movement(case, event.refund_no, lambda m: replace(m, returns=(*m.returns, (event, at))))


def _overridden(case: Case, event: e.MoneyOverridden, at: str) -> Case:
    return _movement(
        case,
        event.refund_no,
        lambda m: replace(m, words=(*m.words, Word(event, len(m.states)))),
    )


def _movement(case: Case, refund_no: str, change: Callable[[Movement], Movement]) -> Case:
    changed = tuple(change(m) if m.refund_no == refund_no else m for m in case.movements)
    return replace(case, movements=changed)


def _closed(case: Case, event: e.CaseClosed, at: str) -> Case:
    state = "EXECUTED" if event.reason == "EXECUTED" else "CLOSED"
    return replace(case, closed=event, clock=None, state=state)


EVOLVE: dict[type[e.Event], Callable[..., Case]] = {
    e.CaseFiled: _filed,
    e.EvidenceSealed: _exhibit,
    e.ClockStarted: _clock,
    e.ClockExpired: _expired,
    e.ResponseFiled: _answered,
    e.OfferSealed: _offered,
    e.OfferDeclined: _declined,
    e.SettlementReached: _settled,
    e.TrackAssigned: _track,
    e.PanelCalled: _called,
    e.PanelDrawn: _drawn,
    e.SeatAccepted: _accepted_seat,
    e.Recusal: _recused,
    e.SeatFilled: _seat_filled,
    e.BallotCommitted: _voted,
    e.VotingClosed: _closed_voting,
    e.BallotsPeeled: _peeled,
    e.TrusteeFailed: _noted,
    e.OpeningDelayed: _delayed,
    e.BallotRevealed: _revealed,
    e.TallyClosed: _tallied,
    e.VoidProposed: _void_proposed,
    e.PanelVoided: _voided,
    e.RulingIssued: _ruled,
    e.StatutoryConfirmed: _confirmed,
    e.RulingAccepted: _agreed,
    e.AppealFiled: _appealed,
    e.AppealAnswered: _appeal_answered,
    e.AppraisalOrdered: _appraisal,
    e.AppraisalReceived: _appraised,
    e.ExecutionOrdered: _ordered,
    e.ReturnShipped: _shipped,
    e.ReturnReceived: _received,
    e.ReturnContested: returns.contested,
    e.ReturnAnswered: returns.answered,
    e.CarrierAsked: returns.asked,
    e.ReturnJudged: returns.judged,
    e.ExecutionReduced: returns.reduced,
    e.ObligationOrdered: obligations.ordered,
    e.ObligationState: obligations.moved,
    e.RefundState: _refund,
    e.MoneyApproved: _approved,
    e.MoneyOverridden: _overridden,
    e.ArrivalQuestioned: _questioned,
    e.RecoupRecorded: _recouped,
    e.RecoupState: _returned,
    e.ItemEscalated: _noted,
    e.ItemResolved: _item_resolved,
    e.CaseClosed: _closed,
}


NEW = Case()


def fold(history: Iterable[tuple[e.Event, str]], start: Case = NEW) -> Case:
    """The case after (event, recorded time) pairs in ledger order."""
    case = start
    for event, at in history:
        case = EVOLVE[type(event)](case, event, at)
    return case
