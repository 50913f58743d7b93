from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewers.__main__ import main
from reviewers.ballot import Ballot, encode
from reviewers.envelope import Context, seal, slip
from tests.reviewers.builders import Story, a_bundle, a_case, digest_of

KEY, NONCE = bytes(range(32)), bytes(12)
# Public keys of X25519 for the private keys 1, 2 and 3; nobody opens by them here.
TRUSTEES = [
    (name, bytes.fromhex(key))
    for name, key in (
        ("operator", "2fe57da347cd62431528daac5fbb290730fff684afc4cfc2ed90995f58cb3b74"),
        ("association", "5869aff450549732cbaaed5e5df9b30a6da31cb0e5742bad5ad4a1a768f1a67b"),
        ("third", "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"),
    )
]


def recount(folder: Path, case: Story) -> int:
    return main(["recount", str(a_bundle(folder / "case.zip", case))])


def sealed_in_a_browser(case: Story) -> Story:
    """The same case with every ballot in an envelope to three trustees."""
    for place, reveal in enumerate([f for t, f in case.events if t == "BALLOT_REVEALED"]):
        ballot = Ballot.from_fields(reveal["ballot"])
        context = Context("MA-2026-000001", 1, ballot.seat, "2026-12")
        envelope = seal(encode(ballot), context, TRUSTEES, KEY, NONCE)
        case.ballots[slip(envelope)] = envelope
        case.the("BALLOT_COMMITTED", place).update(slip=slip(envelope), sealed_by="BROWSER")
        case.the("VOTING_CLOSED")["slips"][place] = slip(envelope)
        reveal["key"] = KEY.hex()
    return case


def lower_the_refund(case: Story) -> None:
    case.the("TALLY_CLOSED")["result"]["refund_fen"] = 100


def lose_a_ballot(case: Story) -> None:
    del case.events[case.place("BALLOT_REVEALED")]


def count_a_ballot_twice(case: Story) -> None:
    place = case.place("BALLOT_REVEALED")
    case.events.insert(place, case.events[place])


def leave_the_result_empty(case: Story) -> None:
    case.the("TALLY_CLOSED")["result"] = {}


def call_a_good_ballot_invalid(case: Story) -> None:
    case.the("BALLOT_REVEALED")["valid"] = False


def put_another_ballot_in(case: Story) -> None:
    case.the("BALLOT_REVEALED")["ballot"]["text"] = "不是我写的。"


def close_without_a_seat(case: Story) -> None:
    case.the("VOTING_CLOSED")["seats"].pop()


def close_with_another_slip(case: Story) -> None:
    case.the("VOTING_CLOSED")["slips"][0] = "f" * 64


def never_close(case: Story) -> None:
    del case.events[case.place("VOTING_CLOSED")]


def count_the_ballot_of_a_seat_that_was_left(case: Story) -> None:
    case.events.insert(case.place("VOTING_CLOSED"), ("RECUSAL", {"seat": 1, "reviewer_id": "r"}))


def vote_twice_from_a_seat(case: Story) -> None:
    again = dict(case.the("BALLOT_COMMITTED"))
    case.events.insert(case.place("BALLOT_COMMITTED"), ("BALLOT_COMMITTED", again))


def vote_from_an_empty_seat(case: Story) -> None:
    left = ("RECUSAL", {"seat": 1, "reviewer_id": "r"})
    case.events.insert(case.place("BALLOT_COMMITTED"), left)


def vote_after_the_close(case: Story) -> None:
    late = case.events.pop(case.place("BALLOT_COMMITTED"))
    case.events.insert(case.place("VOTING_CLOSED") + 1, late)


def close_twice(case: Story) -> None:
    place = case.place("VOTING_CLOSED")
    case.events.insert(place, case.events[place])


def count_twice(case: Story) -> None:
    case.events.append(case.events[case.place("TALLY_CLOSED")])


def rule(case: Story, **changes: Any) -> None:
    """The ruling that follows from the count, but for the changes."""
    result = case.the("TALLY_CLOSED")["result"]
    names = ("outcome", "remedy", "refund_fen", "counts", "dissent", "liability")
    fields = {name: result[name] for name in names} | {"basis": "PANEL"}
    case.events.append(("RULING_ISSUED", fields | changes))


