"""One row of a bill against what is known of its number."""

from __future__ import annotations

import pytest

from portal.providers.values import BillRow
from portal.reconciling.comparing import Ours, compare

DAY = "2026-11-22"


def a_row(fen: int = 100, state: str = "SUCCESS") -> BillRow:
    return BillRow(1, "R1n1a1", "5000", fen, fen, state, "", "")


def ours(state: str = "SUCCESS", day: str = DAY, *, taken_back: bool = False) -> Ours:
    return Ours("R1n1", "MA-1", 100, state, day, taken_back)


@pytest.mark.parametrize(
    ("row", "known", "kind"),
    [
        (a_row(), ours(), ""),
        (a_row(101), ours(), "AMOUNT_DIFFERS"),
        (a_row(99), ours(), "AMOUNT_DIFFERS"),
        (a_row(), None, "ORPHAN"),
        (a_row(state="PROCESSING"), None, "ORPHAN"),
        (a_row(state="CLOSED"), None, ""),
        (a_row(), ours("SUBMITTED", ""), "STATE_DIFFERS"),
        (a_row(), ours("BACK_AT_SHOP", ""), ""),
        (a_row(), ours("CANCELLED", ""), "STATE_DIFFERS"),
        (a_row(state="PROCESSING"), ours(), "STATE_DIFFERS"),
        (a_row(state="PROCESSING"), ours("PROCESSING", ""), ""),
        (a_row(state="CLOSED"), ours(taken_back=True), ""),
        (a_row(), ours(taken_back=True), ""),
        (a_row(), ours(day="2026-11-20", taken_back=True), "STATE_DIFFERS"),
    ],
)
def test_each_pair_of_row_and_record_has_one_name(
    row: BillRow, known: Ours | None, kind: str
) -> None:
    assert compare(row, known, DAY, repeated=False).kind == kind


def test_the_second_row_of_a_number_is_a_duplicate_whatever_else_it_is() -> None:
    assert compare(a_row(), ours(), DAY, repeated=True).kind == "DUPLICATE_ROW"


def test_a_row_of_another_day_agrees_and_is_remembered() -> None:
    verdict = compare(a_row(), ours(day="2026-11-23"), DAY, repeated=False)
    assert (verdict.kind, verdict.stray) == ("", True)


def test_a_row_accepted_today_and_paid_tomorrow_is_no_difference() -> None:
    tomorrow = ours(day="2026-11-23")
    assert compare(a_row(state="PROCESSING"), tomorrow, DAY, repeated=False).kind == ""
