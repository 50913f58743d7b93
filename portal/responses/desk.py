"""Assembling what a merchant wishes, for pages and API alike."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import convert
from sqlalchemy.orm import Session

from portal.access import Actor
from portal.cases.access import side_of, visible_case
from portal.cases.state import Case
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import Contest, EvidenceSealed, FileRef, Remedy
from portal.evidence.intake import as_exhibits, next_number, not_sealed, of_case, uploads_of
from portal.evidence.tables import Upload
from portal.house import House
from portal.idempotency import by
from portal.recorder import Receipt
from portal.responses.commands import ConfirmReturn, FileResponse

SIDE = "MERCHANT"


@dataclass(frozen=True)
class Answer:
    """AGREE, OFFER or DENY, and what belongs to it."""

    answer: str
    text: str = ""
    reason_code: str = ""
    offer: Remedy | None = None
    contested: tuple[Contest, ...] = ()
    uploads: tuple[str, ...] = ()  # ids of files kept for this answer, see evidence/intake.py


def respond(house: House, actor: Actor, case_no: str, answer: Answer, wish: str) -> Receipt:
    """Record the shop's answer with its files; `wish` is the command id."""
    case = case_of_shop(house, actor, case_no)
    command = FileResponse(
        case_no=case_no,
        answer=answer.answer,
        text=answer.text.strip(),
        reason_code=answer.reason_code if answer.answer == "DENY" else "",
        offer=answer.offer if answer.answer == "OFFER" else None,
        contested=answer.contested,
        exhibits=_exhibits(house, case, answer.uploads),
    )
    return house.recorder.record(command, by=by(actor), command_id=wish)


def confirm_return(house: House, actor: Actor, case_no: str, wish: str) -> Receipt:
    """Record that the parcel came back in order; the refund follows by itself."""
    case_of_shop(house, actor, case_no)
    return house.recorder.record(ConfirmReturn(case_no), by=by(actor), command_id=wish)


def case_of_shop(house: House, actor: Actor, case_no: str) -> Case:
    """The case, if it is against this actor's shop. Raises NotFound."""
    with house.sessions() as session:
        case = visible_case(session, actor, case_no)
    if side_of(actor, case) != SIDE:
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
    return case


def _exhibits(house: House, case: Case, ids: tuple[str, ...]) -> tuple[EvidenceSealed, ...]:
    """The named files in the order in which they came, numbered after those on record."""
    chosen = [upload for upload in kept_files(house, case) if upload.id in ids]
    return as_exhibits(chosen, SIDE, next_number(case, SIDE))


def kept_files(house: House, case: Case) -> list[Upload]:
    """Files that the shop has handed in for its answer and not sent yet."""
    with house.sessions() as session:
        return _kept(session, case)


def remove_file(house: House, actor: Actor, case_no: str, upload_id: str) -> None:
    """Forget a file that was not sent yet; one that is on record stays."""
    case = case_of_shop(house, actor, case_no)
    with house.sessions.begin() as session:
        for upload in _kept(session, case):
            if upload.id == upload_id:
                session.delete(upload)


def picture_of(house: House, actor: Actor, case_no: str, upload_id: str) -> bytes:
    """The preview of a file that was not sent yet (WebP). Raises NotFound."""
    case = case_of_shop(house, actor, case_no)
    for upload in kept_files(house, case):
        if upload.id == upload_id and upload.picture:
            return house.files.read(convert(upload.picture, FileRef))
    raise NotFound(_("没有这个文件，或者已经移除"))


def _kept(session: Session, case: Case) -> list[Upload]:
    owner = of_case(case.claim.case_no, SIDE, "").owner
    return not_sealed(uploads_of(session, owner), case)