def test_a_ruling_that_follows_from_the_count_is_confirmed(tmp_path: Path) -> None:
    case = a_case()
    rule(case)
    assert recount(tmp_path, case) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"refund_fen": 1},
        {"outcome": "REJECTED"},
        {"remedy": "APOLOGY"},
        {"liability": {"BUYER": 10_000}},
        {"counts": {}},
        {"dissent": []},
        {"basis": "OFFICER"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_ruling_that_does_not_follow_from_the_count_is_named(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    case = a_case()
    rule(case, **changes)
    assert recount(tmp_path, case) == 1


@pytest.mark.parametrize(
    "tamper",
    [
        vote_twice_from_a_seat,
        vote_from_an_empty_seat,
        vote_after_the_close,
        close_twice,
        count_twice,
        lower_the_refund,
        lose_a_ballot,
        count_a_ballot_twice,
        leave_the_result_empty,
        call_a_good_ballot_invalid,
        put_another_ballot_in,
        close_without_a_seat,
        close_with_another_slip,
        never_close,
        count_the_ballot_of_a_seat_that_was_left,
    ],
)
@pytest.mark.parametrize("sealed", [a_case, lambda: sealed_in_a_browser(a_case())])
def test_a_count_that_was_tampered_with_is_named(
    sealed: Any, tamper: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = sealed()
    tamper(case)

    assert recount(tmp_path, case) == 1
    assert "FAIL" in capsys.readouterr().out


def test_envelopes_are_opened_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert recount(tmp_path, sealed_in_a_browser(a_case())) == 0
    assert "seat 7: the envelope opens to the ballot that counts" in capsys.readouterr().out


def drop_a_good_ballot_as_unreadable(case: Story) -> None:
    case.the("BALLOT_REVEALED").update(ballot={}, valid=False)


def publish_another_key(case: Story) -> None:
    case.the("BALLOT_REVEALED")["key"] = "00" * 32


def publish_no_key(case: Story) -> None:
    case.the("BALLOT_REVEALED")["key"] = ""


def withhold_an_envelope(case: Story) -> None:
    case.ballots.pop(case.the("BALLOT_COMMITTED")["slip"])


def put_another_envelope_in(case: Story) -> None:
    mine, other = (case.the("BALLOT_COMMITTED", place)["slip"] for place in (0, 1))
    case.ballots[mine] = case.ballots[other]


@pytest.mark.parametrize(
    "tamper",
    [
        drop_a_good_ballot_as_unreadable,
        publish_another_key,
        publish_no_key,
        withhold_an_envelope,
        put_another_envelope_in,
    ],
)
def test_an_envelope_that_does_not_hold_what_counts_is_named(tamper: Any, tmp_path: Path) -> None:
    case = sealed_in_a_browser(a_case())
    tamper(case)

    assert recount(tmp_path, case) == 1


def test_a_ballot_that_did_not_open_is_shown_and_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = a_case()
    case.the("BALLOT_REVEALED").update(ballot={}, valid=False)
    result = case.the("TALLY_CLOSED")["result"]
    result["valid"] = 6
    result["counts"]["SUPPORT_CLAIMANT"] = 4

    assert recount(tmp_path, case) == 0
    assert "seat 1: not a ballot" in capsys.readouterr().out


def test_a_text_with_unusual_line_separators_is_still_one_text(tmp_path: Path) -> None:
    case = a_case()
    fields = case.the("BALLOT_REVEALED")["ballot"]
    fields["text"] = "一\u2028二\x85三"
    digest = digest_of(encode(Ballot.from_fields(fields)))
    case.the("BALLOT_COMMITTED")["sealed"]["sha256"] = digest

    assert recount(tmp_path, case) == 0


def test_what_its_own_key_does_not_open_was_rightly_dropped(tmp_path: Path) -> None:
    case = sealed_in_a_browser(a_case())
    committed, revealed = case.the("BALLOT_COMMITTED"), case.the("BALLOT_REVEALED")
    fields = json.loads(case.ballots.pop(committed["slip"]))
    fields["ciphertext"] = json.loads(case.ballots[case.the("BALLOT_COMMITTED", 1)["slip"]])[
        "ciphertext"
    ]
    spoilt = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    committed["slip"] = case.the("VOTING_CLOSED")["slips"][0] = slip(spoilt)
    case.ballots[slip(spoilt)] = spoilt
    revealed.update(ballot={}, valid=False)
    result = case.the("TALLY_CLOSED")["result"]
    result["valid"] = 6
    result["counts"]["SUPPORT_CLAIMANT"] = 4

    assert recount(tmp_path, case) == 0
