from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from reviewers.__main__ import main
from tests.reviewers.builders import ENTRY_HEAD, a_bundle, a_case

Case = list[tuple[str, dict[str, Any]]]


def the(case: Case, type_: str) -> dict[str, Any]:
    return next(fields for found, fields in case if found == type_)


def run(check: str, folder: Path, case: Case) -> int:
    return main([check, str(a_bundle(folder / "case.zip", case))])


@pytest.mark.parametrize("check", ["recompute", "recount"])
def test_an_honest_record_is_confirmed(
    check: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(check, tmp_path, a_case()) == 0
    assert "FAIL" not in capsys.readouterr().out


def test_recompute_prints_every_seat(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = a_case()
    run("recompute", tmp_path, case)
    printed = capsys.readouterr().out

    for _, reviewer_id, _ in the(case, "PANEL_DRAWN")["seats"]:
        assert reviewer_id in printed


def test_seats_recorded_as_objects_read_the_same(tmp_path: Path) -> None:
    case = a_case()
    drawn = the(case, "PANEL_DRAWN")
    keys = ("number", "reviewer_id", "stratum")
    drawn["seats"] = [dict(zip(keys, seat, strict=True)) for seat in drawn["seats"]]

    assert run("recompute", tmp_path, case) == 0


def put_a_friend_on_seat_two(case: Case) -> None:
    the(case, "PANEL_DRAWN")["seats"][1][1] = "r_friend"


def add_a_seat(case: Case) -> None:
    the(case, "PANEL_DRAWN")["seats"].append([8, "r_friend", "EXPERT"])


def drop_a_candidate(case: Case) -> None:
    the(case, "PANEL_CALLED")["candidates"]["EXPERT"].pop()


def raise_a_weight(case: Case) -> None:
    the(case, "PANEL_CALLED")["candidates"]["BUYER_SIDE"][1][1] = 1000


def change_the_seed(case: Case) -> None:
    the(case, "PANEL_DRAWN")["seed"] = "00" * 32


def swap_reserves(case: Case) -> None:
    the(case, "PANEL_DRAWN")["reserves"]["EXPERT"].reverse()


def use_a_checkpoint_from_before_the_call(case: Case) -> None:
    drawn = the(case, "PANEL_DRAWN")
    drawn["checkpoint"] = drawn["checkpoint"].replace("\n2\n", "\n1\n")


def name_an_unknown_stratum(case: Case) -> None:
    the(case, "PANEL_CALLED")["candidates"]["FRIENDS"] = [["r_friend", 1]]


def break_the_checkpoint(case: Case) -> None:
    the(case, "PANEL_DRAWN")["checkpoint"] = "nothing"


def ask_for_half_a_seat(case: Case) -> None:
    the(case, "PANEL_CALLED")["seats"]["EXPERT"] = 0.5


def withhold_the_candidates(case: Case) -> None:
    del the(case, "PANEL_CALLED")["candidates"]


def forget_the_call(case: Case) -> None:
    case[1] = ("CASE_FILED", {})


@pytest.mark.parametrize(
    "tamper",
    [
        put_a_friend_on_seat_two,
        add_a_seat,
        drop_a_candidate,
        raise_a_weight,
        change_the_seed,
        swap_reserves,
        use_a_checkpoint_from_before_the_call,
        name_an_unknown_stratum,
        break_the_checkpoint,
        ask_for_half_a_seat,
        withhold_the_candidates,
        forget_the_call,
    ],
)
def test_a_draw_that_was_tampered_with_is_named(
    tamper: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = a_case()
    tamper(case)

    assert run("recompute", tmp_path, case) == 1
    assert "FAIL" in capsys.readouterr().out


def lower_the_refund(case: Case) -> None:
    the(case, "TALLY_CLOSED")["result"]["refund_fen"] = 100


def lose_a_ballot(case: Case) -> None:
    case.remove(next(one for one in case if one[0] == "BALLOT_REVEALED"))


def count_a_ballot_twice(case: Case) -> None:
    case.insert(3, next(one for one in case if one[0] == "BALLOT_REVEALED"))


def leave_the_result_empty(case: Case) -> None:
    the(case, "TALLY_CLOSED")["result"] = {}


def call_a_good_ballot_invalid(case: Case) -> None:
    the(case, "BALLOT_REVEALED")["valid"] = False


@pytest.mark.parametrize(
    "tamper",
    [
        lower_the_refund,
        lose_a_ballot,
        count_a_ballot_twice,
        leave_the_result_empty,
        call_a_good_ballot_invalid,
    ],
)
def test_a_count_that_was_tampered_with_is_named(
    tamper: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = a_case()
    tamper(case)

    assert run("recount", tmp_path, case) == 1
    assert "FAIL" in capsys.readouterr().out


def test_a_ballot_that_did_not_open_is_shown_and_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = a_case()
    the(case, "BALLOT_REVEALED").update(ballot={}, valid=False)
    result = the(case, "TALLY_CLOSED")["result"]
    result["valid"] = 6
    result["counts"]["SUPPORT_CLAIMANT"] = 4

    assert run("recount", tmp_path, case) == 0
    assert "seat 1: not a ballot" in capsys.readouterr().out


def test_a_text_with_unusual_line_separators_is_still_one_text(tmp_path: Path) -> None:
    case = a_case()
    the(case, "BALLOT_REVEALED")["ballot"]["text"] = "一\u2028二\x85三"

    assert run("recount", tmp_path, case) == 0


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        ("recompute", "No panel was drawn in this case."),
        ("recount", "No vote was counted in this case."),
    ],
)
def test_a_case_without_a_panel_has_nothing_to_repeat(
    check: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(check, tmp_path, a_case()[:1]) == 0
    assert sentence in capsys.readouterr().out


def write_text(path: Path) -> None:
    path.write_text("not a zip")


def write_an_oversized_entry(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("entries/0", b" " * (2 << 20))


def write_deep_json(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("entries/0", ENTRY_HEAD + "[" * 100_000)


def write_an_entry_without_a_type(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("entries/0", ENTRY_HEAD + json.dumps({"v": 1}))


def write_a_bad_disclosure(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("entries/0", ENTRY_HEAD + json.dumps({"type": "CASE_FILED"}))
        archive.writestr("disclosures/0.jsonl", "[1]")


def write_nothing(path: Path) -> None:
    path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    "write",
    [
        write_text,
        write_an_oversized_entry,
        write_deep_json,
        write_an_entry_without_a_type,
        write_a_bad_disclosure,
        write_nothing,
    ],
)
def test_a_broken_bundle_is_a_sentence_and_no_traceback(
    write: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "case.zip")

    assert main(["recount", str(tmp_path / "case.zip")]) == 1
    assert capsys.readouterr().err
