"""From the docket's entries to its rows, and the message to the one who may answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.tables import CaseRow, EntryRow
from portal.errors import sentence as _
from portal.events import IntegrityAnswered, IntegrityDecided, IntegrityReported
from portal.files import Files
from portal.integrity.tables import ReportRow
from portal.messages.tables import MessageRow
from portal.streams import integrity_stream
from portal.times import moment

REPORTED = _("有一份举报与你有关，你可以说明")
DECIDED = _("与你有关的举报已处理")


def project_report(session: Session, event: IntegrityReported, files: Files) -> None:
    index, at = _recorded(session, event.report_no)
    row = ReportRow(
        report_no=event.report_no,
        flag=event.flag,
        about=event.about,
        case_no=event.case_no,
        text=event.text,
        reported_by=event.reported_by,
        state="OPEN",
        reported_at=at,
    )
    session.add(row)
    _tell(session, row, REPORTED, index, at)


def project_answer(session: Session, event: IntegrityAnswered, files: Files) -> None:
    row = session.get_one(ReportRow, event.report_no)
    row.answer, row.state = event.text, "ANSWERED"


def project_decision(session: Session, event: IntegrityDecided, files: Files) -> None:
    index, at = _recorded(session, event.report_no)
    row = session.get_one(ReportRow, event.report_no)
    row.finding, row.action, row.decision = event.finding, event.action, event.text
    row.state, row.decided_at = "DECIDED", at
    _tell(session, row, DECIDED, index, at)


def _recorded(session: Session, report_no: str) -> tuple[int, datetime]:
    """Number and time of the entry that is being projected: the newest row of its stream."""
    newest = (
        select(EntryRow.index, EntryRow.at)
        .where(EntryRow.stream == integrity_stream(report_no))
        .order_by(EntryRow.seq.desc())
        .limit(1)
    )
    index, at = session.execute(newest).one()
    return index, moment(at)


def _tell(session: Session, row: ReportRow, text: str, index: int, at: datetime) -> None:
    """Once: a rebuild finds the message there and posts no second one."""
    recipient = _recipient(session, row)
    posted = MessageRow.entry_index == index, MessageRow.recipient == recipient
    if recipient and session.scalar(select(MessageRow.id).where(*posted)) is None:
        session.add(
            MessageRow(
                entry_index=index,
                recipient=recipient,
                case_no=row.report_no,
                text=text,
                posted_at=at,
            )
        )


def _recipient(session: Session, row: ReportRow) -> str:
    if row.about not in ("BUYER", "MERCHANT"):
        return f"reviewer:{row.about}" if row.about else ""
    case = session.get(CaseRow, row.case_no)
    if case is None:
        return ""
    return f"buyer:{case.buyer_ref}" if row.about == "BUYER" else f"shop:{case.shop_id}"
