"""From an entry to deliveries, in the projecting transaction: what is recorded is told, once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases.state import Case
from portal.projection import Happened
from portal.times import moment
from portal.webhooks.messages import Message, message_of
from portal.webhooks.tables import DeliveryRow, SubscriptionRow


def enqueue_deliveries(session: Session, happened: Happened, case: Case) -> None:
    """One delivery for each address of the case's platform that asked for this kind."""
    message = message_of(happened, case)
    if message is None:
        return
    wanted = SubscriptionRow.platform == case.claim.platform, SubscriptionRow.enabled.is_(True)
    for row in session.scalars(select(SubscriptionRow).where(*wanted)):
        if not row.events or message.type in row.events.split(","):
            session.add(_delivery(row, message, happened, case))


def _delivery(
    row: SubscriptionRow, message: Message, happened: Happened, case: Case
) -> DeliveryRow:
    at = moment(happened.at)
    return DeliveryRow(
        subscription_id=row.id,
        message_id=message.id,
        type=message.type,
        case_no=case.claim.case_no,
        content=message.content,
        created_at=at,
        next_at=at,
    )
