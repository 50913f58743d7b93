"""A case as the sum of its events: the value that every rule starts from (evolving.py adds up).

AWAITING_RESPONDENT -> NEGOTIATION -> PANEL_DRAW -> SEATING -> DELIBERATION -> TALLY
                   \\-> (settled, default)                                       |
          OFFICER <-> APPRAISAL   <- (nothing decided) -------------------------+
             |                                                                  v
             +----> APPEAL_WINDOW -> APPEALED -> PANEL_DRAW (fresh seats, final)
                         |
                         +-> AWAITING_RETURN -> RETURNING -> REFUNDING -> EXECUTED | CLOSED

A panel that is voided, or whose ruling is appealed, moves to `earlier`; the next one starts empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import events as e
from portal.words import REFUNDS, STATUTORY


@dataclass(frozen=True)
class SeatNow:
    """Who sits on a seat now. `state`: INVITED, ACCEPTED, or VACANT when nobody steps in."""

    number: int
    stratum: str
    reviewer_id: str
    state: str = "INVITED"


@dataclass(frozen=True)
class Round:
    """One panel and what became of it. `None` and empty mean: has not happened."""

    number: int = 1
    kind: str = "FIRST"  # FIRST, REDRAW, APPEAL
    called: e.PanelCalled | None = None
    drawn: e.PanelDrawn | None = None
    seats: tuple[SeatNow, ...] = ()
    recusals: tuple[e.Recusal, ...] = ()
    ballots: tuple[e.BallotCommitted, ...] = ()
    voting_closed: e.VotingClosed | None = None
    peeled: tuple[e.BallotsPeeled, ...] = ()
    delayed: e.OpeningDelayed | None = None
    revealed: tuple[e.BallotRevealed, ...] = ()
    tally: e.TallyClosed | None = None
    ruling: e.RulingIssued | None = None
    ruled_at: str = ""
    voided: e.PanelVoided | None = None


@dataclass(frozen=True)
class Appeal:
    filed: e.AppealFiled
    answer: e.AppealAnswered | None = None


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
    round: Round = Round()
    earlier: tuple[Round, ...] = ()
    void_proposed: e.VoidProposed | None = None
    appraisal: e.AppraisalOrdered | None = None
    appraised: e.AppraisalReceived | None = None
    statutory: e.StatutoryConfirmed | None = None
    accepted: frozenset[str] = frozenset()  # sides that will not appeal
    appeal: Appeal | None = None
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

    @property
    def called(self) -> e.PanelCalled | None:
        return self.round.called

    @property
    def drawn(self) -> e.PanelDrawn | None:
        return self.round.drawn

    @property
    def seats(self) -> tuple[SeatNow, ...]:
        return self.round.seats

    @property
    def ballots(self) -> tuple[e.BallotCommitted, ...]:
        return self.round.ballots

    @property
    def voting_closed(self) -> e.VotingClosed | None:
        return self.round.voting_closed

    @property
    def revealed(self) -> tuple[e.BallotRevealed, ...]:
        return self.round.revealed

    @property
    def tally(self) -> e.TallyClosed | None:
        return self.round.tally

    def seat_of(self, reviewer_id: str) -> SeatNow | None:
        """The seat that this reviewer holds now."""
        return next((s for s in self.seats if s.reviewer_id == reviewer_id), None)

    def has_voted(self, seat: int) -> bool:
        return any(b.seat == seat for b in self.ballots)

    @property
    def sat_before(self) -> frozenset[str]:
        """Everybody who was ever seated or invited in this case, so that fresh seats are fresh."""
        rounds = (*self.earlier, self.round)
        seated = {s.reviewer_id for r in rounds for s in r.seats}
        return frozenset(seated | {x.reviewer_id for r in rounds for x in r.recusals})

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
