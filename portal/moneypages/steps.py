"""Every recorded step of a movement, as a table of what was said, by whom and when."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from portal.errors import sentence as _
from portal.events import RefundState
from portal.formats import moment
from portal.refunds.state import Movement, attempt_no
from portal.words import MOVEMENTS

SOURCES = {
    "ANSWER": _("支付机构的回答"),
    "QUERY": _("查询支付机构"),
    "NOTICE": _("支付机构的通知"),
    "BILL": _("支付机构的账单"),
    "PROVIDER": _("支付机构"),
    "BUYER": _("买家"),
    "CLOCK": _("到期"),
    "OPERATOR": _("运营"),
}


@dataclass(frozen=True)
class Step:
    """One entry of the ledger about a movement."""

    when: str
    what: str
    source: str
    number: str


def steps_of(movement: Movement) -> tuple[Step, ...]:
    """Oldest first."""
    return tuple(_step(event, at) for event, at in movement.states)


def _step(event: RefundState, at: str) -> Step:
    return Step(
        when=moment(at),
        what=gettext(MOVEMENTS[event.state]),
        source=gettext(SOURCES[event.source]) if event.source in SOURCES else gettext("系统"),
        number=attempt_no(event.refund_no, event.attempt),
    )
