"""From a case's events to its row and its seats."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.cases.tables import CaseRow, SeatRow
from portal.times import moment


@dataclass(frozen=True)
class Reached:
    """A case after the newest of its entries in this batch."""

    case: Case
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
            seats=len(case.drawn.seats) if case.drawn else 0,
            voted=len(case.ballots),
            filed_at=moment(case.filed_at),
            updated_at=moment(reached.at),
            updated_index=reached.index,
        )
    )
    _project_seats(session, case)


def _project_seats(session: Session, case: Case) -> None:
    for seat in case.drawn.seats if case.drawn else ():
        session.merge(
            SeatRow(
                case_no=case.claim.case_no,
                number=seat.number,
                reviewer_id=seat.reviewer_id,
                stratum=seat.stratum,
                voted=case.has_voted(seat.number),
            )
        )
