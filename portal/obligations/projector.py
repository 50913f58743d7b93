"""From a case's obligations to their rows."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.obligations.falling import refund_for
from portal.obligations.state import Obligation
from portal.obligations.tables import ObligationRow
from portal.times import moment


def project_obligations(session: Session, case: Case) -> None:
    """Write each obligation's row as a function of the events."""
    for obligation in case.obligations:
        session.merge(_row(case, obligation))


def _row(case: Case, obligation: Obligation) -> ObligationRow:
    claim, ordered = case.claim, obligation.ordered
    heard_at = obligation.states[-1][1] if obligation.states else obligation.ordered_at
    refund = refund_for(case, obligation)
    return ObligationRow(
        case_no=claim.case_no,
        number=ordered.number,
        code=ordered.code,
        debtor=ordered.debtor,
        shop_id=claim.shop_id,
        shop=claim.shop[:200],
        platform=claim.platform,
        title=claim.lines[0].title[:300],
        state=obligation.state,
        turn=obligation.turn,
        fallback=ordered.fallback,
        fallback_fen=ordered.fallback_fen,
        refunded_fen=refund.order.amount_fen if refund else 0,
        ordered_at=moment(obligation.ordered_at),
        heard_at=moment(heard_at),
        due_at=moment(obligation.due_at) if obligation.due_at else None,
    )
