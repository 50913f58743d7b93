"""A platform's program manages its own subscriptions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from portal.access import Role, allow, current_actor
from portal.bodies import Answered, Body, Words
from portal.database import db
from portal.house import house
from portal.webhooks import desk
from portal.webhooks.addresses import LONGEST
from portal.webhooks.tables import SubscriptionRow

bp = APIBlueprint("webhooks_api", __name__, url_prefix="/api/v1", tag="Webhooks")


class SubscriptionBody(Body):
    """`events`: codes such as refund.succeeded; none for all. `platform`: for an operator only."""

    url: Annotated[Words, Field(min_length=1, max_length=LONGEST)]
    events: Annotated[list[Annotated[Words, Field(max_length=40)]], Field(max_length=50)] = []
    platform: Annotated[Words, Field(max_length=64)] = ""


class EnabledBody(Body):
    enabled: bool


class SubscriptionOut(BaseModel):
    """`ended_why`: GONE (you answered 410) or FAILING (five days without success), else empty."""

    id: str
    platform: str
    url: str
    events: list[str]
    enabled: bool
    ended_why: str
    created_at: datetime


class SecretOut(SubscriptionOut):
    """`secret` is shown this once."""

    secret: str


class DeliveryOut(Answered):
    """`message_id` is the webhook-id of every attempt; `status` the last one's HTTP, 0 for none."""

    message_id: str
    type: str
    case_no: str
    state: str
    attempts: int
    status: int
    error: str
    created_at: datetime
    next_at: datetime | None
    answered_at: datetime | None


@bp.get("/webhooks")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.output(list[SubscriptionOut])
def listing() -> list[SubscriptionOut]:
    """The addresses of this platform."""
    return [SubscriptionOut(**_of(row)) for row in desk.subscriptions(db.session, current_actor())]


@bp.post("/webhooks")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.input(SubscriptionBody, arg_name="body")
@bp.output(SecretOut, status_code=201)
def add(body: SubscriptionBody) -> SecretOut:
    """Tell this address from now on; the answer holds its secret."""
    wish = desk.Wish(body.platform, body.url, tuple(body.events))
    opened = desk.subscribe(house(), db.session, current_actor(), wish)
    return _committed(opened)


@bp.post("/webhooks/<subscription_id>/secret")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.output(SecretOut)
def rotate(subscription_id: str) -> SecretOut:
    """A new secret; for a day messages carry a signature under both."""
    return _committed(desk.rotate(house(), db.session, current_actor(), subscription_id))


@bp.post("/webhooks/<subscription_id>/enabled")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.input(EnabledBody, arg_name="body")
@bp.output(SubscriptionOut)
def set_enabled(subscription_id: str, body: EnabledBody) -> SubscriptionOut:
    """Switch off, or on again: then what has waited is sent."""
    row = desk.set_enabled(house(), db.session, current_actor(), subscription_id, body.enabled)
    db.session.commit()
    return SubscriptionOut(**_of(row))


@bp.delete("/webhooks/<subscription_id>")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.output({}, status_code=204)
def remove(subscription_id: str) -> str:
    """Forget the address and its deliveries."""
    desk.remove(db.session, current_actor(), subscription_id)
    db.session.commit()
    return ""


@bp.get("/webhooks/<subscription_id>/deliveries")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.output(list[DeliveryOut])
def deliveries(subscription_id: str) -> list[DeliveryOut]:
    """The newest fifty."""
    row = desk.own_subscription(db.session, current_actor(), subscription_id)
    return [DeliveryOut.model_validate(each) for each in desk.deliveries(db.session, row)]


@bp.post("/webhooks/<subscription_id>/deliveries/<message_id>/replay")
@allow(Role.PLATFORM, Role.OPERATOR)
@bp.output({}, status_code=204)
def replay(subscription_id: str, message_id: str) -> str:
    """Send it again, with the same webhook-id."""
    desk.replay(house(), db.session, current_actor(), subscription_id, message_id)
    db.session.commit()
    return ""


def _committed(opened: desk.Opened) -> SecretOut:
    known = _of(opened.row)
    db.session.commit()
    return SecretOut(**known, secret=opened.secret)


def _of(row: SubscriptionRow) -> dict[str, object]:
    return {
        "id": row.id,
        "platform": row.platform,
        "url": row.url,
        "events": row.events.split(",") if row.events else [],
        "enabled": row.enabled,
        "ended_why": row.ended_why,
        "created_at": row.created_at,
    }
