"""Finding cases: one index decides, a page is read from it, nothing counts all.

`q` is looked up first: it is a case number, or the exact name or reference of a shop, a merchant, a
session or a host. Each look-up costs one index entry, and the page is then read along the index of
that column, so a million further cases make it no slower.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, select, tuple_

from portal.access import Actor
from portal.cases.access import visible_row, visible_to
from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.livestreams.tables import LivestreamRow
from portal.times import moment, stamp

PAGE = 30
COUNTED = 100
SESSIONS_OF_A_HOST = 500


@dataclass(frozen=True)
class Search:
    """What to look for; empty means: any. `filed_before` is the first moment that is too late."""

    q: str = ""
    state: str = ""
    outcome: str = ""
    reason: str = ""
    shop_id: str = ""
    filed_from: datetime | None = None
    filed_before: datetime | None = None
    least_fen: int | None = None
    most_fen: int | None = None


@dataclass(frozen=True)
class Found:
    """A case in a list; nothing in it tells who the buyer is."""

    case_no: str
    state: str
    outcome: str
    platform: str
    shop_id: str
    shop: str
    merchant_id: str
    session_id: str | None
    title: str
    reason_code: str
    claimed_fen: int
    refund_fen: int
    seats: int
    voted: int
    filed_at: datetime
    due_at: datetime | None


@dataclass(frozen=True)
class FoundPage:
    """`next` is the cursor of the page after this one; `count` is at most COUNTED + 1."""

    cases: tuple[Found, ...]
    next: str | None
    count: int


def search(session: AnySession, actor: Actor, wish: Search, after: str = "") -> FoundPage:
    """Newest first. An unreadable cursor starts from the newest."""
    query = _matching(session, actor, wish)
    order = (CaseRow.filed_at.desc(), CaseRow.case_no.desc())
    page = query.where(_below(after)) if _cursor(after) else query
    rows = session.scalars(page.order_by(*order).limit(PAGE + 1)).all()
    bounded = query.with_only_columns(CaseRow.case_no).limit(COUNTED + 1).subquery()
    count = session.scalar(select(func.count()).select_from(bounded)) or 0
    more = f"{stamp(rows[PAGE - 1].filed_at)},{rows[PAGE - 1].case_no}" if rows[PAGE:] else None
    return FoundPage(tuple(_found(row) for row in rows[:PAGE]), more, count)


def find_case(session: AnySession, actor: Actor, case_no: str) -> Found:
    """One case by its number. Raises NotFound, also when this actor may not see it."""
    return _found(visible_row(session, actor, case_no))


def _matching(session: AnySession, actor: Actor, wish: Search) -> Select[tuple[CaseRow]]:
    name = wish.q.strip()
    named = [_named(session, name)] if name else []
    query = select(CaseRow).where(visible_to(actor), *named, *_equal(wish, led=bool(named)))
    return query.where(*_within(wish))


def _equal(wish: Search, *, led: bool) -> Iterator[ColumnElement[bool]]:
    """One condition leads to an index, the most telling one; the others are hidden from the
    planner, which without statistics would choose among them by chance."""
    wanted = (
        (CaseRow.shop_id, wish.shop_id),
        (CaseRow.reason_code, wish.reason),
        (CaseRow.outcome, wish.outcome),
        (CaseRow.state, wish.state),
    )
    for column, value in wanted:
        if value:
            yield (func.coalesce(column, "") if led else column) == value
            led = True


def _within(wish: Search) -> Iterator[ColumnElement[bool]]:
    if wish.filed_from:
        yield CaseRow.filed_at >= wish.filed_from
    if wish.filed_before:
        yield CaseRow.filed_at < wish.filed_before
    if wish.least_fen is not None:
        yield CaseRow.claimed_fen >= wish.least_fen
    if wish.most_fen is not None:
        yield CaseRow.claimed_fen <= wish.most_fen


NAMED = (CaseRow.case_no, CaseRow.shop, CaseRow.shop_id, CaseRow.merchant_id, CaseRow.session_id)


def _named(session: AnySession, name: str) -> ColumnElement[bool]:
    """The condition for the first kind of thing that has this name; nothing has it: no case."""
    for column in NAMED:
        if session.scalar(select(CaseRow.case_no).where(column == name).limit(1)):
            return column == name
    sessions = _sessions(session, name)
    return CaseRow.session_id.in_(sessions) if sessions else false()


def _sessions(session: AnySession, name: str) -> Sequence[str]:
    """Sessions of a host or of a merchant by name."""
    for column in (LivestreamRow.host, LivestreamRow.merchant):
        query = select(LivestreamRow.session_id).where(column == name).limit(SESSIONS_OF_A_HOST)
        if found := session.scalars(query).all():
            return found
    return ()


def _cursor(after: str) -> tuple[datetime, str] | None:
    at, _, case_no = after.partition(",")
    try:
        return moment(at), case_no
    except ValueError:
        return None


def _below(after: str) -> ColumnElement[bool]:
    return tuple_(CaseRow.filed_at, CaseRow.case_no) < tuple_(*(_cursor(after) or ()))


def _found(row: CaseRow) -> Found:
    return Found(**{name: getattr(row, name) for name in Found.__dataclass_fields__})
