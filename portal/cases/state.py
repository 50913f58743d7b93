"""A case as the sum of its events: a pure fold that every rule starts from.

AWAITING_RESPONDENT -> NEGOTIATION -> PANEL_DRAW -> DELIBERATION -> TALLY
                   \\-> (settled, default)          -> AWAITING_RETURN -> RETURNING
                                                    -> REFUNDING -> EXECUTED | CLOSED
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from portal import events as e
from portal.words import REFUNDS, STATUTORY


@dataclass(frozen=True)
class Case:
    """Everything the rules may know of one case. `None` and empty mean: has not happened."""

    state: str = "NEW"
    filed: e.CaseFiled | None = None
    filed_at: str = ""
    exhibits: tuple[e.EvidenceSealed, ...] = ()
    clock: e.ClockStarted | None = None
    response: e.ResponseFiled | None = None
    offer: e.OfferSealed | None = None
    offer_declined: bool = False
    track: str = "STANDARD"
    called: e.PanelCalled | None = None
    drawn: e.PanelDrawn | None = None
    ballots: tuple[e.BallotCommitted, ...] = ()
    voting_closed: e.VotingClosed | None = None
    revealed: tuple[e.BallotRevealed, ...] = ()
    tally: e.TallyClosed | None = None
    ruling: e.RulingIssued | None = None
    ruled_at: str = ""
    order: e.ExecutionOrdered | None = None
    shipped: e.ReturnShipped | None = None
    received: e.ReturnReceived | None = None
    refund: e.RefundState | None = None
    closed: e.CaseClosed | None = None

    @property
    def claim(self) -> e.CaseFiled:
        assert self.filed is not None, "a rule asked for the claim of a case that was never filed"
        return self.filed

    @property
    def claimed(self) -> e.Claimed:
        """The claim as the tally understands it."""
        return claimed_of(self.claim, tuple(x.number for x in self.exhibits))

    def seat_of(self, reviewer_id: str) -> e.Seat | None:
        seats = self.drawn.seats if self.drawn else ()
        return next((s for s in seats if s.reviewer_id == reviewer_id), None)

    def has_voted(self, seat: int) -> bool:
        return any(b.seat == seat for b in self.ballots)

    @property
    def todo(self) -> str:
        """What the system itself owes this case now; empty when people are to act."""
        return {"PANEL_DRAW": "SEAT", "TALLY": "OPEN", "REFUNDING": "PAY"}.get(self.state, "")


def claimed_of(claim: e.CaseFiled, exhibits: tuple[str, ...]) -> e.Claimed:
    refund = next((r for r in claim.remedies if r.code in REFUNDS), None)
    beyond = [r for r in claim.remedies if r.code not in REFUNDS]
    paid = [r.code for r in beyond if r.amount_fen]
    # One sum is voted on: a statutory part puts all of it under the stricter rule.
    basis = next((code for code in paid if code in STATUTORY), paid[0] if paid else None)
    return e.Claimed(
        remedy=refund.code if refund else beyond[0].code if beyond else "DISMISS",
        refund_fen=(refund.amount_fen or 0) if refund else 0,
        compensation_code=basis,
        compensation_fen=sum(r.amount_fen or 0 for r in beyond),
        exhibits=exhibits,
        replay_ms=claim.replay_ms,
    )


def _filed(case: Case, event: e.CaseFiled, at: str) -> Case:
    return replace(case, filed=event, filed_at=at, state="AWAITING_RESPONDENT")


def _exhibit(case: Case, event: e.EvidenceSealed, at: str) -> Case:
    return replace(case, exhibits=(*case.exhibits, event))


def _clock(case: Case, event: e.ClockStarted, at: str) -> Case:
    return replace(case, clock=event)


def _expired(case: Case, event: e.ClockExpired, at: str) -> Case:
    state = "PANEL_DRAW" if event.clock == "BUYER_DECIDE" else case.state
    return replace(case, clock=None, state=state)


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
    return replace(case, track=event.track)


def _called(case: Case, event: e.PanelCalled, at: str) -> Case:
    return replace(case, called=event)


def _drawn(case: Case, event: e.PanelDrawn, at: str) -> Case:
    return replace(case, drawn=event, state="DELIBERATION")


def _voted(case: Case, event: e.BallotCommitted, at: str) -> Case:
    return replace(case, ballots=(*case.ballots, event))


def _closed_voting(case: Case, event: e.VotingClosed, at: str) -> Case:
    return replace(case, voting_closed=event, clock=None, state="TALLY")


def _revealed(case: Case, event: e.BallotRevealed, at: str) -> Case:
    return replace(case, revealed=(*case.revealed, event))


def _tallied(case: Case, event: e.TallyClosed, at: str) -> Case:
    return replace(case, tally=event)


def _ruled(case: Case, event: e.RulingIssued, at: str) -> Case:
    return replace(case, ruling=event, ruled_at=at, clock=None)


def _ordered(case: Case, event: e.ExecutionOrdered, at: str) -> Case:
    return replace(
        case, order=event, state="AWAITING_RETURN" if event.return_first else "REFUNDING"
    )


def _shipped(case: Case, event: e.ReturnShipped, at: str) -> Case:
    return replace(case, shipped=event, clock=None, state="RETURNING")


def _received(case: Case, event: e.ReturnReceived, at: str) -> Case:
    return replace(case, received=event, clock=None, state="REFUNDING")


def _refund(case: Case, event: e.RefundState, at: str) -> Case:
    return replace(case, refund=event)


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
    e.BallotCommitted: _voted,
    e.VotingClosed: _closed_voting,
    e.BallotRevealed: _revealed,
    e.TallyClosed: _tallied,
    e.RulingIssued: _ruled,
    e.ExecutionOrdered: _ordered,
    e.ReturnShipped: _shipped,
    e.ReturnReceived: _received,
    e.RefundState: _refund,
    e.CaseClosed: _closed,
}


def fold(history: Iterable[tuple[e.Event, str]], start: Case = Case()) -> Case:
    """The case after (event, recorded time) pairs in ledger order."""
    case = start
    for event, at in history:
        case = EVOLVE[type(event)](case, event, at)
    return case
