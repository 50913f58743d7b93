"""What is wished about an obligation, put together for pages and programs alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.cases.access import side_of, visible_case
from portal.cases.state import Case
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import Reason
from portal.house import House
from portal.idempotency import by
from portal.obligations.commands import (
    CarryOutObligation,
    ConfirmObligation,
    DeliverObligation,
    DisputeObligation,
    JudgeObligation,
    ShipObligation,
    Wish,
)
from portal.obligations.state import Obligation
from portal.receipts import earlier_receipt
from portal.recorder import Receipt
from portal.returns.files import Shown, take_files

DEBTORS = ("MERCHANT", "PLATFORM")


@dataclass(frozen=True)
class Owing:
    """An obligation of a case and the side on which the actor stands."""

    case: Case
    obligation: Obligation
    side: str


@dataclass(frozen=True)
class Verdict:
    """An officer's word: kept or not, why, and what it is worth (fen) where it has no price."""

    met: bool
    text: str
    citations: tuple[str, ...] = ()
    refund_fen: int | None = None


def owing(house: House, actor: Actor, case_no: str, number: str) -> Owing:
    """Raises NotFound for a case that is not this actor's, or a number that it does not have."""
    with house.sessions() as session:
        case = visible_case(session, actor, case_no)
    obligation = case.obligation(number)
    if obligation is None:
        raise NotFound(_("本案没有这一项"))
    return Owing(case, obligation, side_of(actor, case))


def _as(house: House, actor: Actor, case_no: str, number: str, *sides: str) -> Owing:
    found = owing(house, actor, case_no, number)
    if found.side not in sides:
        raise NotFound(_("没有这一项，或者不由你履行"))
    return found


def _record(house: House, actor: Actor, command: Wish, wish: str) -> Receipt:
    return house.recorder.record(command, by=by(actor), command_id=wish)


def ship(
    house: House, actor: Actor, case_no: str, number: str, parcel: tuple[str, str], wish: str
) -> Receipt:
    """SHIPPED with (carrier, waybill)."""
    side = _as(house, actor, case_no, number, *DEBTORS).side
    carrier, waybill = (part.strip() for part in parcel)
    command = ShipObligation(case_no, number, side, carrier, waybill)
    return _record(house, actor, command, wish)


def deliver(house: House, actor: Actor, case_no: str, number: str, wish: str) -> Receipt:
    """DELIVERED, as the shop or the platform reports it."""
    side = _as(house, actor, case_no, number, *DEBTORS).side
    return _record(house, actor, DeliverObligation(case_no, number, side), wish)


def carry_out(
    house: House,
    actor: Actor,
    case_no: str,
    number: str,
    said: tuple[str, Sequence[FileStorage]],
    wish: str,
) -> Receipt:
    """DONE with (text, files)."""
    found = _as(house, actor, case_no, number, *DEBTORS)
    if receipt := earlier_receipt(house, wish):
        return receipt
    shown = _files(house, found, said[1], found.obligation.turn == found.side)
    command = CarryOutObligation(
        case_no, number, found.side, said[0].strip(), shown.exhibits, shown.known
    )
    return _record(house, actor, command, wish)


def confirm(house: House, actor: Actor, case_no: str, number: str, wish: str) -> Receipt:
    """MET, by the buyer's word."""
    _as(house, actor, case_no, number, "BUYER")
    return _record(house, actor, ConfirmObligation(case_no, number), wish)


def dispute(
    house: House,
    actor: Actor,
    case_no: str,
    number: str,
    said: tuple[str, str, Sequence[FileStorage]],
    wish: str,
) -> Receipt:
    """DISPUTED with (why, text, files)."""
    found = _as(house, actor, case_no, number, "BUYER")
    if receipt := earlier_receipt(house, wish):
        return receipt
    why, text, files = said
    shown = _files(house, found, files, found.obligation.turn == "BUYER")
    command = DisputeObligation(case_no, number, why, text.strip(), shown.exhibits, shown.known)
    return _record(house, actor, command, wish)


def judge(
    house: House, actor: Actor, case_no: str, number: str, verdict: Verdict, wish: str
) -> Receipt:
    """MET or FAILED, by an officer."""
    owing(house, actor, case_no, number)
    reasons = (Reason(verdict.text.strip(), verdict.citations),)
    command = JudgeObligation(case_no, number, verdict.met, reasons, verdict.refund_fen)
    return _record(house, actor, command, wish)


def _files(house: House, found: Owing, files: Sequence[FileStorage], heard: bool) -> Shown:
    """Stored only when the rules would hear it now; they say what is wrong otherwise."""
    return take_files(house, found.case, found.side, files if heard else ())
