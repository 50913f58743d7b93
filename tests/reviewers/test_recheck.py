from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from reviewers import candidates
from reviewers.__main__ import main
from reviewers.candidates import Fixed
from tests.reviewers.builders import ENTRY_HEAD, Story, a_bundle, a_case, a_pool, digest_of


def run(check: str, folder: Path, case: Story) -> int:
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

    for seat in case.the("PANEL_DRAWN")["seats"]:
        assert seat["reviewer_id"] in printed


def put_a_friend_on_seat_two(case: Story) -> None:
    case.the("PANEL_DRAWN")["seats"][1]["reviewer_id"] = "r_friend"


def add_a_seat(case: Story) -> None:
    seat = {"number": 8, "reviewer_id": "r_friend", "stratum": "EXPERT"}
    case.the("PANEL_DRAWN")["seats"].append(seat)


def bend_the_file_of_candidates(case: Story) -> None:
    (digest, content), *_ = case.pools.items()
    case.pools[digest] = content.replace(b'["r_b001",2]', b'["r_b001",9]')


def fix_other_candidates(case: Story) -> None:
    strata = {stratum: tuple(who) for stratum, who in a_pool(11).items()}
    content = candidates.encode(Fixed(strata, {}))
    case.pools = {digest_of(content): content}
    case.the("PANEL_CALLED")["pool"]["sha256"] = digest_of(content)


def withhold_the_file_of_candidates(case: Story) -> None:
    case.pools.clear()


def understate_the_exclusions(case: Story) -> None:
    case.the("PANEL_CALLED")["exclusions"] = {}


def change_the_seed(case: Story) -> None:
    case.the("PANEL_DRAWN")["seed"] = "00" * 32


def leave_the_witness_out_of_the_seed(case: Story) -> None:
    case.the("PANEL_DRAWN")["extra"] = []


def slip_something_into_the_seed(case: Story) -> None:
    case.the("PANEL_DRAWN")["extra"].append("00")


def swap_reserves(case: Story) -> None:
    case.the("PANEL_DRAWN")["reserves"]["EXPERT"].reverse()


def use_a_checkpoint_from_before_the_call(case: Story) -> None:
    drawn = case.the("PANEL_DRAWN")
    drawn["checkpoint"] = drawn["checkpoint"].replace("\n2\n", "\n1\n")


def break_the_checkpoint(case: Story) -> None:
    case.the("PANEL_DRAWN")["checkpoint"] = "nothing"


def ask_for_half_a_seat(case: Story) -> None:
    case.the("PANEL_CALLED")["seats"]["EXPERT"] = 0.5


def ask_for_a_stratum_that_is_not_there(case: Story) -> None:
    case.the("PANEL_CALLED")["seats"]["FRIENDS"] = 1


def call_it_another_round(case: Story) -> None:
    case.the("PANEL_CALLED")["round"] = 2


def forget_the_call(case: Story) -> None:
    case.events[1] = ("CASE_FILED", {})


def let_a_friend_step_in(case: Story) -> None:
    gone = case.the("PANEL_DRAWN")["seats"][0]["reviewer_id"]
    case.events[3:3] = [
        ("RECUSAL", {"seat": 1, "reviewer_id": gone, "why": "DECLINED"}),
        ("SEAT_FILLED", {"seat": 1, "reviewer_id": "r_friend", "stratum": "BUYER_SIDE"}),
    ]


def let_the_second_reserve_step_in(case: Story) -> None:
    let_a_friend_step_in(case)
    second = case.the("PANEL_DRAWN")["reserves"]["BUYER_SIDE"][1]
    case.the("SEAT_FILLED")["reviewer_id"] = second


def leave_a_seat_empty_while_reserves_wait(case: Story) -> None:
    let_a_friend_step_in(case)
    del case.events[4]


def draw_twice(case: Story) -> None:
    case.events.insert(3, case.events[2])


def fill_a_seat_that_nobody_left(case: Story) -> None:
    let_a_friend_step_in(case)
    case.the("SEAT_FILLED")["reviewer_id"] = case.the("PANEL_DRAWN")["reserves"]["BUYER_SIDE"][0]
    del case.events[3]


