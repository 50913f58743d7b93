"""What is wished about goods on their way back, put together for pages and programs alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.cases.queries import SeenCase, seen_case
from portal.cases.state import Case
from portal.claims.commands import ShipReturn
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import Reason
from portal.house import House
from portal.idempotency import by
from portal.receipts import earlier_receipt
from portal.recorder import Receipt
from portal.returns.commands import AnswerReturn, AskCarrier, ContestReturn, JudgeReturn
from portal.returns.files import by_third_party, take_files
from portal.returns.rules import check_answerable, check_contestable, check_judgeable

PARTIES = ("BUYER", "MERCHANT")


@dataclass(frozen=True)
class Parcel:
    """The way back: carrier, waybill, what it cost (fen), and a file that shows the cost."""

    carrier: str
    waybill: str
    freight_fen: int = 0
    receipt: FileStorage | None = None


@dataclass(frozen=True)
class Objection:
    """What is wrong with the parcel, see words.RETURN_FAULTS and words.CARRIER_STATES."""

    reason: str
    text: str
    carrier_state: str
    files: Sequence[FileStorage] = ()


@dataclass(frozen=True)
class Word:
    """An officer's decision: outcome, reasons, what is refunded in part (fen), and the file in
    which the carrier answered."""

    outcome: str
    text: str
    citations: tuple[str, ...] = ()
    refund_fen: int = 0
    send_back: bool = False
    statement: FileStorage | None = None


def seen_return(house: House, actor: Actor, case_no: str) -> SeenCase:
    """Raises NotFound for a case that is not this actor's."""
    with house.sessions() as session:
        return seen_case(session, actor, case_no)


def case_of_side(house: House, actor: Actor, case_no: str, side: str) -> Case:
    """The case, if the actor stands on this side of it. Raises NotFound."""
    seen = seen_return(house, actor, case_no)
    if seen.side != side:
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
    return seen.case


def ship(house: House, actor: Actor, case_no: str, parcel: Parcel, wish: str) -> Receipt:
    """RETURN_SHIPPED with what it cost; the merchant's inspection begins."""
    case = case_of_side(house, actor, case_no, "BUYER")
    if receipt := earlier_receipt(house, wish):
        return receipt
    files = (parcel.receipt,) if parcel.receipt and case.state == "AWAITING_RETURN" else ()
    shown = take_files(house, case, "BUYER", files, "INVOICE")
    command = ShipReturn(
        case_no,
        parcel.carrier.strip(),
        parcel.waybill.strip(),
        freight_fen=parcel.freight_fen,
        receipt=next(iter(shown.exhibits), None),
        known=next(iter(shown.known), ""),
    )
    return house.recorder.record(command, by=by(actor), command_id=wish)


def contest(house: House, actor: Actor, case_no: str, said: Objection, wish: str) -> Receipt:
    """RETURN_CONTESTED; files are stored only when the rules would hear it now."""
    case = case_of_side(house, actor, case_no, "MERCHANT")
    if receipt := earlier_receipt(house, wish):
        return receipt
    check_contestable(case, house.clock.now())
    shown = take_files(house, case, "MERCHANT", said.files)
    command = ContestReturn(
        case_no, said.reason, said.text.strip(), said.carrier_state, shown.exhibits, shown.known
    )
    return house.recorder.record(command, by=by(actor), command_id=wish)


def answer(
    house: House, actor: Actor, case_no: str, text: str, files: Sequence[FileStorage], wish: str
) -> Receipt:
    """RETURN_ANSWERED, once."""
    case = case_of_side(house, actor, case_no, "BUYER")
    if receipt := earlier_receipt(house, wish):
        return receipt
    check_answerable(case, house.clock.now())
    shown = take_files(house, case, "BUYER", files)
    command = AnswerReturn(case_no, text.strip(), shown.exhibits, shown.known)
    return house.recorder.record(command, by=by(actor), command_id=wish)


def ask(house: House, actor: Actor, case_no: str, text: str, wish: str) -> Receipt:
    """CARRIER_ASKED by an officer."""
    seen_return(house, actor, case_no)
    command = AskCarrier(case_no, text.strip())
    return house.recorder.record(command, by=by(actor), command_id=wish)


def judge(house: House, actor: Actor, case_no: str, word: Word, wish: str) -> Receipt:
    """RETURN_JUDGED by an officer; what the carrier wrote may be cited as soon as it is given."""
    case = seen_return(house, actor, case_no).case
    if receipt := earlier_receipt(house, wish):
        return receipt
    check_judgeable(case)
    files = (word.statement,) if word.statement else ()
    shown = take_files(house, case, "PLATFORM", files, "CARRIER_STATEMENT")
    statement = by_third_party(shown.exhibits[0]) if shown.exhibits else None
    command = JudgeReturn(
        case_no,
        word.outcome,
        (Reason(word.text.strip(), (*word.citations, *shown.numbers)),),
        word.refund_fen,
        word.send_back,
        statement,
    )
    return house.recorder.record(command, by=by(actor), command_id=wish)
