"""A case's records for the one who asks: the same for pages, proofs and packs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from ledger import write_bundle
from portal.access import Actor
from portal.audit.absence import Absence, absence_of
from portal.audit.disclosure import Reader, Rules, rules_for
from portal.audit.looking import note_look
from portal.audit.pack import Sources, pool_texts, write_pack
from portal.audit.proof import Proof, prove, publish
from portal.cases.access import side_of, visible_case, visible_row
from portal.cases.numbers import is_case_no
from portal.database import AnySession
from portal.errors import NotAllowed, NotFound
from portal.errors import sentence as _
from portal.history import History, load
from portal.house import House
from portal.streams import POOL, case_stream


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
    stream = case_stream(case_no)
    visible_row(session, actor, case_no)
    published = publish(house.log, stream)
    dossier = _newest_dossier(session, house, actor, case_no)
    return prove(house.log, published, stream, dossier.history, dossier.rules)


def _newest_dossier(session: AnySession, house: House, actor: Actor, case_no: str) -> Dossier:
    """The records with everything that the log holds by now, not as this request first saw them."""
    house.projection.catch_up()
    session.rollback()
    return open_dossier(session, house, actor, case_no)


def pack_case(
    session: AnySession, house: House, actor: Actor, case_no: str, target: BinaryIO
) -> None:
    """Write the offline pack. Raises NotAllowed for those who only judge or deliver."""
    visible_row(session, actor, case_no)
    dossier = _newest_dossier(session, house, actor, case_no)
    if dossier.rules.reader not in (Reader.OFFICE, Reader.PARTY):
        raise NotAllowed(_("离线核验包只给当事人和消费者协会"))
    sources = Sources(house.log, house.files)
    write_pack(target, sources, case_stream(case_no), dossier.history, dossier.rules)


def pack_pool(session: AnySession, house: House, target: BinaryIO) -> None:
    """Write the register of reviewers: who could be drawn at any entry of it. Pseudonyms only; who
    changed it and why stays here."""
    house.projection.catch_up()
    session.rollback()
    entries = load(session, POOL).entries
    shown = {entry.index: pool_texts(entry) for entry in entries}
    write_bundle(target, house.log, POOL, shown, {})


def prove_absence(house: House, case_no: str) -> Absence:
    """What the log's map says of a number. NoQuorum while witnesses are awaited."""
    if not is_case_no(case_no):
        raise NotFound(_("这不是一个案件编号"))
    return absence_of(house.log, case_stream(case_no))


def pack_absence(house: House, case_no: str, target: BinaryIO) -> None:
    """Write the offline pack of a number: that there is no such case, or what is left of it."""
    write_bundle(target, house.log, case_stream(case_no), {}, {})
