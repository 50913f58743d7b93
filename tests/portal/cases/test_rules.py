"""What time does to a case."""

from __future__ import annotations

from typing import Any

import pytest

from portal import events as e
from portal.cases.commands import ExpireClock
from portal.cases.rules import CONSEQUENCES, expire_clock
from portal.cases.state import Case
from portal.errors import Refused
from portal.rulebook import VERSIONS
from portal.words import CLOCKS
from tests.portal.stages import case_after, denied, filed, later, offered, seated
from tests.values import CASE_NO


def expire(case: Case, **span: float) -> tuple[e.Event, ...]:
    assert case.clock is not None
    wish = ExpireClock(CASE_NO, case.clock.clock, case.clock.due_at)
    return expire_clock(case, wish, later(**span))


def test_a_silent_merchant_loses_by_default() -> None:
    events = expire(case_after(*filed()), hours=24)
    assert case_after(*filed(), *events).state == "AWAITING_RETURN"
    assert any(isinstance(x, e.RulingIssued) and x.basis == "DEFAULT" for x in events)


def test_an_offer_that_nobody_decides_goes_to_a_panel_with_the_claim_unchanged() -> None:
    before = offered()
    case = case_after(*before, *expire(case_after(*before), hours=48))
    assert (case.state, case.todo) == ("PANEL_DRAW", "SEAT")
    assert case.claimed.refund_fen == 32_900


def test_the_end_of_deliberation_opens_what_is_in() -> None:
    before = seated()
    case = case_after(*before, *expire(case_after(*before), hours=48))
    assert (case.state, case.todo) == ("TALLY", "OPEN")


def test_a_clock_does_not_run_out_early() -> None:
    with pytest.raises(Refused):
        expire(case_after(*filed()), hours=23)


def test_a_clock_that_no_longer_runs_is_not_meant() -> None:
    old = case_after(*filed()).clock
    assert old is not None
    wish = ExpireClock(CASE_NO, old.clock, old.due_at)
    for events in (denied(), offered()):
        with pytest.raises(Refused):
            expire_clock(case_after(*events), wish, later(days=30))


def agreed(**changes: Any) -> tuple[e.Event, ...]:
    claim = filed(**changes)
    return (*claim, *expire(case_after(*claim), hours=24))


def test_goods_that_are_never_sent_back_end_the_case_without_money() -> None:
    only = agreed(remedies=(e.Remedy("REFUND_RETURN", 12_000),))
    ended = case_after(*only, *expire(case_after(*only), days=9))
    assert (ended.state, ended.closed) == ("CLOSED", e.CaseClosed("ABANDONED"))
    assert ended.refund is None
    assert [movement.state for movement in ended.movements] == ["CANCELLED"]


def test_compensation_is_paid_also_when_the_goods_are_never_sent_back() -> None:
    ended = case_after(*agreed(), *expire(case_after(*agreed()), days=9))
    assert (ended.state, ended.closed) == ("REFUNDING", None)
    rails = [(movement.order.rail, movement.state) for movement in ended.movements]
    assert rails == [("REFUND", "CANCELLED"), ("PAYOUT", "PLANNED")]


def test_a_parcel_that_nobody_inspects_counts_as_accepted() -> None:
    due = e.ClockStarted("RETURN_INSPECT", "2026-12-01T00:00:00.000Z")
    events = (*agreed(), e.ReturnShipped("顺丰", "SF1"), due)
    case = case_after(*events, *expire(case_after(*events), days=30))
    assert case.received == e.ReturnReceived("CLOCK")
    assert not any(movement.waiting for movement in case.movements)


def test_every_clock_has_a_length_a_consequence_and_a_sentence() -> None:
    for rules in VERSIONS.values():
        clocks = {name.partition("/")[0] for name in rules.clocks}  # told apart by track or cause
        assert clocks == CONSEQUENCES.keys() == CLOCKS.keys()
