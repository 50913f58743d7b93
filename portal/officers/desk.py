"""What an officer wishes, put together for pages and programs alike."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace
from werkzeug.datastructures import FileStorage

from portal.access import Actor
from portal.cases.access import visible_case
from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import EvidenceSealed
from portal.evidence.intake import as_exhibits, next_number, of_case, take
from portal.history import load
from portal.house import House
from portal.idempotency import by
from portal.officers.commands import (
    ConfirmStatutory,
    DecideCase,
    OrderAppraisal,
    ReceiveAppraisal,
)
from portal.receipts import earlier_receipt
from portal.recorder import Receipt
from portal.streams import case_stream

KINDS = ("LAB_REPORT", "AUTH_REPORT")
THIRD_PARTY = "G2_THIRD_PARTY"
Wish = DecideCase | OrderAppraisal | ConfirmStatutory


@dataclass(frozen=True)
class Report:
    """A laboratory's report: the file, what kind it is (words.EVIDENCE), what it says."""

    file: FileStorage | None
    text: str
    kind: str = "LAB_REPORT"


def case_for_officer(house: House, actor: Actor, case_no: str) -> Case:
    """Raises NotFound."""
    with house.sessions() as session:
        return visible_case(session, actor, case_no)


def decide(house: House, actor: Actor, command: Wish, wish: str) -> Receipt:
    """Record a ruling, an order for an appraisal or a confirmation; `wish` is the command id.
    Raises NotFound, Refused, BadInput."""
    case_for_officer(house, actor, command.case_no)
    return house.recorder.record(command, by=by(actor), command_id=wish)


def receive(house: House, actor: Actor, case_no: str, report: Report, wish: str) -> Receipt:
    """Store the report and record it; the same wish again is the same exhibit."""
    case = case_for_officer(house, actor, case_no)
    if receipt := earlier_receipt(house, wish):
        return receipt
    if case.state != "APPRAISAL":
        raise Refused(_("本案现在没有在等检测鉴定"))
    if report.kind not in KINDS:
        raise BadInput("kind", _("请从列表里选"))
    if report.file is None or not report.file.filename:
        raise BadInput("file", _("请选鉴定报告的文件"))
    exhibit = _exhibit(house, case, report.file, report.kind)
    command = ReceiveAppraisal(case_no, exhibit, report.text.strip())
    return house.recorder.record(command, by=by(actor), command_id=wish)


def _exhibit(house: House, case: Case, file: FileStorage, kind: str) -> EvidenceSealed:
    case_no = case.claim.case_no
    with house.sessions() as session:
        kid = load(session, case_stream(case_no)).kid
    assert kid is not None, "a case without a key"
    upload = take(house, file, of_case(case_no, "PLATFORM", kid), kind)
    (exhibit,) = as_exhibits((upload,), "PLATFORM", next_number(case, "PLATFORM"))
    return replace(exhibit, provenance=THIRD_PARTY)
