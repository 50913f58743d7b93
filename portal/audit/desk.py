"""A case's records for the one who asks: the same for pages, proofs and packs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from portal.access import Actor
from portal.audit.disclosure import Reader, Rules, rules_for
from portal.audit.looking import note_look
from portal.audit.pack import write_pack
from portal.audit.proof import Proof, prove
from portal.cases.access import AnySession, side_of, visible_case
from portal.errors import NotAllowed
from portal.errors import sentence as _
from portal.history import History, load
from portal.house import House
from portal.streams import case_stream


@dataclass(frozen=True)
class Dossier:
    """A case as one reader may know it."""

    case_no: str
    history: History
    rules: Rules


def open_dossier(session: AnySession, house: House, actor: Actor, case_no: str) -> Dossier:
    """The records of a case. Raises NotFound. A look of association or operator is noted."""
    side = side_of(actor, visible_case(session, actor, case_no))
    rules = rules_for(side, history := load(session, case_stream(case_no)))
    if rules.reader is Reader.OFFICE:
        note_look(session, actor, case_no, house.clock.now())
    return Dossier(case_no, history, rules)


def prove_case(session: AnySession, house: House, actor: Actor, case_no: str) -> Proof:
    """What the reader's browser checks."""
    dossier = open_dossier(session, house, actor, case_no)
    return prove(house.log, case_stream(case_no), dossier.history, dossier.rules)


def pack_case(
    session: AnySession, house: House, actor: Actor, case_no: str, target: BinaryIO
) -> None:
    """Write the offline pack. Raises NotAllowed for those who only judge or deliver."""
    dossier = open_dossier(session, house, actor, case_no)
    if dossier.rules.reader not in (Reader.OFFICE, Reader.PARTY):
        raise NotAllowed(_("离线核验包只给当事人和消费者协会"))
    write_pack(target, house.log, case_stream(case_no), dossier.history, dossier.rules)