def name_a_list_as_a_seat(case: Story) -> None:
    let_a_friend_step_in(case)
    case.the("SEAT_FILLED")["seat"] = [1]


@pytest.mark.parametrize(
    "tamper",
    [
        put_a_friend_on_seat_two,
        add_a_seat,
        bend_the_file_of_candidates,
        fix_other_candidates,
        withhold_the_file_of_candidates,
        understate_the_exclusions,
        change_the_seed,
        leave_the_witness_out_of_the_seed,
        slip_something_into_the_seed,
        swap_reserves,
        use_a_checkpoint_from_before_the_call,
        break_the_checkpoint,
        ask_for_half_a_seat,
        ask_for_a_stratum_that_is_not_there,
        call_it_another_round,
        forget_the_call,
        let_a_friend_step_in,
        let_the_second_reserve_step_in,
        leave_a_seat_empty_while_reserves_wait,
        draw_twice,
        fill_a_seat_that_nobody_left,
        name_a_list_as_a_seat,
    ],
)
def test_a_draw_that_was_tampered_with_is_named(
    tamper: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = a_case()
    tamper(case)

    assert run("recompute", tmp_path, case) == 1
    assert "FAIL" in capsys.readouterr().out


def test_whoever_leaves_is_followed_by_the_next_reserve(tmp_path: Path) -> None:
    case = a_case()
    let_a_friend_step_in(case)
    first, second = case.the("PANEL_DRAWN")["reserves"]["BUYER_SIDE"]
    case.the("SEAT_FILLED")["reviewer_id"] = first
    case.events[5:5] = [
        ("RECUSAL", {"seat": 1, "reviewer_id": first, "why": "SILENT"}),
        ("SEAT_FILLED", {"seat": 1, "reviewer_id": second, "stratum": "BUYER_SIDE"}),
    ]

    assert run("recompute", tmp_path, case) == 0


def the_pool(*events: tuple[str, dict[str, Any]]) -> Story:
    """The pool's stream: everybody imported, one too busy, one who may not be drawn."""
    reviewers = [
        {"reviewer_id": id_, "stratum": stratum, "weight": weight}
        for stratum, who in a_pool().items()
        for id_, weight in who
    ]
    busy = {"reviewer_id": "r_busy", "stratum": "EXPERT"}
    paused = {"reviewer_id": "r_paused", "stratum": "EXPERT", "state": "PAUSED"}
    imported = ("REVIEWERS_IMPORTED", {"reviewers": reviewers})
    return Story(
        [imported, ("REVIEWER_ENROLLED", busy), ("REVIEWER_ENROLLED", paused), *events], {}, {}
    )


def recompute_with(pool: Story, folder: Path) -> int:
    case, beside = a_bundle(folder / "case.zip", a_case()), a_bundle(folder / "pool.zip", pool)
    return main(["recompute", str(case), "--pool", str(beside)])


def test_the_candidates_are_the_whole_active_pool(tmp_path: Path) -> None:
    joined_later = ("REVIEWER_ENROLLED", {"reviewer_id": "r_late", "stratum": "EXPERT"})

    assert recompute_with(the_pool(joined_later), tmp_path) == 0


@pytest.mark.parametrize(
    "first",
    [
        ("REVIEWER_ENROLLED", {"reviewer_id": "r_forgotten", "stratum": "EXPERT"}),
        ("NO_SUCH_EVENT", {}),
        ("REVIEWER_ENROLLED", {"reviewer_id": "r_forgotten", "stratum": "FRIENDS"}),
    ],
)
def test_who_was_forgotten_is_named(first: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    pool = the_pool()
    pool.events[2] = first

    assert recompute_with(pool, tmp_path) == 1


def test_a_pool_that_is_too_short_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pool = the_pool()
    del pool.events[2]

    assert recompute_with(pool, tmp_path) == 1
    assert "has 2 entries, 3 are needed" in capsys.readouterr().out


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
    assert run(check, tmp_path, Story(a_case().events[:1], {}, {})) == 0
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
