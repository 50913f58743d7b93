"""What an operator can do about a day: have it looked at again, and close what differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.access import Actor
from portal.controls.desk import person
from portal.controls.limits import DUAL_FEN
from portal.controls.queries import authority_of, control
from portal.database import AnySession
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.house import House
from portal.reconciling.closed import of_row, why_red
from portal.reconciling.commands import CloseDifference
from portal.reconciling.daily import due_at
from portal.reconciling.queries import Place, difference_of, is_day
from portal.reconciling.tables import WishRow
from portal.recorder import Receipt


def ask_again(session: AnySession, house: House, provider: str, day: str) -> None:
    """The worker does it within a minute or two; the caller commits. Raises BadInput."""
    if provider not in {each.name for each in house.providers}:
        raise BadInput("provider", _("没有这家支付机构的设置"))
    now = house.clock.now()
    if not is_day(day) or now < due_at(datetime.fromisoformat(day).date()):
        raise BadInput("day", _("这一天的对账单还没有到出来的时候"))
    session.merge(WishRow(provider=provider, day=day, asked_at=now))


@dataclass(frozen=True)
class Word:
    """What a person says about a difference. `seen`: the digest of what was on the page."""

    seen: str
    reason: str
    evidence: str


def close_difference(
    session: AnySession, house: House, actor: Actor, place: Place, word: Word, name: str
) -> Receipt:
    """DIFFERENCE_CLOSED; `name` is the command id. Raises NotFound, Refused, BadInput."""
    row = difference_of(session, place)
    about = of_row(row)
    if row.gone_at is not None:
        raise Refused(_("这一行已经不在了，不用了结"))
    if about.digest != word.seen:
        raise Refused(_("这一行刚刚变过，请再看一遍"))
    if why := why_red(session, row):
        raise Refused(why)
    command = CloseDifference(
        about,
        word.reason,
        word.evidence,
        person(actor),
        authority_of(session, actor.account_id or 0),
        control(session, DUAL_FEN),
    )
    return house.recorder.record(command, by=person(actor), command_id=name)
