"""From a case's movements to what a bill must list, and from RECONCILED to the list of days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.cases.tables import EntryRow
from portal.events import Reconciled
from portal.files import Files
from portal.formats import BEIJING
from portal.reconciling.tables import DayRow, PaidRow
from portal.refunds.state import Movement, attempt_no
from portal.times import moment


def project_paid(session: Session, case: Case) -> None:
    """A row for each attempt that a provider reported as paid, as a function of the events."""
    for movement in case.movements:
        for row in _paid(case.claim.case_no, movement):
            session.merge(row)


def _paid(case_no: str, movement: Movement) -> Iterator[PaidRow]:
    reversed_attempts = {e.attempt for e, _at in movement.states if e.state == "REVERSED"}
    for step, (event, at) in enumerate(movement.states):
        if event.state == "SUCCESS":
            then = replace(movement, states=movement.states[:step])
            yield PaidRow(
                number=attempt_no(movement.refund_no, event.attempt),
                refund_no=movement.refund_no,
                case_no=case_no,
                kind="PAYOUT" if then.pays_out else "REFUND",
                provider=event.provider,
                provider_ref=event.provider_ref,
                day=day_in_beijing(event.provider_at or at),
                amount_fen=max(event.amount_fen, event.cash_fen + event.coupon_fen),
                reversed=event.attempt in reversed_attempts,
            )


def day_in_beijing(at: str) -> str:
    return moment(at).astimezone(BEIJING).date().isoformat()


def project_day(session: Session, event: Reconciled, files: Files) -> None:
    """The newest result of the day replaces the one before."""
    newest = select(EntryRow.index, EntryRow.at).order_by(EntryRow.index.desc()).limit(1)
    index, at = session.execute(newest).one()
    session.merge(
        DayRow(
            provider=event.provider,
            day=event.day,
            result=event.result,
            bill_digest=event.bill_digest,
            rows=event.rows,
            matched=event.matched,
            differences=sum(count for _kind, count in event.differences),
            bill_fen=event.bill_fen,
            ledger_fen=event.ledger_fen,
            journal_fen=event.journal_fen,
            finished_at=moment(at),
            entry_index=index,
        )
    )
