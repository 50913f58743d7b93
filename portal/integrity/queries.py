"""The docket as its readers may see it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, tuple_

from portal.access import Actor, Role
from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.integrity.tables import ReportRow

PAGE = 30


@dataclass(frozen=True)
class Docket:
    reports: tuple[ReportRow, ...]
    next: str | None


def docket(session: AnySession, state: str = "", after: str = "") -> Docket:
    """A page of reports, the newest first; `after` is the number that the page before ended on."""
    query = select(ReportRow).order_by(ReportRow.reported_at.desc(), ReportRow.report_no.desc())
    if state:
        query = query.where(ReportRow.state == state)
    last = session.get(ReportRow, after) if after else None
    if last is not None:
        place = tuple_(ReportRow.reported_at, ReportRow.report_no)
        query = query.where(place < (last.reported_at, last.report_no))
    rows = session.scalars(query.limit(PAGE + 1)).all()
    return Docket(tuple(rows[:PAGE]), rows[PAGE - 1].report_no if rows[PAGE:] else None)


def counts(session: AnySession) -> dict[str, int]:
    """How many reports in each state."""
    query = select(ReportRow.state, func.count()).group_by(ReportRow.state)
    return {str(state): int(count) for state, count in session.execute(query)}


def report_of(session: AnySession, report_no: str) -> ReportRow:
    """By its number, which is secret enough to be the key. Raises NotFound."""
    row = session.get(ReportRow, report_no)
    if row is None:
        raise NotFound(_("没有这个编号"))
    return row


def report_about(session: AnySession, actor: Actor, report_no: str) -> ReportRow:
    """For the one it is about. Raises NotFound, also for somebody else's."""
    row = session.get(ReportRow, report_no)
    if row is None or not _is_about(session, row, actor):
        raise NotFound(_("没有这个编号"))
    return row


def _is_about(session: AnySession, row: ReportRow, actor: Actor) -> bool:
    if row.about not in ("BUYER", "MERCHANT"):
        return bool(row.about) and actor.has(Role.REVIEWER) and actor.reviewer_id == row.about
    case = session.get(CaseRow, row.case_no)
    if case is None:
        return False
    if row.about == "BUYER":
        mine = actor.buyer_ref == case.buyer_ref and actor.platform == case.platform
        return actor.has(Role.BUYER) and mine
    return actor.sells_at(case.platform, case.shop_id)
