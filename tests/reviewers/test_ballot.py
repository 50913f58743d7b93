from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.ballot import Ballot, Choice, Claimed, Reason, check, decode, encode
from reviewers.errors import BallotRefused
from tests.reviewers.builders import a_ballot, a_claim, sample_ballots, sample_claim

TEXTS = st.text(max_size=40)
BALLOTS = st.builds(
    Ballot,
    seat=st.integers(1, 15),
    choice=st.sampled_from(Choice),
    amount_fen=st.integers(0, 10**9),
    compensation_fen=st.integers(0, 10**9),
    remedy=st.none() | TEXTS,
    reasons=st.lists(st.sampled_from(Reason), max_size=4).map(tuple),
    text=st.text(max_size=3000),
    citations=st.lists(TEXTS, max_size=4).map(tuple),
    cast_at=TEXTS,
    liability=st.dictionaries(TEXTS, st.integers(-1, 10_001), max_size=4),
)
SHARED = {"MERCHANT": 6000, "BUYER": 4000}


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"reasons": ()}, "NO_REASON", "reasons"),
        ({"reasons": ("BECAUSE",)}, "UNKNOWN_REASON", "reasons"),
        ({"citations": ()}, "NO_CITATION", "citations"),
        ({"citations": ("E11",) * 51}, "TOO_MANY_CITATIONS", "citations"),
        ({"citations": ("E11", "E99")}, "UNKNOWN_CITATION", "citations"),
        ({"citations": ("175.001",)}, "UNKNOWN_CITATION", "citations"),
        ({"citations": ("-1",)}, "UNKNOWN_CITATION", "citations"),
        ({"citations": ("５５",)}, "UNKNOWN_CITATION", "citations"),
        ({"amount_fen": -1}, "NEGATIVE_AMOUNT", "amount_fen"),
        ({"amount_fen": 32901}, "AMOUNT_TOO_HIGH", "amount_fen"),
        ({"compensation_fen": -1}, "NEGATIVE_AMOUNT", "compensation_fen"),
        ({"compensation_fen": 1}, "AMOUNT_TOO_HIGH", "compensation_fen"),
        ({"remedy": "DISMISS"}, "UNKNOWN_REMEDY", "remedy"),
        ({"remedy": "STATUTORY_TRIPLE"}, "UNKNOWN_REMEDY", "remedy"),
        ({"choice": Choice.PARTIAL, "amount_fen": 0}, "PARTIAL_WITHOUT_AMOUNT", "amount_fen"),
        (
            {"choice": Choice.PARTIAL, "amount_fen": 0, "remedy": "REFUND_ONLY"},
            "PARTIAL_WITHOUT_AMOUNT",
            "amount_fen",
        ),
        ({"liability": {"WEATHER": 10_000}}, "UNKNOWN_PARTY", "liability"),
        ({"liability": {"MERCHANT": 9_999}}, "BAD_SHARES", "liability"),
        ({"liability": {"MERCHANT": 10_001, "BUYER": -1}}, "BAD_SHARES", "liability"),
        ({"text": " \n　"}, "NO_TEXT", "text"),
        ({"text": "长" * 2001}, "TEXT_TOO_LONG", "text"),
    ],
)
def test_a_ballot_that_could_not_be_explained_is_refused(
    changes: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(BallotRefused) as refused:
        check(a_ballot(**changes), a_claim())

    assert (refused.value.code, refused.value.field) == (code, field)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"citations": ("买1",)},
        {"liability": SHARED},
        {"liability": {"CARRIER": 10_000, "HOST": 0}},
        {"citations": ("0",)},
        {"citations": ("175",)},
        {"choice": Choice.PARTIAL, "amount_fen": 1},
        {"choice": Choice.PARTIAL, "amount_fen": 0, "remedy": "REPAIR"},
        {"choice": Choice.CANNOT_DETERMINE, "amount_fen": 0},
        {"choice": Choice.SUPPORT_RESPONDENT, "amount_fen": 32900},
    ],
)
def test_an_explained_ballot_is_taken(changes: dict[str, Any]) -> None:
    check(a_ballot(**changes), a_claim())


