"""The operator's hand on a panel: what it may do is little, reasoned and on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.access import Actor
from portal.cases.access import visible_case
from portal.cases.state import Case, Round
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.errors import NotReady
from portal.history import load_case
from portal.house import House
from portal.idempotency import by
from portal.panels.commands import ConsentToVoid, ProposeVoid, RemoveReviewer, VoidPanel
from portal.panels.pool import enough_for
from portal.panels.relations import late_conflicts
from portal.panels.voiding import STATES, can_void, needs_consent
from portal.recorder import Receipt
from reviewers.eligibility import Conflict

RUNNING = ("PANEL_DRAW", "SEATING", "DELIBERATION", "TALLY")
PAGE = 50
LISTED = 20
EXAMINED = 10  # cases whose panel is tried out; each costs a look at the whole pool

Wish = RemoveReviewer | VoidPanel | ProposeVoid | ConsentToVoid


@dataclass(frozen=True)
class Running:
    """One panel under way. `invited` have not answered, `accepted` have."""

    case_no: str
    title: str
    state: str
    filed_at: datetime
    due_at: datetime | None
    seats: int
    invited: int
    accepted: int
    voted: int
    voids: int
    missing: NotReady | None


@dataclass(frozen=True)
class RunningPage:
    panels: tuple[Running, ...]
    next: str  # the state and number to go on after; empty at the end


@dataclass(frozen=True)
class SeatSeen:
    """A seat as the operator sees it: a pseudonym, never what it voted."""

    number: int
    stratum: str
    reviewer_id: str
    state: str
    voted: bool
    conflict: Conflict | None


@dataclass(frozen=True)
class PanelSeen:
    """A case's panels: the present seats, those that ended, and what may be done."""

    case: Case
    seats: tuple[SeatSeen, ...]
    reserves_left: int
    ended: tuple[Round, ...]
    can_void: bool
    needs_consent: bool
    can_propose: bool


@dataclass(frozen=True)
class Voided:
    """A voided panel, or with `proposal`, the operator's words, one that waits for consent."""

    case_no: str
    title: str
    round: Round
    proposal: str = ""
    reason: str = ""


def oversee(house: House, actor: Actor, wish: Wish, name: str) -> Receipt:
    """Record the wish under its command id. Raises NotFound, Refused, BadInput."""
    with house.sessions() as session:
        visible_case(session, actor, wish.case_no)
    return house.recorder.record(wish, by=by(actor), command_id=name)


def running(session: AnySession, state: str, after: str = "") -> RunningPage:
    """Panels in one state by case number; costs a page of an index and one count of seats."""
    query = select(CaseRow).where(CaseRow.state == state, CaseRow.case_no > after)
    rows = session.scalars(query.order_by(CaseRow.case_no).limit(PAGE + 1)).all()
    shown = rows[:PAGE]
    counts = _counts(session, [row.case_no for row in shown])
    tried = {row.case_no for row in shown if row.todo == "SEAT"}
    tried = set(sorted(tried)[:EXAMINED])
    panels = tuple(
        _running(row, counts, missing_for(session, row.case_no) if row.case_no in tried else None)
        for row in shown
    )
    return RunningPage(panels, shown[-1].case_no if len(rows) > PAGE else "")


def _running(row: CaseRow, counts: dict[tuple[str, str], int], missing: NotReady | None) -> Running:
    return Running(
        case_no=row.case_no,
        title=row.title,
        state=row.state,
        filed_at=row.filed_at,
        due_at=row.due_at,
        seats=row.seats,
        invited=counts.get((row.case_no, "INVITED"), 0),
        accepted=counts.get((row.case_no, "ACCEPTED"), 0),
        voted=row.voted,
        voids=row.voids,
        missing=missing,
    )


def _counts(session: AnySession, numbers: Sequence[str]) -> dict[tuple[str, str], int]:
    query = (
        select(SeatRow.case_no, SeatRow.state, func.count())
        .where(SeatRow.case_no.in_(numbers))
        .group_by(SeatRow.case_no, SeatRow.state)
    )
    return {(case_no, state): count for case_no, state, count in session.execute(query)}


def standing_counts(session: AnySession) -> dict[str, int]:
    """How many panels are in each state of RUNNING."""
    query = select(CaseRow.state, func.count()).where(CaseRow.state.in_(RUNNING))
    found = {row[0]: row[1] for row in session.execute(query.group_by(CaseRow.state))}
    return {state: found.get(state, 0) for state in RUNNING}


def missing_for(session: AnySession, case_no: str) -> NotReady | None:
    """Which stratum is too small for this case's panel, asked of the rule itself."""
    case = load_case(session, case_no)
    if case.called:
        return None
    try:
        enough_for(session, case)
    except NotReady as refused:
        return refused
    return None


def panel_seen(session: AnySession, actor: Actor, case_no: str) -> PanelSeen:
    """One case's panels, conflicts looked up afresh. Raises NotFound."""
    case = visible_case(session, actor, case_no)
    conflicts = late_conflicts(session, case)
    return PanelSeen(
        case=case,
        seats=tuple(
            SeatSeen(
                number=seat.number,
                stratum=seat.stratum,
                reviewer_id=seat.reviewer_id,
                state=seat.state,
                voted=case.has_voted(seat.number),
                conflict=conflicts.get(seat.reviewer_id),
            )
            for seat in case.seats
        ),
        reserves_left=_reserves_left(case),
        ended=case.earlier,
        can_void=can_void(case) and not (needs_consent(case) and case.void_proposed),
        needs_consent=needs_consent(case),
        can_propose=case.state == "TALLY" and case.void_proposed is None,
    )


def _reserves_left(case: Case) -> int:
    drawn = sum(len(ids) for ids in case.drawn.reserves.values()) if case.drawn else 0
    known = case.sat_before
    used = sum(
        i in known for ids in (case.drawn.reserves.values() if case.drawn else ()) for i in ids
    )
    return drawn - used


def voided(session: AnySession) -> tuple[Voided, ...]:
    """Cases with a voided panel, those voided most often first; along an index."""
    often = CaseRow.voids.desc(), CaseRow.filed_at.desc(), CaseRow.case_no.desc()
    query = select(CaseRow).where(CaseRow.voids > 0).order_by(*often)
    rows = session.scalars(query.limit(LISTED)).all()
    cases = {row.case_no: load_case(session, row.case_no) for row in rows}
    return tuple(
        Voided(row.case_no, row.title, panel)
        for row in rows
        for panel in cases[row.case_no].earlier
        if panel.voided
    )


def proposed(session: AnySession) -> tuple[Voided, ...]:
    """Voids that wait for the association's word."""
    query = select(CaseRow).where(CaseRow.void_proposed, CaseRow.state.in_(STATES))
    rows = session.scalars(query.order_by(CaseRow.case_no).limit(LISTED)).all()
    found = [(row, load_case(session, row.case_no)) for row in rows]
    return tuple(
        Voided(
            row.case_no, row.title, case.round, case.void_proposed.text, case.void_proposed.reason
        )
        for row, case in found
        if case.void_proposed
    )
