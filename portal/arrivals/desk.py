"""The payee's word, from page or program."""

from __future__ import annotations

from portal.access import Actor
from portal.arrivals.commands import ConfirmArrival, QuestionArrival
from portal.cases.access import side_of, visible_case
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.recorder import Receipt


def say(
    house: House, actor: Actor, command: ConfirmArrival | QuestionArrival, wish: str
) -> Receipt:
    """Record it; `wish` is the command id. Raises NotFound for anybody but the case's buyer."""
    with house.sessions() as session:
        case = visible_case(session, actor, command.case_no)
    if side_of(actor, case) != "BUYER":
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
    return house.recorder.record(command, by=by(actor), command_id=wish)
