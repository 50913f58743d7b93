"""Adding one file to a running case, at once and once."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.cases.access import side_of, visible_case
from portal.cases.state import Case
from portal.errors import NotAllowed, Refused
from portal.errors import sentence as _
from portal.events import EvidenceSealed
from portal.evidence.commands import AddEvidence
from portal.evidence.intake import LETTERS, Receiver, as_exhibits, next_number, of_case, take
from portal.evidence.rules import OPEN_STATES
from portal.evidence.tables import Upload
from portal.history import load, load_case
from portal.house import House
from portal.idempotency import by
from portal.recorder import Receipt
from portal.streams import case_stream

NUMBERS_TRIED = 20


@dataclass(frozen=True)
class Added:
    number: str
    sha256: str
    receipt: Receipt


def add(
    house: House,
    actor: Actor,
    case_no: str,
    file: FileStorage,
    kind: str | None = None,
    note: str = "",
) -> Added:
    """Seal one file as the side's next exhibit; the same file again is the same exhibit."""
    to = receiver(house, actor, case_no)
    upload = take(house, file, to, kind, note)
    receipt = _seal(house, actor, case_no, upload)
    return Added(_number_of(house, case_no, upload), upload.sha256, receipt)


def receiver(house: House, actor: Actor, case_no: str) -> Receiver:
    """Where this actor's files for the case go. Raises NotFound, NotAllowed, Refused."""
    with house.sessions() as session:
        case = visible_case(session, actor, case_no)
        kid = load(session, case_stream(case_no)).kid
    assert kid is not None, "a case without a key"
    side = side_of(actor, case)
    if side not in LETTERS:
        raise NotAllowed(_("只有双方和平台可以提交凭证"))
    _refuse_late(case)
    return of_case(case_no, side, kid)


def _refuse_late(case: Case) -> None:
    """The rules say it again; said here, nobody waits for an upload in vain."""
    if case.state not in OPEN_STATES:
        raise Refused(_("评审已经开始或者本案已有结论，不能再补充凭证"))


def _seal(house: House, actor: Actor, case_no: str, upload: Upload) -> Receipt:
    for attempt in range(NUMBERS_TRIED):
        command = AddEvidence(case_no, _next_exhibit(house, case_no, upload))
        number = command.exhibits[0].number
        try:
            return house.recorder.record(command, by=by(actor), command_id=f"evidence/{upload.id}")
        except Refused:
            last = attempt == NUMBERS_TRIED - 1
            if last or not _is_taken(house, case_no, number):
                raise
    raise AssertionError("the loop returns or raises")


def _next_exhibit(house: House, case_no: str, upload: Upload) -> tuple[EvidenceSealed, ...]:
    with house.sessions() as session:
        case = load_case(session, case_no)
    return as_exhibits((upload,), upload.side, next_number(case, upload.side))


def _is_taken(house: House, case_no: str, number: str) -> bool:
    """Somebody of the same side was faster; another number is free."""
    with house.sessions() as session:
        return any(x.number == number for x in load_case(session, case_no).exhibits)


def _number_of(house: House, case_no: str, upload: Upload) -> str:
    with house.sessions() as session:
        exhibits = load_case(session, case_no).exhibits
    return next(x.number for x in exhibits if x.upload_id == upload.id)
