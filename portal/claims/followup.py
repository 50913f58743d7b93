"""What a buyer does with a filed claim: decide on an offer."""

from __future__ import annotations

from portal.access import Actor
from portal.cases.access import side_of, visible_case
from portal.claims.commands import DecideOffer
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.recorder import Receipt


def decide(house: House, actor: Actor, case_no: str, accept: bool, text: str, wish: str) -> Receipt:
    """Accept or decline the merchant's offer; `wish` is the command id."""
    _check_own(house, actor, case_no)
    command = DecideOffer(case_no, accept, text.strip())
    return house.recorder.record(command, by=by(actor), command_id=wish)


def _check_own(house: House, actor: Actor, case_no: str) -> None:
    with house.sessions() as session:
        case = visible_case(session, actor, case_no)
    if side_of(actor, case) != "BUYER":
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
