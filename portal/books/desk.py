"""What platforms and operators wish about deposits and advances, for pages and programs alike."""

from __future__ import annotations

import hashlib

from portal.access import Actor
from portal.books.commands import RecordRecoup, SetDeposit
from portal.books.queries import recoup
from portal.database import AnySession
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import bound, by
from portal.recorder import Receipt
from portal.times import moment


def set_deposit(house: House, actor: Actor, command: SetDeposit) -> Receipt:
    """Record a platform's own word; the same word again gives the same receipt.

    Raises BadInput, also for somebody else's platform.
    """
    if command.platform != actor.platform:
        raise BadInput("platform", _("只能提交自己平台的记录"))
    try:
        moment(command.as_of)
    except ValueError:
        raise BadInput("as_of", _("时间要写成 2026-11-22T10:00:00+08:00 这样")) from None
    named = hashlib.sha256(repr(command).encode()).hexdigest()
    return house.recorder.record(command, by=by(actor), command_id=f"deposit/{named}")


def record_recoup(
    house: House, session: AnySession, actor: Actor, command: RecordRecoup, wish: str
) -> Receipt:
    """Record what came back of an advance. Raises NotFound, BadInput, Refused."""
    recoup(session, command.refund_no)
    return house.recorder.record(command, by=by(actor), command_id=bound(wish, command))
