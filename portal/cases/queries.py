"""A case as one person may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger import leaf_digest
from portal.access import Actor
from portal.cases.access import side_of, visible_row
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import (
    ClockExpired,
    ClockStarted,
    Event,
    EvidenceSealed,
    OfferSealed,
    RefundState,
    code_of,
)
from portal.history import History, load
from portal.streams import case_stream
from portal.words import REASONS


@dataclass(frozen=True)
class SeenCase:
    """A case with the side from which it is seen: BUYER, MERCHANT, REVIEWER, PLATFORM, OFFICE."""

    case: Case
    side: str

    @property
    def title(self) -> str:
        """The first product; its reason stands beside it, translated by the page."""
        return self.case.claim.lines[0].title

    @property
    def reason(self) -> str:
        return REASONS[self.case.claim.reason_code]

    @property
    def offer(self) -> OfferSealed | None:
        """What was offered in negotiation; a panel never learns of it."""
        return None if self.side == "REVIEWER" else self.case.offer

    @property
    def answer(self) -> str:
        """How the merchant answered; that there was an offer is negotiation too."""
        given = self.case.response.answer if self.case.response else ""
        return "" if self.side == "REVIEWER" and given == "OFFER" else given

    def exhibit(self, number: str) -> EvidenceSealed:
        """Raises NotFound."""
        for exhibit in self.case.exhibits:
            if exhibit.number == number:
                return exhibit
        raise NotFound(_("本案没有这件凭证"))


@dataclass(frozen=True)
class CaseStory:
    """A case with the times of its events and the place of its first entry in the ledger.

    `times` holds the newest time of each event code; clocks and refunds are told apart by what
    they are: "CLOCK_STARTED/BUYER_DECIDE", "REFUND_STATE/SUCCESS".
    """

    seen: SeenCase
    times: Mapping[str, str]
    index: int
    digest: str

    def at(self, code: str) -> str | None:
        return self.times.get(code)


def seen_case(session: AnySession, actor: Actor, case_no: str) -> SeenCase:
    """Raises NotFound for a case that does not exist or is not this actor's."""
    return case_story(session, actor, case_no).seen


def case_story(session: AnySession, actor: Actor, case_no: str) -> CaseStory:
    """Raises NotFound for a case that does not exist or is not this actor's."""
    visible_row(session, actor, case_no)
    history = load(session, case_stream(case_no))
    case = fold(history.events)
    return CaseStory(
        seen=SeenCase(case, side_of(actor, case)),
        times=_times(history),
        index=history.entries[0].index,
        digest=leaf_digest(history.entries[0].raw.encode()).hex(),
    )


def _times(history: History) -> dict[str, str]:
    return {_name(event): at for event, at in history.events}


def _name(event: Event) -> str:
    if isinstance(event, ClockStarted | ClockExpired):
        return f"{code_of(event)}/{event.clock}"
    if isinstance(event, RefundState):
        return f"{code_of(event)}/{event.state}"
    return code_of(event)
