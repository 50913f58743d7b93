"""A reviewer's own ballot after the opening, beside what the record says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.access import Actor
from portal.cases.access import visible_case
from portal.cases.state import Case, Round, SeatNow
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import BallotCommitted, BallotRevealed


@dataclass(frozen=True)
class OwnBallot:
    """One seat's ballot. `revealed` is None before the opening."""

    case: Case
    panel: Round
    seat: SeatNow
    committed: BallotCommitted
    revealed: BallotRevealed | None

    @property
    def record(self) -> Mapping[str, object]:
        """For js/unseal.js: what the envelope has to agree with."""
        assert self.revealed is not None, "nothing was opened"
        return {
            "slip": self.committed.slip,
            "key": self.revealed.key,
            "ballot": self.revealed.ballot,
        }


def own_ballot(session: AnySession, actor: Actor, case_no: str) -> OwnBallot:
    """The newest ballot that the actor cast in this case, whatever panel. Raises NotFound."""
    case = visible_case(session, actor, case_no)
    for panel in (case.round, *reversed(case.earlier)):
        for seat in panel.seats:
            own = seat.reviewer_id and seat.reviewer_id == actor.reviewer_id
            if own and (found := _ballot(case, panel, seat)):
                return found
    raise NotFound(_("你还没有投票"))


def _ballot(case: Case, panel: Round, seat: SeatNow) -> OwnBallot | None:
    committed = next((one for one in panel.ballots if one.seat == seat.number), None)
    if committed is None:
        return None
    revealed = next((one for one in panel.revealed if one.seat == seat.number), None)
    return OwnBallot(case, panel, seat, committed, revealed)
