"""A delivery's turn: take it, send it, write down what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from portal.clock import Clock
from portal.monitors.items import cure_item, open_item
from portal.webhooks.retrying import GONE, TAKEN, next_attempt
from portal.webhooks.sending import Heard, Post
from portal.webhooks.signing import Signed, Signer, versions_at
from portal.webhooks.tables import DeliveryRow, SubscriptionRow

DELIVER = "DELIVER"  # the duty
LEASE = timedelta(seconds=30)  # longer than a request may take


@dataclass(frozen=True)
class Courier:
    """Delivers messages; any worker may, and none twice at the same time."""

    sessions: sessionmaker[Session]
    clock: Clock
    signer: Signer
    post: Post
    wall: Clock  # the receivers' clock, which no rehearsal moves

    def deliver(self, delivery_id: int) -> None:
        """Send it if it is due, and plan the next attempt if it was not taken."""
        taken = self._take(delivery_id)
        if taken is None:
            return
        delivery, subscription = taken
        now, content = self.clock.now(), delivery.content.encode()
        versions = versions_at(subscription.secret_version, subscription.rotated_at, now)
        signed = Signed(delivery.message_id, int(self.wall.now().timestamp()), content)
        headers = self.signer.headers(subscription.id, versions, signed)
        self._note(delivery_id, self.post(subscription.url, headers, content))

    def _take(self, delivery_id: int) -> tuple[DeliveryRow, SubscriptionRow] | None:
        """The lease by compare-and-set; None when it is not due, or somebody else's."""
        now = self.clock.now()
        with self.sessions.begin() as session:
            delivery = session.get(DeliveryRow, delivery_id)
            if delivery is None or delivery.next_at is None or delivery.next_at > now:
                return None
            subscription = session.get_one(SubscriptionRow, delivery.subscription_id)
            if not subscription.enabled:
                return None
            due = DeliveryRow.id == delivery_id, DeliveryRow.attempts == delivery.attempts
            leased = {
                "attempts": delivery.attempts + 1,
                "next_at": now + LEASE,
                "first_at": delivery.first_at or now,
            }
            moved = session.execute(update(DeliveryRow).where(*due).values(leased))
            if moved.rowcount != 1:  # type: ignore[attr-defined]
                return None
        return delivery, subscription

    def _note(self, delivery_id: int, heard: Heard) -> None:
        now = self.clock.now()
        with self.sessions.begin() as session:
            delivery = session.get_one(DeliveryRow, delivery_id)
            delivery.status, delivery.error, delivery.answered_at = heard.status, heard.error, now
            if heard.status in TAKEN:
                delivery.state, delivery.next_at = "DELIVERED", None
                cure_item(session, "WEBHOOK_OFF", delivery.subscription_id, now)
            else:
                _plan(session, delivery, now)


def _plan(session: Session, delivery: DeliveryRow, now: datetime) -> None:
    """The next attempt; or, after five days or when the receiver says so, none to this address."""
    first_at = delivery.first_at or now
    delivery.next_at = next_attempt(delivery.attempts, first_at, now)
    gone = delivery.status == GONE
    if not gone and delivery.next_at is not None:
        return
    delivery.state, delivery.next_at = "GIVEN_UP", None
    subscription = session.get_one(SubscriptionRow, delivery.subscription_id)
    switch_off(session, subscription, "GONE" if gone else "FAILING", now)


def switch_off(session: Session, row: SubscriptionRow, why: str, now: datetime) -> None:
    """No more messages to this address; those that wait stay until it is switched on again."""
    row.enabled, row.ended_why = False, why
    _plan_waiting(session, row, next_at=None)
    if why:
        note = f"{row.platform} {row.url}"
        open_item(session, "WEBHOOK_OFF", row.id, note=note, now=now)


def switch_on(session: Session, row: SubscriptionRow, now: datetime) -> None:
    """What has waited is sent now, with five new days of patience."""
    row.enabled, row.ended_why = True, ""
    _plan_waiting(session, row, next_at=now)
    cure_item(session, "WEBHOOK_OFF", row.id, now)


def _plan_waiting(session: Session, row: SubscriptionRow, next_at: datetime | None) -> None:
    waiting = DeliveryRow.subscription_id == row.id, DeliveryRow.state == "PENDING"
    values = {"next_at": next_at, "first_at": None}
    session.execute(update(DeliveryRow).where(*waiting).values(values))


def due_deliveries(session: Session, now: datetime, most: int) -> Sequence[DeliveryRow]:
    """By index, the longest overdue first; what waits for an address to come back has no time."""
    query = select(DeliveryRow).where(DeliveryRow.next_at <= now)
    return session.scalars(query.order_by(DeliveryRow.next_at).limit(most)).all()
