"""Subscriptions as an operator or the platform itself manages them, for pages and programs."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import select, update

from portal.access import Actor, Role
from portal.database import AnySession
from portal.errors import BadInput, NotFound, Refused
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.webhooks.addresses import check_url
from portal.webhooks.delivering import switch_off, switch_on
from portal.webhooks.messages import TYPES
from portal.webhooks.tables import DeliveryRow, SubscriptionRow

MOST = 10  # subscriptions of one platform
PAGE = 50


@dataclass(frozen=True)
class Wish:
    """Whom to tell what; no `events`: everything."""

    platform: str
    url: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True)
class Opened:
    """A subscription with the secret that is shown this once."""

    row: SubscriptionRow
    secret: str = field(repr=False)


def subscribe(house: House, session: AnySession, actor: Actor, wish: Wish) -> Opened:
    """The caller commits. Raises BadInput, Refused, NotFound for another's platform."""
    platform = _platform_of(actor, wish.platform)
    url, events = check_url(wish.url, house.config.rehearsal), _events(wish.events)
    own = select(SubscriptionRow.id).where(SubscriptionRow.platform == platform)
    if len(session.scalars(own.limit(MOST)).all()) == MOST:
        raise Refused(_("一个平台最多 %(n)s 个推送地址"), n=MOST)
    row = SubscriptionRow(
        id=f"whs_{secrets.token_hex(12)}",
        platform=platform,
        url=url,
        events=",".join(events),
        secret_version=1,
        enabled=True,
        ended_why="",
        created_at=house.clock.now(),
        created_by=by(actor),
    )
    session.add(row)
    return Opened(row, house.duties.courier.signer.secret(row.id, 1))


def rotate(house: House, session: AnySession, actor: Actor, subscription_id: str) -> Opened:
    """A new secret; the one before signs along for a day. The caller commits."""
    row = own_subscription(session, actor, subscription_id)
    row.secret_version, row.rotated_at = row.secret_version + 1, house.clock.now()
    return Opened(row, house.duties.courier.signer.secret(row.id, row.secret_version))


def set_enabled(
    house: House, session: AnySession, actor: Actor, subscription_id: str, wanted: bool
) -> SubscriptionRow:
    """The caller commits."""
    row, now = own_subscription(session, actor, subscription_id), house.clock.now()
    if wanted:
        switch_on(session, row, now)
    else:
        switch_off(session, row, "", now)
    return row


def remove(session: AnySession, actor: Actor, subscription_id: str) -> None:
    """With all its deliveries; the caller commits."""
    row = own_subscription(session, actor, subscription_id)
    deliveries = DeliveryRow.subscription_id == row.id
    session.execute(DeliveryRow.__table__.delete().where(deliveries))
    session.delete(row)


def replay(
    house: House, session: AnySession, actor: Actor, subscription_id: str, message_id: str
) -> None:
    """Send it again under the same message id; the caller commits. Raises NotFound, Refused."""
    row = own_subscription(session, actor, subscription_id)
    if not row.enabled:
        raise Refused(_("这个地址已停用，请先启用"))
    again = DeliveryRow.message_id == message_id, DeliveryRow.subscription_id == row.id
    values = {"state": "PENDING", "next_at": house.clock.now(), "first_at": None}
    done = session.execute(update(DeliveryRow).where(*again).values(values))
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound(_("没有这条推送"))


def own_subscription(session: AnySession, actor: Actor, subscription_id: str) -> SubscriptionRow:
    """Raises NotFound, also for another platform's."""
    row = session.get(SubscriptionRow, subscription_id)
    if row is None or not (actor.has(Role.OPERATOR) or row.platform == actor.platform):
        raise NotFound(_("没有这个推送地址"))
    return row


def subscriptions(session: AnySession, actor: Actor) -> tuple[SubscriptionRow, ...]:
    """The oldest first; an operator sees every platform's."""
    query = select(SubscriptionRow).order_by(SubscriptionRow.created_at, SubscriptionRow.id)
    if not actor.has(Role.OPERATOR):
        query = query.where(SubscriptionRow.platform == (actor.platform or ""))
    return tuple(session.scalars(query.limit(500)))


def deliveries(
    session: AnySession, row: SubscriptionRow, before: int = 0
) -> tuple[DeliveryRow, ...]:
    """A page, the newest first; `before` is the last number of the page before."""
    query = select(DeliveryRow).where(DeliveryRow.subscription_id == row.id)
    query = query.where(DeliveryRow.id < before) if before else query
    return tuple(session.scalars(query.order_by(DeliveryRow.id.desc()).limit(PAGE)))


def _platform_of(actor: Actor, platform: str) -> str:
    if actor.has(Role.OPERATOR):
        if not platform.strip():
            raise BadInput("platform", _("请填写平台代号"))
        return platform.strip()
    if platform and platform != actor.platform:
        raise NotFound(_("没有这个平台，或者它不是你的"))
    return actor.platform or ""


def _events(wanted: Iterable[str]) -> tuple[str, ...]:
    unknown = [code for code in wanted if code not in TYPES]
    if unknown:
        raise BadInput("events", _("没有这种事件：%(code)s"), code=unknown[0])
    return tuple(code for code in TYPES if code in set(wanted))
