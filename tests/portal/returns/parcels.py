"""Cases whose goods are on their way back, as values: shipped, contested, before an officer."""

from __future__ import annotations

from typing import Any

from portal import events as e
from portal.cases.commands import ExpireClock
from portal.cases.rules import expire_clock
from portal.claims.commands import ShipReturn
from portal.claims.rules import ship_return
from portal.returns.commands import AnswerReturn, ContestReturn
from portal.returns.rules import answer_return, contest_return
from portal.rulings.orders import settle
from tests.portal.stages import case_after, filed, later
from tests.values import CASE_NO, an_exhibit

Events = tuple[e.Event, ...]
RETURN = (e.Remedy("REFUND_RETURN", 32_900),)


def agreed(remedies: tuple[e.Remedy, ...] = RETURN, **changes: Any) -> Events:
    """Both sides agree on a refund for the goods; the buyer is to send them back."""
    before = filed(remedies=remedies, **changes)
    return (*before, *settle(case_after(*before), remedies, later()))


def shipped(before: Events | None = None, **parcel: Any) -> Events:
    before = before or agreed()
    wish = ShipReturn(CASE_NO, "顺丰", "SF1", **parcel)
    return (*before, *ship_return(case_after(*before), wish, later(days=1)))


def an_objection(**changes: Any) -> ContestReturn:
    said: dict[str, Any] = {
        "reason": "DAMAGED",
        "text": "袖口有污渍，吊牌剪掉了。",
        "carrier_state": "delivered",
        "exhibits": (an_exhibit("M1"),),
    }
    return ContestReturn(CASE_NO, **said | changes)


def contested(before: Events | None = None, **changes: Any) -> Events:
    before = before or shipped()
    return (*before, *contest_return(case_after(*before), an_objection(**changes), later(days=4)))


def answered(before: Events | None = None) -> Events:
    """Before an officer, with one exhibit of each side about the parcel."""
    before = before or contested()
    wish = AnswerReturn(CASE_NO, "寄出时是干净的。", (an_exhibit("B2"),))
    return (*before, *answer_return(case_after(*before), wish, later(days=5)))


def after_expiry(before: Events, **span: float) -> Events:
    """The running clock runs out."""
    case = case_after(*before)
    assert case.clock is not None
    wish = ExpireClock(CASE_NO, case.clock.clock, case.clock.due_at)
    return (*before, *expire_clock(case, wish, later(**span)))
