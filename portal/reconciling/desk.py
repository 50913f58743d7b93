"""What an operator can ask about a day: that it is looked at again."""

from __future__ import annotations

from datetime import datetime

from portal.database import AnySession
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.house import House
from portal.reconciling.daily import due_at
from portal.reconciling.queries import is_day
from portal.reconciling.tables import WishRow


def ask_again(session: AnySession, house: House, provider: str, day: str) -> None:
    """The worker does it within a minute or two; the caller commits. Raises BadInput."""
    if provider not in {each.name for each in house.providers}:
        raise BadInput("provider", _("没有这家支付机构的设置"))
    now = house.clock.now()
    if not is_day(day) or now < due_at(datetime.fromisoformat(day).date()):
        raise BadInput("day", _("这一天的对账单还没有到出来的时候"))
    session.merge(WishRow(provider=provider, day=day, asked_at=now))
