"""A shop's queue: what waits for whom, the shortest time first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from portal.access import Actor
from portal.cases.access import of_shop
from portal.cases.tables import CaseRow, EntryRow
from portal.database import AnySession
from portal.errors import sentence as _
from portal.events import CaseFiled, CitedPromise
from portal.history import meaning
from portal.streams import case_stream
from portal.times import moment, stamp

PAGE = 20
COUNTED = 99  # a count beyond it is shown as 99+, and costs no more


@dataclass(frozen=True)
class Tab:
    """Cases that wait for the same: by deadline where a clock runs, else the newest first."""

    key: str
    label: str
    states: tuple[str, ...]
    by_time: bool


TABS = (
    Tab("answer", _("待答复"), ("AWAITING_RESPONDENT",), by_time=True),
    Tab("buyer", _("等买家"), ("NEGOTIATION", "AWAITING_RETURN"), by_time=True),
    Tab(
        "panel",
        _("评审中"),
        ("PANEL_DRAW", "SEATING", "DELIBERATION", "TALLY", "OFFICER", "APPRAISAL"),
        by_time=False,
    ),
    Tab("ruled", _("可复核"), ("APPEAL_WINDOW", "APPEALED"), by_time=True),
    Tab("parcel", _("待验收"), ("RETURNING", "RETURN_DISPUTED"), by_time=True),
    Tab("refund", _("待退款"), ("REFUNDING",), by_time=False),
    Tab("owed", _("待履行"), ("FULFILLING",), by_time=False),
    Tab("closed", _("已结"), ("EXECUTED", "CLOSED"), by_time=False),
)


@dataclass(frozen=True)
class Line:
    """One case of the queue; `promise` is the first that the buyer cites."""

    case_no: str
    title: str
    reason_code: str
    claimed_fen: int
    refund_fen: int
    state: str
    outcome: str
    due_at: datetime | None
    updated_at: datetime
    seats: int
    votes: int
    promise: CitedPromise | None


@dataclass(frozen=True)
class Queue:
    """One page of one tab; `next` is the cursor of the page after it."""

    tab: Tab
    lines: tuple[Line, ...]
    next: str | None


@dataclass(frozen=True)
class Load:
    """How many cases each tab holds, at most COUNTED + 1, and the shop's nearest deadline."""

    counts: dict[str, int]
    first_due_at: datetime | None
    soon: int  # answers due within six hours, among those counted
    appeals: int  # of the buyer's, that wait for the shop's word


def tab_of(key: str | None) -> Tab:
    return next((tab for tab in TABS if tab.key == key), TABS[0])


def queue(session: AnySession, actor: Actor, tab: Tab, after: str | None = None) -> Queue:
    """The cases of the actor's shop in one tab, PAGE at a time, by key and never by offset."""
    query = _of(actor, tab).order_by(*_order(tab)).limit(PAGE + 1)
    rows = list(session.scalars(query.where(_after(tab, after)) if after else query))
    more = _cursor(tab, rows[PAGE - 1]) if len(rows) > PAGE else None
    promises = _first_promises(session, rows[:PAGE])
    return Queue(tab, tuple(_line(row, promises.get(row.case_no)) for row in rows[:PAGE]), more)


def load(session: AnySession, actor: Actor, soon_at: datetime) -> Load:
    """Bounded counts: a shop with a million closed cases is counted as fast as one with ten."""
    counts = {tab.key: _count(session, _of(actor, tab)) for tab in TABS}
    waiting = _of(actor, TABS[0])
    first = session.scalar(waiting.order_by(CaseRow.due_at).limit(1))
    soon = _count(session, waiting.where(CaseRow.due_at <= soon_at))
    appealed = of_shop(actor, CaseRow), CaseRow.state == "APPEALED"
    appeals = _count(session, select(CaseRow).where(*appealed, CaseRow.turn == "MERCHANT"))
    return Load(counts, first.due_at if first else None, soon, appeals)


def _of(actor: Actor, tab: Tab) -> Select[tuple[CaseRow]]:
    return select(CaseRow).where(of_shop(actor, CaseRow), CaseRow.state.in_(tab.states))


def _count(session: AnySession, query: Select[tuple[CaseRow]]) -> int:
    bounded = query.with_only_columns(CaseRow.case_no).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def _order(tab: Tab) -> tuple[ColumnElement[Any], ...]:
    """Indexed: ix_case_file_shop_due and ix_case_file_shop_state."""
    if tab.by_time:
        return CaseRow.due_at.asc(), CaseRow.case_no.asc()
    return CaseRow.filed_at.desc(), CaseRow.case_no.desc()


def _cursor(tab: Tab, row: CaseRow) -> str:
    at = row.due_at if tab.by_time else row.filed_at
    assert at is not None, "a case in this tab has a clock"
    return f"{stamp(at)}~{row.case_no}"


def _after(tab: Tab, cursor: str) -> ColumnElement[bool]:
    """A cursor that somebody made up shows the first page."""
    try:
        text, case_no = cursor.split("~", 1)
        at = moment(text)
    except ValueError:
        return CaseRow.case_no != ""
    if tab.by_time:
        return or_(CaseRow.due_at > at, and_(CaseRow.due_at == at, CaseRow.case_no > case_no))
    return or_(CaseRow.filed_at < at, and_(CaseRow.filed_at == at, CaseRow.case_no < case_no))


def _first_promises(session: AnySession, rows: list[CaseRow]) -> dict[str, CitedPromise]:
    """From each case's first entry, in one look-up by index."""
    streams = [case_stream(row.case_no) for row in rows]
    query = select(EntryRow).where(EntryRow.stream.in_(streams), EntryRow.seq == 0)
    claims = (_claim(entry) for entry in session.scalars(query))
    return {claim.case_no: claim.promises[0] for claim in claims if claim and claim.promises}


def _claim(entry: EntryRow) -> CaseFiled | None:
    disclosures = tuple(entry.disclosures.split("\n")) if entry.disclosures else ()
    event = meaning(entry.code, disclosures)[1]
    return event if isinstance(event, CaseFiled) else None


def _line(row: CaseRow, promise: CitedPromise | None) -> Line:
    return Line(
        case_no=row.case_no,
        title=row.title,
        reason_code=row.reason_code,
        claimed_fen=row.claimed_fen,
        refund_fen=row.refund_fen,
        state=row.state,
        outcome=row.outcome,
        due_at=row.due_at,
        updated_at=row.updated_at,
        seats=row.seats,
        votes=row.voted,
        promise=promise,
    )
