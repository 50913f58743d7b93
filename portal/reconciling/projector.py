"""From a case's movements to what a bill must list, and from RECONCILED to the list of days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.cases.tables import EntryRow
from portal.events import DifferenceClosed, Reconciled, RefundState
from portal.files import Files
from portal.formats import BEIJING
from portal.monitors.items import add_step, open_key_of
from portal.monitors.tables import ItemRow
from portal.reconciling.comparing import ITEMS
from portal.reconciling.tables import DayRow, PaidRow
from portal.refunds.state import Movement, attempt_no
from portal.times import moment


def project_paid(session: Session, case: Case) -> None:
    """A row for each attempt that a provider reported as paid, as a function of the events."""
    for movement in case.movements:
        for row in _paid(case.claim.case_no, movement):
            session.merge(row)


def _paid(case_no: str, movement: Movement) -> Iterator[PaidRow]:
    for step, (event, at) in enumerate(movement.states):
        if event.state == "SUCCESS":
            then = replace(movement, states=movement.states[:step])
            after = (e for e, _at in movement.states[step:] if e.attempt == event.attempt)
            yield PaidRow(
                number=_number(movement, event),
                refund_no=movement.refund_no,
                case_no=case_no,
                kind="PAYOUT" if then.pays_out else "REFUND",
                provider=event.provider,
                provider_ref=event.provider_ref,
                day=day_in_beijing(event.provider_at or at),
                amount_fen=max(event.amount_fen, event.cash_fen + event.coupon_fen),
                reversed=any(e.state == "REVERSED" for e in after) and event.route != "OFFLINE",
            )


def _number(movement: Movement, paid: RefundState) -> str:
    """What two people vouch for has no number of a provider's: it must not take the place of what
    was paid under that number before, and came back."""
    number = attempt_no(movement.refund_no, paid.attempt)
    return f"{number}/OFFLINE" if paid.route == "OFFLINE" else number


def day_in_beijing(at: str) -> str:
    return moment(at).astimezone(BEIJING).date().isoformat()


def project_closed(session: Session, event: DifferenceClosed, files: Files) -> None:
    """Whoever closes the difference has done what its item asked for. One that was opened later is
    about something else, also when the past is told again."""
    if not event.in_force:
        return
    at = moment(session.scalars(select(EntryRow.at).order_by(EntryRow.index.desc())).first())
    key = open_key_of(ITEMS[event.kind], event.number or f"{event.provider}/{event.day}")
    row = session.scalar(select(ItemRow).where(ItemRow.open_key == key, ItemRow.opened_at <= at))
    if row is not None:
        row.state, row.how, row.open_key = "RESOLVED", "BY_HAND", None
        row.closed_at, row.next_at = at, None
        add_step(session, row.item_no, "RESOLVED", at, text=event.reason)


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
