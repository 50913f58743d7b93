"""Cases in which something is owed in kind, as values."""

from __future__ import annotations

from typing import Any

from portal import events as e
from portal.obligations import rules
from portal.obligations.commands import (
    CarryOutObligation,
    DisputeObligation,
    ExpireObligation,
    ShipObligation,
)
from portal.rulings.orders import settle
from tests.portal.stages import case_after, filed, later
from tests.values import CASE_NO, an_exhibit

Events = tuple[e.Event, ...]


def owing(*remedies: e.Remedy, **changes: Any) -> Events:
    """Both sides agree on these remedies."""
    before = filed(remedies=remedies, **changes)
    return (*before, *settle(case_after(*before), remedies, later()))


def owing_a_new_one(**changes: Any) -> Events:
    return owing(e.Remedy("REPLACE"), **changes)


def sent(before: Events | None = None, number: str = "O1") -> Events:
    before = before or owing_a_new_one()
    wish = ShipObligation(CASE_NO, number, "MERCHANT", "顺丰", "SF9")
    return (*before, *rules.ship(case_after(*before), wish, later(days=2)))


def carried_out(before: Events, side: str = "MERCHANT", number: str = "O1") -> Events:
    wish = CarryOutObligation(CASE_NO, number, side, "已在直播间说明。")
    return (*before, *rules.carry_out(case_after(*before), wish, later(days=2)))


def disputed(before: Events | None = None, number: str = "O1") -> Events:
    before = before or sent()
    photo = an_exhibit("B2")
    wish = DisputeObligation(CASE_NO, number, "NOT_AS_OWED", "还是同一件次品。", (photo,))
    return (*before, *rules.dispute(case_after(*before), wish, later(days=5)))


def lapsed(before: Events, number: str = "O1", **span: float) -> Events:
    """The obligation's own deadline runs out."""
    case = case_after(*before)
    obligation = case.obligation(number)
    assert obligation is not None
    wish = ExpireObligation(CASE_NO, number, obligation.due_at)
    return (*before, *rules.expire(case, wish, later(**span or {"days": 90})))
