"""From a case's events to its row and the seats of all its panels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.books.projector import project_books
from portal.cases.state import Case, Round
from portal.cases.tables import CaseRow, SeatRow
from portal.history import History
from portal.obligations.projector import project_obligations
from portal.panels.draws import project_draws
from portal.reconciling.projector import project_paid
from portal.refunds.projector import project_movements
from portal.times import moment


@dataclass(frozen=True)
class Reached:
    """A case after the newest of its entries in this batch."""

    case: Case
    history: History
    index: int
    at: str


def project_case(session: Session, reached: Reached) -> None:
    """Write the case's row as a function of its events alone."""
    case = reached.case
    claim = case.claim
    session.merge(
        CaseRow(
            case_no=claim.case_no,
            state=case.state,
            open=case.closed is None,
            platform=claim.platform,
            order_id=claim.order_id,
            buyer_ref=claim.buyer_ref,
            shop_id=claim.shop_id,
            shop=claim.shop[:200],
            merchant_id=claim.merchant_id,
            session_id=claim.session_id,
            title=claim.lines[0].title[:300],
            reason_code=claim.reason_code,
            claimed_fen=sum(r.amount_fen or 0 for r in claim.remedies),
            refund_fen=case.ruling.refund_fen if case.ruling else 0,
            outcome=case.ruling.outcome if case.ruling else "",
            clock=case.clock.clock if case.clock else "",
            due_at=moment(case.clock.due_at) if case.clock else None,
            todo=case.todo,
            officer=case.officer,
            turn=case.turn,
            seats=len(case.drawn.seats) if case.drawn else 0,
            voted=len(case.ballots),
            voids=sum(panel.voided is not None for panel in case.earlier),
            void_proposed=case.void_proposed is not None,
            filed_at=moment(case.filed_at),
            updated_at=moment(reached.at),
            updated_index=reached.index,
        )
    )
    _project_seats(session, case)
    project_draws(session, case)
    project_movements(session, case)
    project_paid(session, case)
    project_obligations(session, case)
    project_books(session, case, reached.history)


def _project_seats(session: Session, case: Case) -> None:
    case_no, seats = case.claim.case_no, tuple(_seats(case))
    if not seats:
        return  # nobody ever sat: a seat that was taken stays in the case's past
    held = session.scalars(select(SeatRow).where(SeatRow.case_no == case_no))
    rows = {row.reviewer_id: row for row in held}
    for seat in seats:
        row = rows.get(seat.reviewer_id) or SeatRow(case_no=case_no, reviewer_id=seat.reviewer_id)
        row.panel, row.number, row.stratum = seat.panel, seat.number, seat.stratum
        row.state, row.why, row.voted = seat.state, seat.why, seat.voted
        session.add(row)


@dataclass(frozen=True)
class _Sat:
    """A reviewer who is or was on a panel of the case."""

    reviewer_id: str
    panel: int
    number: int
    stratum: str
    state: str
    why: str = ""
    voted: bool = False


def _seats(case: Case) -> Iterator[_Sat]:
    for panel in (*case.earlier, case.round):
        over = panel is not case.round
        yield from _left(panel)
        for seat in (seat for seat in panel.seats if seat.reviewer_id):
            voted = any(ballot.seat == seat.number for ballot in panel.ballots)
            state = "ENDED" if over else seat.state
            yield _Sat(
                seat.reviewer_id, panel.number, seat.number, seat.stratum, state, voted=voted
            )


def _left(panel: Round) -> Iterator[_Sat]:
    strata = {seat.number: seat.stratum for seat in panel.seats}
    for one in panel.recusals:
        yield _Sat(one.reviewer_id, panel.number, one.seat, strata[one.seat], "LEFT", one.why)