def test_without_a_replay_no_second_of_it_can_be_cited() -> None:
    with pytest.raises(BallotRefused, match="UNKNOWN_CITATION"):
        check(a_ballot(citations=("0",)), a_claim(replay_ms=0))


@pytest.mark.parametrize("case", ["silk-shirt", "down-jacket"])
def test_the_sample_ballots_are_taken(case: str) -> None:
    for ballot in sample_ballots(case):
        check(ballot, sample_claim(case))


@given(BALLOTS)
def test_a_sealed_ballot_reads_as_it_was_written(ballot: Ballot) -> None:
    assert decode(encode(ballot)) == ballot


def test_the_length_of_the_sealed_bytes_says_nothing_about_the_text() -> None:
    assert len(encode(a_ballot(text="是"))) == len(encode(a_ballot(text="长" * 2000))) == 8192
    assert len(encode(a_ballot(text="\0" * 2000))) == 2 * 8192


def test_the_sealed_bytes_are_canonical_json() -> None:
    text = encode(a_ballot(citations=("E11",), liability=SHARED)).decode()

    assert text.rstrip(" ") == (
        '{"amount_fen":32900,"cast_at":"2026-11-14T08:45:00+08:00","choice":"SUPPORT_CLAIMANT",'
        '"citations":["E11"],"compensation_fen":0,"liability":{"BUYER":4000,"MERCHANT":6000},'
        '"reasons":["PROMISE_PROVED"],"remedy":null,"seat":1,"text":"吊牌写的是聚酯纤维。"}'
    )


def padded(fields: object) -> bytes:
    return json.dumps(fields).encode().ljust(8192)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff".ljust(8192),
        b"[" * 8192,
        padded([]),
        padded({}),
        padded(a_ballot().as_fields() | {"amount_fen": 1.0}),
        padded(a_ballot().as_fields() | {"amount_fen": True}),
        padded(a_ballot().as_fields() | {"amount_fen": float("nan")}),
        padded(a_ballot().as_fields() | {"choice": "RECUSE"}),
        padded(a_ballot().as_fields() | {"reasons": ["BECAUSE"]}),
        padded(a_ballot().as_fields() | {"reasons": "OTHER"}),
        padded(a_ballot().as_fields() | {"text": None}),
        padded(a_ballot().as_fields() | {"liability": [["MERCHANT", 10_000]]}),
        padded(a_ballot().as_fields() | {"liability": {"MERCHANT": 10_000.0}}),
        padded(a_ballot().as_fields() | {"liability": {"\ud800": 10_000}}),
        padded(a_ballot().as_fields() | {"text": "\ud800"}),
        padded(a_ballot().as_fields() | {"citations": ["\udfff"]}),
    ],
)
def test_bytes_that_are_no_ballot_are_refused_and_nothing_else_happens(content: bytes) -> None:
    with pytest.raises(BallotRefused, match="UNREADABLE"):
        decode(content)


def test_half_a_surrogate_pair_cannot_be_sealed() -> None:
    with pytest.raises(BallotRefused, match="UNREADABLE: text"):
        encode(a_ballot(text="\ud83d"))


def test_a_claim_survives_the_record() -> None:
    claimed = a_claim(compensation_code="CONTRACT_PENALTY", compensation_fen=98700)

    assert Claimed.from_fields(json.loads(json.dumps(claimed.as_fields()))) == claimed


def test_a_claim_below_zero_is_refused() -> None:
    with pytest.raises(BallotRefused, match="NEGATIVE_AMOUNT"):
        Claimed.from_fields({"remedy": "REFUND_ONLY", "refund_fen": -1})


def test_a_number_that_no_record_can_hold_makes_a_ballot_unreadable() -> None:
    for fields in ({"amount_fen": 2**53}, {"liability": {"BUYER": -(2**53)}}):
        with pytest.raises(BallotRefused, match="UNREADABLE"):
            Ballot.from_fields(a_ballot().as_fields() | fields)
