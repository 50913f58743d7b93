"""What a side wishes after a ruling, put together for pages and programs alike."""

from __future__ import annotations

from portal.access import Actor
from portal.appeals.commands import AcceptRuling, AnswerAppeal, FileAppeal
from portal.cases.queries import SeenCase, seen_case
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.recorder import Receipt

PARTIES = ("BUYER", "MERCHANT")


def own_case(house: House, actor: Actor, case_no: str) -> SeenCase:
    """The case of a party. Raises NotFound for everybody else."""
    with house.sessions() as session:
        seen = seen_case(session, actor, case_no)
    if seen.side not in PARTIES:
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
    return seen


def accept(house: House, actor: Actor, case_no: str, wish: str) -> Receipt:
    """RULING_ACCEPTED, and the orders with the last acceptance; `wish` is the command id."""
    command = AcceptRuling(case_no, own_case(house, actor, case_no).side)
    return house.recorder.record(command, by=by(actor), command_id=wish)


def appeal(house: House, actor: Actor, case_no: str, ground: str, text: str, wish: str) -> Receipt:
    """APPEAL_FILED with the clock of the other side's answer. Raises Refused, BadInput."""
    command = FileAppeal(case_no, own_case(house, actor, case_no).side, ground, text.strip())
    return house.recorder.record(command, by=by(actor), command_id=wish)


def answer(house: House, actor: Actor, case_no: str, text: str, wish: str) -> Receipt:
    """APPEAL_ANSWERED; fresh seats are drawn at once. Raises Refused, BadInput."""
    command = AnswerAppeal(case_no, own_case(house, actor, case_no).side, text.strip())
    return house.recorder.record(command, by=by(actor), command_id=wish)
