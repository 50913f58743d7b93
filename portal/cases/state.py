"""A case as the sum of its events: the value that every rule starts from (evolving.py adds up).

AWAITING_RESPONDENT -> NEGOTIATION -> PANEL_DRAW -> SEATING -> DELIBERATION -> TALLY
                   \\-> (settled, default)                                       |
          OFFICER <-> APPRAISAL   <- (nothing decided) -------------------------+
             |                                                                  v
             +----> APPEAL_WINDOW -> APPEALED -> PANEL_DRAW (fresh seats, final)
                         |
                         +-> AWAITING_RETURN -> RETURNING -> REFUNDING -> EXECUTED | CLOSED
                         |                          \\-> RETURN_DISPUTED -^
                         +-> FULFILLING (in kind) -> EXECUTED | CLOSED

A panel that is voided, or whose ruling is appealed, moves to `earlier`; the next one starts empty.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import events as e
from portal.obligations.state import Obligation
from portal.refunds.state import Movement
from portal.returns.state import ReturnDispute
from portal.words import REFUNDS, STATUTORY

APPEALABLE = ("PANEL", "OFFICER")  # an appeal's ruling is final; the others follow from the sides
TURNS = {
    "AWAITING_RESPONDENT": "MERCHANT",
    "NEGOTIATION": "BUYER",
    "AWAITING_RETURN": "BUYER",
    "RETURNING": "MERCHANT",
}
LOSERS = {"UPHELD": ("MERCHANT",), "REJECTED": ("BUYER",)}


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
    called_at: str = ""
    drawn: e.PanelDrawn | None = None
    drawn_at: str = ""
    seats: tuple[SeatNow, ...] = ()
    recusals: tuple[e.Recusal, ...] = ()
    ballots: tuple[e.BallotCommitted, ...] = ()
    vote_until: str = ""  # deadline of the vote; empty while seats are still being taken
    voting_closed: e.VotingClosed | None = None
    peeled: tuple[e.BallotsPeeled, ...] = ()
    delayed: e.OpeningDelayed | None = None
    revealed: tuple[e.BallotRevealed, ...] = ()
    tally: e.TallyClosed | None = None
    ruling: e.RulingIssued | None = None
    ruled_at: str = ""
    voided: e.PanelVoided | None = None
    voided_at: str = ""


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
    track_chosen: bool = False  # by an officer, or by the rules when the panel was called
    round: Round = Round()
    earlier: tuple[Round, ...] = ()
    void_proposed: e.VoidProposed | None = None
    appraisal: e.AppraisalOrdered | None = None
    appraised: e.AppraisalReceived | None = None
    statutory: e.StatutoryConfirmed | None = None
    accepted: frozenset[str] = frozenset()  # sides that will not appeal
    appeal: Appeal | None = None
    appeal_until: str = ""  # when the window for an appeal closes or closed
    ruling: e.RulingIssued | None = None
    ruled_at: str = ""
    movements: tuple[Movement, ...] = ()
    shipped: e.ReturnShipped | None = None
    received: e.ReturnReceived | None = None
    received_at: str = ""
    dispute: ReturnDispute | None = None  # over the goods that came back
    obligations: tuple[Obligation, ...] = ()
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

    @property
    def losers(self) -> tuple[str, ...]:
        """The sides that the ruling denies something: they may have it looked at again."""
        if self.ruling is None or self.ruling.basis not in APPEALABLE:
            return ()
        return LOSERS.get(self.ruling.outcome, ("BUYER", "MERCHANT"))

    def may_appeal(self, side: str) -> bool:
        """Whether this side may appeal or accept now; the deadline itself is the rule's."""
        waits = self.state == "APPEAL_WINDOW" and side not in self.accepted
        return waits and self.appeal is None and side in self.losers

    def ends_with(self, side: str) -> bool:
        """Whether this side's acceptance is the last one that the ruling waits for."""
        return set(self.losers) <= self.accepted | {side}

    @property
    def turn(self) -> str:
        """The party that may act now: BUYER, MERCHANT, BOTH, or nobody."""
        if self.state == "APPEAL_WINDOW":
            left = [side for side in self.losers if side not in self.accepted]
            return "BOTH" if len(left) > 1 else "".join(left)
        if self.state == "APPEALED" and self.appeal:
            return "MERCHANT" if self.appeal.filed.side == "BUYER" else "BUYER"
        if self.state in ("REFUNDING", "FULFILLING"):
            owing = {o.turn for o in self.obligations} & {"BUYER", "MERCHANT"}
            return "BOTH" if len(owing) > 1 else "".join(owing)
        if self.state == "RETURN_DISPUTED":
            return "BUYER" if self.clock and self.clock.clock == "RETURN_ANSWER" else ""
        return TURNS.get(self.state, "")

    @property
    def needs_confirmation(self) -> bool:
        """A statutory sum was granted and no officer has said yes or no yet."""
        owed = self.ruling.owed if self.ruling else ()
        return self.statutory is None and any(not each.confirmed for each in owed)

    @property
    def officer(self) -> str:
        """What an officer owes this case: DECIDE, RESULT (of an appraisal), RETURN (a contested
        one), CONFIRM, OBLIGATION (whether it is met), or nothing."""
        wanted = {"OFFICER": "DECIDE", "APPRAISAL": "RESULT"}.get(self.state, "")
        if self.clock and self.clock.clock == "RETURN_JUDGE":
            wanted = "RETURN"
        disputed = any(o.turn == "OFFICER" for o in self.obligations)
        confirm = "CONFIRM" if self.needs_confirmation else ""
        return wanted or confirm or ("OBLIGATION" if disputed else "")

    @property
    def order(self) -> e.ExecutionOrdered | None:
        """The refund that a ruling ordered, if it ordered one."""
        refund = self.movement_on("REFUND")
        return refund.order if refund else None

    @property
    def refund(self) -> e.RefundState | None:
        """How far the refund has come with its provider."""
        refund = self.movement_on("REFUND")
        return refund.last if refund and refund.calls else None

    def movement_on(self, rail: str) -> Movement | None:
        return next((m for m in self.movements if m.order.rail == rail), None)

    def movement(self, refund_no: str) -> Movement | None:
        return next((m for m in self.movements if m.refund_no == refund_no), None)

    def obligation(self, number: str) -> Obligation | None:
        return next((o for o in self.obligations if o.number == number), None)

    def seat_of(self, reviewer_id: str) -> SeatNow | None:
        """The seat that this reviewer holds now."""
        held = (s for s in self.seats if s.reviewer_id and s.reviewer_id == reviewer_id)
        return next(held, None)

    def has_voted(self, seat: int) -> bool:
        return any(b.seat == seat for b in self.ballots)

    @property
    def sat_before(self) -> frozenset[str]:
        """Everybody who was ever seated or invited in this case, so that fresh seats are fresh."""
        rounds = (*self.earlier, self.round)
        seated = {s.reviewer_id for r in rounds for s in r.seats if s.reviewer_id}
        return frozenset(seated | {x.reviewer_id for r in rounds for x in r.recusals})

    @property
    def todo(self) -> str:
        """What the system itself owes this case now; empty when people are to act. Money has
        duties of its own, one a movement: it may move long after the case is closed."""
        return {"PANEL_DRAW": "SEAT", "TALLY": "OPEN"}.get(self.state, "")


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
