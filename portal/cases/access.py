"""Who may see a case. One place, used by every page, file and API answer about a case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from portal.access import Actor, Role
from portal.cases.state import Case
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.history import load_case


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """A condition on CaseRow: the cases this actor may see."""
    if actor.has(Role.ASSOCIATION, Role.OPERATOR):
        return true()
    conditions: list[ColumnElement[bool]] = [false()]
    if actor.has(Role.BUYER) and actor.buyer_ref:
        conditions.append(
            (CaseRow.buyer_ref == actor.buyer_ref) & (CaseRow.platform == actor.platform)
        )
    if actor.has(Role.MERCHANT) and actor.shop_id:
        conditions.append(of_shop(actor, CaseRow))
    if actor.has(Role.PLATFORM) and actor.platform:
        conditions.append(CaseRow.platform == actor.platform)
    if actor.has(Role.REVIEWER) and actor.reviewer_id:
        conditions.append(CaseRow.case_no.in_(_seated(actor.reviewer_id)))
    return or_(*conditions)


def of_shop(actor: Actor, table: Any) -> ColumnElement[bool]:
    """A condition on rows with `platform` and `shop_id`: those of the actor's shop. An account that
    names no platform has none."""
    mine: ColumnElement[bool] = table.shop_id == (actor.shop_id or "")
    return mine & (table.platform == (actor.platform or ""))


def _seated(reviewer_id: str):  # type: ignore[no-untyped-def]
    # Invited is not enough, and whoever left has no reason to read on.
    return select(SeatRow.case_no).where(
        SeatRow.reviewer_id == reviewer_id, SeatRow.state == "ACCEPTED"
    )


def visible_row(session: AnySession, actor: Actor, case_no: str) -> CaseRow:
    """The case's row. Raises NotFound, also for a case that exists but is somebody else's."""
    row = session.scalar(
        select(CaseRow).where(CaseRow.case_no == case_no, visible_to(actor)).limit(1)
    )
    if row is None:
        raise NotFound(_("没有这个案件，或者它不是你的案件"))
    return row


def visible_case(session: AnySession, actor: Actor, case_no: str) -> Case:
    """The case itself, folded from its events. Raises NotFound."""
    visible_row(session, actor, case_no)
    return load_case(session, case_no)


def side_of(actor: Actor, case: Case) -> str:
    """BUYER, MERCHANT, REVIEWER, PLATFORM or OFFICE: how this actor stands to the case."""
    claim = case.claim
    there = actor.platform == claim.platform
    if actor.has(Role.BUYER) and there and actor.buyer_ref == claim.buyer_ref:
        return "BUYER"
    if actor.sells_at(claim.platform, claim.shop_id):
        return "MERCHANT"
    if actor.has(Role.REVIEWER) and case.seat_of(actor.reviewer_id or ""):
        return "REVIEWER"
    if actor.has(Role.PLATFORM) and actor.platform == claim.platform:
        return "PLATFORM"
    return "OFFICE"
