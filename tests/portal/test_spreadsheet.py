"""Lists as files that a spreadsheet opens, and does not calculate."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest

from portal.amounts import plain_yuan
from portal.spreadsheet import MARK, as_csv, beijing_time


def test_what_a_stranger_wrote_is_no_formula_and_a_negative_amount_stays_a_number() -> None:
    cells = ["=1+1", "+1", "-1+cmd", "@SUM(A1)", "\tx", plain_yuan(-50), plain_yuan(32_900), "R1"]
    text = "".join(as_csv(["a"], [cells]))
    assert text.startswith(MARK)
    (_heads, shown) = csv.reader(io.StringIO(text.removeprefix(MARK)))
    assert shown == ["'=1+1", "'+1", "'-1+cmd", "'@SUM(A1)", "'\tx", "-0.50", "329.00", "R1"]


@pytest.mark.parametrize("cell", ["\n=1+1", "＝1+1", "＋1", "－1", "＠SUM(A1)"])
def test_line_breaks_and_full_width_signs_hide_no_formula(cell: str) -> None:
    text = "".join(as_csv(["a"], [[cell]])).removeprefix(MARK)
    assert list(csv.reader(io.StringIO(text)))[1] == [f"'{cell}"]


def test_times_are_beijings_and_may_be_missing() -> None:
    assert beijing_time(datetime(2026, 11, 20, 16, 30, tzinfo=UTC)) == "2026-11-21 00:30:00"
    assert beijing_time(None) == ""
