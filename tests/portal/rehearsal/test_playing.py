"""Plays of case folders that are unlike the samples, each to its end and with a record that holds.

The words of the people are English here, which no rule may mind.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.installing import Installed
from portal.rehearsal.failures import Declined, FolderUnusable
from portal.rehearsal.folder import read_folder
from portal.rehearsal.renewal import Renewal
from tests.portal.rehearsal.stories import Story, a_ballot, a_rehearsal, ballots, play_story

SIDES = ["BUYER_SIDE", "MERCHANT_SIDE", "EXPERT"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en")


@pytest.fixture
def portal(tmp_path: Path) -> Installed:
    return a_rehearsal(tmp_path / "home")


@pytest.fixture
def silk(tmp_path: Path) -> Story:
    return Story.of("silk-shirt", tmp_path)


def test_a_merchant_who_agrees_settles_the_case(portal: Installed, silk: Story) -> None:
    ending = play_story(portal, silk.write("response.json", {"answer": "AGREE", "text": "Sorry."}))
    assert ending.seen.ruling is not None
    assert (ending.seen.ruling.outcome, ending.seen.ruling.refund_fen) == ("SETTLED", 32900)
    assert ending.seen.closed == "EXECUTED"


def test_a_buyer_who_accepts_gets_what_was_offered(portal: Installed, silk: Story) -> None:
    silk.change("response.json", offer={"code": "REFUND_ONLY", "amount_fen": 10000})
    ending = play_story(portal, silk.write("decision.json", {"accept": True}))
    assert ending.seen.refund is not None
    assert (ending.seen.refund.state, ending.seen.refund.amount_fen) == ("SUCCESS", 10000)


def test_five_ballots_of_a_denied_claim_decide_on_a_panel_of_seven(
    portal: Installed, silk: Story
) -> None:
    strata = ["BUYER_SIDE", "BUYER_SIDE", "MERCHANT_SIDE", "SENIOR_USER", "EXPERT"]
    silk.write("response.json", {"answer": "DENY", "text": "As said."})
    silk.write("ballots.json", ballots(*(a_ballot("SUPPORT_CLAIMANT", s) for s in strata)))
    ending = play_story(portal, silk)
    assert ending.seen.panel is not None
    assert ending.seen.ruling is not None
    assert (ending.seen.panel.seats, ending.seen.panel.voted) == (7, 5)
    assert ending.seen.ruling.outcome == "UPHELD"


@pytest.mark.parametrize(("each", "track", "seats"), [((1, 1, 1), "FAST", 3), ((5, 5, 3), "", 13)])
def test_the_panel_is_as_large_as_the_ballots_say(
    portal: Installed, silk: Story, each: tuple[int, ...], track: str, seats: int
) -> None:
    votes = [
        a_ballot("SUPPORT_CLAIMANT", stratum)
        for stratum, count in zip(SIDES, each, strict=True)
        for _seat in range(count)
    ]
    silk.write("ballots.json", ballots(*votes, track=track or None, seats=seats))
    ending = play_story(portal, silk)
    assert ending.seen.panel is not None
    assert (ending.seen.panel.seats, ending.seen.panel.voted) == (seats, seats)


def test_without_ballots_nobody_decides_and_no_money_moves(portal: Installed, silk: Story) -> None:
    ending = play_story(portal, silk.drop("ballots.json", "expected.json"))
    assert ending.seen.ruling is not None
    assert (ending.seen.ruling.outcome, ending.seen.refund) == ("REJECTED", None)
    assert ending.seen.ruling.basis == "OFFICER"


def test_a_claim_that_the_panel_refuses_moves_no_money(portal: Installed, silk: Story) -> None:
    votes = [a_ballot("SUPPORT_RESPONDENT", stratum) for stratum in SIDES]
    silk.write("ballots.json", ballots(*votes, track="FAST", seats=3))
    ending = play_story(portal, silk)
    assert ending.seen.ruling is not None
    assert (ending.seen.ruling.outcome, ending.seen.refund) == ("REJECTED", None)
    assert any("outcome" in line for line in ending.differing)


def test_amounts_above_the_claim_and_unknown_citations_are_corrected_and_said(
    portal: Installed, silk: Story
) -> None:
    votes = [
        a_ballot(
            "PARTIAL", stratum, amount_fen=99_999_999, exhibits=["E99", "55.5"], reasons=["NOVEL"]
        )
        for stratum in SIDES
    ]
    silk.write("ballots.json", ballots(*votes, track="FAST", seats=3))
    ending = play_story(portal, silk)
    assert ending.said.count("cut to 32900") == 3
    assert ending.seen.ruling is not None
    assert ending.seen.ruling.refund_fen == 32900


def test_missing_amounts_follow_from_price_and_promise(portal: Installed, silk: Story) -> None:
    remedies = [
        {"code": "REFUND_RETURN", "amount_fen": None},
        {"code": "CONTRACT_PENALTY"},
        {"code": "COMPENSATE"},
        {"code": "APOLOGY"},
    ]
    ending = play_story(portal, silk.change("claim.json", remedies=remedies))
    assert ending.seen.claimed.refund_fen == 32900
    assert ending.seen.claimed.compensation_fen == 98700
    assert "COMPENSATE has no amount: left out" in ending.said


def test_a_case_without_livestream_and_evidence_is_played_too(
    portal: Installed, silk: Story
) -> None:
    silk.drop("livestream.json", "transcript.json", "chat.csv", "replay.mp4", "expected.json")
    ending = play_story(portal, silk.change("claim.json", text="It is not silk. 不是真丝。"))
    assert [exhibit.kind for exhibit in ending.seen.exhibits] == ["ORDER_RECORD"]
    assert "cites PA-2, which is not in the session's record: left out" in ending.said


def test_every_file_below_evidence_is_an_exhibit_when_none_is_listed(
    portal: Installed, tmp_path: Path
) -> None:
    story = Story.of("silk-shirt", tmp_path / "all", evidence=True)
    for name in ("unboxing.mp4", "item.heic", "chat_screenshot.png"):
        (story.root / "evidence" / "buyer" / name).unlink()
    (story.root / "evidence" / "buyer" / "notes.txt").write_text("not a type that is taken")
    ending = play_story(portal, story.drop("exhibits.json"))
    numbers = [exhibit.number for exhibit in ending.seen.exhibits]
    assert [number for number in numbers if number[0] in "BM"] == ["B1", "M1", "M2", "M3"]
    assert "notes.txt is not taken" in ending.said


def test_a_folder_played_again_gives_the_same_receipts_and_a_clear_no(
    portal: Installed, silk: Story
) -> None:
    first = play_story(portal, silk)
    with pytest.raises(Declined, match="can still be refunded"):
        play_story(portal, silk)
    again = play_story(portal, silk, Renewal("0badcafe"))
    assert again.seen.case_no != first.seen.case_no
    assert again.differing == []


def test_several_lines_and_payments_are_claimed_line_by_line(
    portal: Installed, silk: Story
) -> None:
    order = silk.read("order.json")
    first = order["order"]["lines"][0]
    order["order"]["lines"].append(first | {"id": "ln-2", "unit_price": 10000, "paid": 10000})
    order["order"]["amounts"] |= {"items": 46900, "paid_cash": 42900}
    order["payments"][0] |= {"paid": 42900, "payer_cash": 42900, "channel": "alipay"}
    claim = [{"code": "REFUND_ONLY", "amount_fen": 10000}]
    silk.write("order.json", order).drop("response.json", "expected.json")
    ending = play_story(portal, silk.change("claim.json", line_ids=["ln-2"], remedies=claim))
    assert ending.seen.ruling is not None
    assert (ending.seen.ruling.outcome, ending.seen.ruling.refund_fen) == ("DEFAULT_UPHELD", 10000)


def test_a_list_of_exhibits_cannot_reach_outside_its_folder(silk: Story, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(b"mine")
    listed = [{"id": "E01", "file": "../secret.jpg", "by": "BUYER"}]
    with pytest.raises(FolderUnusable, match="not in the folder"):
        read_folder(silk.write("exhibits.json", {"exhibits": listed}).root)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("claim.json", "{", "not valid JSON"),
        ("claim.json", '{"text": "x", "remedies": []}', "reason_code"),
        ("order.json", '{"platform": "p"}', "order"),
        ("livestream.json", '{"session_id": "s", "replay": {"file": "no.mp4"}}', "no.mp4"),
    ],
)
def test_a_folder_that_cannot_be_played_says_what_is_wrong(
    silk: Story, name: str, content: str, said: str
) -> None:
    (silk.root / name).write_text(content)
    with pytest.raises(FolderUnusable, match=said):
        read_folder(silk.root)
