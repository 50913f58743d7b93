"""What was decided about limits and switches, each as a whole sentence."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from portal.controls.limits import (
    AUTHORITY_FEN,
    DUAL_FEN,
    SHOP_DAY_FEN,
    STOPPED,
    TOTAL_DAY_FEN,
)
from portal.errors import sentence as _
from portal.events import ControlSet
from portal.formats import yuan
from portal.words import CHANNELS

FOR_ALL = {
    DUAL_FEN: _("两人批准的起点改为 %(sum)s"),
    SHOP_DAY_FEN: _("每家店铺每天的上限改为 %(sum)s"),
    TOTAL_DAY_FEN: _("全平台每天的上限改为 %(sum)s"),
    AUTHORITY_FEN: _("一个人能批准的最大金额改为 %(sum)s"),
}
FOR_ONE = {
    SHOP_DAY_FEN: _("店铺 %(subject)s 每天的上限改为 %(sum)s"),
    AUTHORITY_FEN: _("管理员 %(subject)s 能批准的最大金额改为 %(sum)s"),
}


def told(event: ControlSet, people: Mapping[str, str]) -> str:
    """The sentence; `people` has the names of accounts by their numbers, as far as known."""
    if event.name == STOPPED:
        provider = gettext(CHANNELS.get(event.subject, event.subject))
        if event.value:
            return gettext("停止经%(provider)s付款", provider=provider)
        return gettext("恢复经%(provider)s付款", provider=provider)
    if not event.subject:
        return gettext(FOR_ALL[event.name], sum=yuan(event.value))
    named = people.get(event.subject) if event.name == AUTHORITY_FEN else None
    return gettext(FOR_ONE[event.name], subject=named or event.subject, sum=yuan(event.value))
