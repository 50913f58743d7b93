"""When an item is needed, when it is not yet, and when it is no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from portal.monitors.conditions import Stand, complaints, is_cured
from portal.monitors.escalation import TOP, rise
from portal.monitors.kinds import KINDS

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # a Monday, noon in Beijing


def minutes(number: float) -> datetime:
    return NOW + timedelta(minutes=number)


def a_stand(**changes: object) -> Stand:
    usual = Stand(
        state="PLANNED",
        over=False,
        waiting=False,
        channel="wechat",
        method="wallet",
        route="",
        ordered_at=NOW,
        called_at=None,
        latest="",
        blocked="",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def at_bank(**changes: object) -> Stand:
    return a_stand(method="debit_card", called_at=NOW, **changes)


@pytest.mark.parametrize(
    ("stand", "kind", "not_yet", "then"),
    [
        (a_stand(), "NO_CALL", minutes(4.9), minutes(5)),
        (a_stand(blocked="APPROVAL"), "NO_CALL", minutes(60 * 23.9), minutes(60 * 24)),
        (
            a_stand(state="SUBMITTED", called_at=NOW),
            "UNKNOWN_TOO_LONG",
            minutes(9.9),
            minutes(10),
        ),
        (
            a_stand(state="PROCESSING", called_at=NOW),
            "UNKNOWN_TOO_LONG",
            minutes(9.9),
            minutes(10),
        ),
        # A bank has three working days from Monday: Thursday is the last promised day.
        (
            at_bank(state="PROCESSING"),
            "UNKNOWN_TOO_LONG",
            datetime(2026, 11, 26, 15, 59, tzinfo=UTC),
            datetime(2026, 11, 26, 16, 0, tzinfo=UTC),
        ),
        (
            at_bank(state="SUCCESS", latest="2026-11-26"),
            "PAST_PROMISE",
            datetime(2026, 11, 26, 15, 59, tzinfo=UTC),
            datetime(2026, 11, 26, 16, 0, tzinfo=UTC),
        ),
    ],
)
def test_each_condition_holds_from_its_minute_on_and_not_before(
    stand: Stand, kind: str, not_yet: datetime, then: datetime
) -> None:
    assert kind not in complaints(stand, not_yet)
    assert complaints(stand, then) == {kind}
    assert not is_cured(kind, stand, then)


@pytest.mark.parametrize(
    "stand",
    [
        a_stand(waiting=True),
        a_stand(state="CANCELLED"),
        a_stand(state="ARRIVED", latest="2026-11-23"),
        a_stand(state="SUCCESS", latest="2026-11-23", route="ORIGINAL"),
        a_stand(state="SUCCESS", channel="balance", route="BALANCE"),
        a_stand(state="SUCCESS", route="OFFLINE"),
    ],
)
def test_what_goes_well_needs_nobody_even_after_a_year(stand: Stand) -> None:
    assert complaints(stand, NOW + timedelta(days=365)) == frozenset()


@pytest.mark.parametrize("state", ["ABNORMAL", "CLOSED", "REFUSED", "REVERSED"])
def test_a_bad_end_needs_somebody_at_once_until_the_movement_goes_on(state: str) -> None:
    assert complaints(a_stand(state=state, called_at=NOW), NOW) == {state}
    moved_on = a_stand(state="SUCCESS", called_at=NOW, over=True)
    assert is_cured(state, moved_on, NOW)


def test_another_route_is_never_cured_by_time() -> None:
    stand = a_stand(state="SUCCESS", route="OTHER_BANKCARD")
    assert complaints(stand, NOW) == {"ROUTE_DIFFERS"}
    assert not is_cured("ROUTE_DIFFERS", replace(stand, state="ARRIVED"), NOW)


def test_a_buyer_who_waits_is_not_answered_by_the_watch() -> None:
    stand = a_stand(state="SUCCESS", latest="2026-11-23")
    assert not is_cured("PAST_PROMISE", stand, NOW)
    presumed = replace(stand, state="ARRIVED", over=True)
    assert not is_cured("PAST_PROMISE", presumed, NOW)
    assert is_cured("PAST_PROMISE", replace(stand, state="REVERSED"), NOW)


def test_a_short_account_is_done_with_when_the_money_moves() -> None:
    assert not is_cured("NOT_ENOUGH", a_stand(state="SUBMITTED", called_at=NOW), NOW)
    assert is_cured("NOT_ENOUGH", a_stand(state="PROCESSING", called_at=NOW), NOW)


def test_an_item_rises_step_by_step_and_stays_at_the_top() -> None:
    assert rise("NO_CALL", 0, minutes(30), minutes(29)) is None
    first = rise("NO_CALL", 0, minutes(30), minutes(30))
    assert first is not None
    assert (first.level, first.owner, first.what) == (1, "OPERATOR", "OFFERED")
    assert first.deadline == minutes(30) + timedelta(days=1)
    second = rise("NO_CALL", 1, first.next_at, first.deadline)
    assert second is not None
    assert (second.level, second.owner, second.next_at) == (TOP, "ASSOCIATION", None)
    assert rise("NO_CALL", TOP, None, minutes(10**6)) is None


def test_no_advance_is_offered_where_no_buyer_waits() -> None:
    step = rise("DEPOSIT_LOW", 0, NOW, NOW)
    assert step is not None
    assert step.what == "REMINDED"


def test_every_kind_has_somebody_with_time_to_act() -> None:
    assert all(kind.patience >= timedelta(minutes=30) for kind in KINDS.values())
    assert len(KINDS) >= 22
