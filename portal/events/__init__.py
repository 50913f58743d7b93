"""Everything that can happen, as frozen values. One class is one entry type of the ledger.

The codes are those of the vocabulary's list 5.9. Added to it, each with its reason: ORDER_RECORDED
and LIVESTREAM_RECORDED (what the platform handed over must be provable too); the pool's own events
(the pool must be rebuildable at any moment); TRACK_ASSIGNED; PANEL_CALLED (fixes pool and
exclusions before the seed exists); SEAT_ACCEPTED and SEAT_FILLED (who judged must be known when
one steps in for another); VOTING_CLOSED (ballots may be opened only after it); the trustees'
events (who held a key, and what each did with it); PANEL_VOIDED; the steps of an appeal, of an
officer and of an appraisal; the integrity docket; OFFER_DECLINED, RETURN_SHIPPED, RETURN_RECEIVED
and CASE_CLOSED (a case's money waits for the first two, its history ends with the last);
MONEY_APPROVED, MONEY_OVERRIDDEN and CONTROL_SET (who let money go, or stopped it, and why);
RECONCILED, DIFFERENCE_CLOSED, ITEM_ESCALATED and ITEM_RESOLVED (a day held against the bill; what
was looked into, or left lying); the events of events/obligations.py (a contested return decides
about money, and what is owed in kind must be seen to be done); DEPOSIT_SET, RECOUP_RECORDED and
RECOUP_STATE (whose money a movement was, and how it came back).

The fields of an event become the entry's disclosures (RFC 9901): each top-level field can be shown
and proven alone, so a field never mixes what everybody may see with what only the parties may.
Times are RFC 3339 UTC texts, money is integer fen, offsets into a replay are milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from portal.events.books import DepositSet, RecoupRecorded, RecoupState
from portal.events.claims import (
    CaseFiled,
    ClockExpired,
    ClockStarted,
    EvidenceSealed,
    LivestreamRecorded,
    OfferDeclined,
    OfferSealed,
    OrderRecorded,
    ResponseFiled,
    SettlementReached,
)
from portal.events.execution import (
    ArrivalQuestioned,
    CaseClosed,
    ControlSet,
    ExecutionOrdered,
    MoneyApproved,
    MoneyOverridden,
    RefundState,
    ReturnReceived,
    ReturnShipped,
)
from portal.events.integrity import IntegrityAnswered, IntegrityDecided, IntegrityReported
from portal.events.money import DifferenceClosed, ItemEscalated, ItemResolved, Reconciled
from portal.events.obligations import (
    CarrierAsked,
    ExecutionReduced,
    ObligationOrdered,
    ObligationState,
    ReturnAnswered,
    ReturnContested,
    ReturnJudged,
)
from portal.events.panels import (
    BallotCommitted,
    BallotRevealed,
    BallotsPeeled,
    OpeningDelayed,
    PanelCalled,
    PanelDrawn,
    PanelVoided,
    Recusal,
    SeatAccepted,
    SeatFilled,
    TallyClosed,
    TrackAssigned,
    TrusteeEnrolled,
    TrusteeFailed,
    TrusteeRetired,
    VoidProposed,
    VotingClosed,
)
from portal.events.pool import (
    NewReviewer,
    PracticeJudged,
    ReviewerChanged,
    ReviewerEnrolled,
    ReviewersImported,
    ReviewerStateSet,
)
from portal.events.rulings import (
    AppealAnswered,
    AppealFiled,
    AppraisalOrdered,
    AppraisalReceived,
    RulingAccepted,
    RulingIssued,
    StatutoryConfirmed,
)
from portal.events.values import (
    ArrivalPromise,
    CitedPromise,
    Claimed,
    Contest,
    Event,
    FileRef,
    Funding,
    OrderLine,
    Owed,
    Payment,
    Reason,
    Remedy,
    Seat,
    TrusteeKey,
    Value,
)

EVENTS: dict[str, type[Event]] = {
    str(kind.__struct_config__.tag): kind for kind in Event.__subclasses__()
}


# msgspec works out how to read a type at its first use, and of two threads that begin at once one
# reads the other's unfinished work and brings the process down (0.22). Here is one thread.
_READERS = {code: msgspec.json.Decoder(kind) for code, kind in EVENTS.items()}


class UnknownEvent(Exception):
    """An entry type that this version does not know: the projection stops rather than guesses."""


def fields_of(event: Event) -> dict[str, object]:
    """The event's fields as JSON values, without its type."""
    built = msgspec.to_builtins(event)
    built.pop("type")
    return built


def code_of(event: Event) -> str:
    return str(event.__struct_config__.tag)


def event_from(code: str, fields: Mapping[str, object]) -> Event:
    """The event of an entry. Raises UnknownEvent; msgspec.ValidationError if a field is off."""
    kind = EVENTS.get(code)
    if kind is None:
        raise UnknownEvent(code)
    return msgspec.convert({"type": code, **fields}, kind)
