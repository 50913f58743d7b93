"""A case as one person may see it."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import Actor
from portal.cases.access import AnySession, side_of, visible_case
from portal.cases.state import Case
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import EvidenceSealed, OfferSealed
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


def seen_case(session: AnySession, actor: Actor, case_no: str) -> SeenCase:
    """Raises NotFound for a case that does not exist or is not this actor's."""
    case = visible_case(session, actor, case_no)
    return SeenCase(case, side_of(actor, case))
