"""What an operator does about an item: take it, pay in advance, resolve it with a reason."""

from __future__ import annotations

from portal.access import Actor
from portal.controls.desk import override
from portal.database import AnySession
from portal.errors import Refused
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import bound, by
from portal.monitors.commands import ResolveItem
from portal.monitors.items import add_step
from portal.monitors.queries import item_of, may_advance
from portal.monitors.tables import ItemRow
from portal.recorder import Receipt
from portal.times import stamp


def take(session: AnySession, house: House, actor: Actor, item_no: str) -> ItemRow:
    """The actor sees to it from now on, also in somebody's place; the caller commits. Taking what
    one has already changes nothing. Raises NotFound, Refused."""
    row = item_of(session, actor, item_no)
    if row.state == "RESOLVED":
        raise Refused(_("这一项已经了结"))
    if row.taken_by != actor.account_id:
        row.state, row.taken_by = "TAKEN", actor.account_id
        add_step(session, item_no, "TAKEN", house.clock.now(), by=actor.name[:80])
    return row


def resolve(
    session: AnySession, house: House, actor: Actor, item_no: str, text: str, name: str
) -> Receipt:
    """ITEM_RESOLVED; `name` is the command id. Raises NotFound, Refused, BadInput."""
    row = item_of(session, actor, item_no)
    if row.how == "CURED":
        raise Refused(_("这一项已经了结"))
    wish = ResolveItem(row.item_no, row.kind, row.subject, stamp(row.opened_at), row.case_no, text)
    return house.recorder.record(wish, by=by(actor), command_id=bound(name, wish))


def advance(
    session: AnySession, house: House, actor: Actor, item_no: str, text: str, name: str
) -> Receipt:
    """先行赔付: MONEY_OVERRIDDEN with ADVANCE for the item's movement; the engine first makes sure
    that nothing was paid under the old number. Raises NotFound, Refused, BadInput."""
    row = item_of(session, actor, item_no)
    if not may_advance(session, row):
        raise Refused(_("这一项现在不能先行赔付"))
    receipt = override(house, actor, row.refund_no, "ADVANCE", text, name)
    add_step(session, item_no, "ADVANCED", house.clock.now(), by=actor.name[:80], text=text[:2000])
    session.commit()
    return receipt
