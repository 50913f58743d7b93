from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reviewers.ballot import Ballot, Choice, Claimed
from reviewers.errors import TallyRefused
from reviewers.parties import WHOLE
from reviewers.remedies import REMEDIES
from reviewers.tally import Tally, tally
from tests.reviewers.builders import (
    SAMPLES,
    a_ballot,
    a_claim,
    sample_ballots,
    sample_claim,
    some_ballots,
)

FOR, AGAINST, PART, UNSURE = (
    Choice.SUPPORT_CLAIMANT,
    Choice.SUPPORT_RESPONDENT,
    Choice.PARTIAL,
    Choice.CANNOT_DETERMINE,
)
SEATS = 15
CLAIM = a_claim(compensation_fen=98700, compensation_code="CONTRACT_PENALTY")
STATUTORY_CLAIM = a_claim(compensation_fen=98700, compensation_code="STATUTORY_TRIPLE")

SPLITS = st.just({}) | st.lists(st.integers(0, WHOLE), min_size=2, max_size=2).map(
    lambda cuts: {
        "MERCHANT": min(cuts),
        "HOST": max(cuts) - min(cuts),
        "BUYER": WHOLE - max(cuts),
    }
)
VOTES = st.tuples(
    st.sampled_from(Choice),
    st.integers(0, 40000),
    st.integers(0, 120000),
    st.none() | st.sampled_from(REMEDIES),
    SPLITS,
)
CLAIMS = st.sampled_from([CLAIM, STATUTORY_CLAIM, a_claim()])


def cast(votes: list[tuple[Choice, int, int, str | None, dict[str, int]]]) -> list[Ballot]:
    return [
        a_ballot(
            seat=n,
            choice=choice,
            amount_fen=fen,
            compensation_fen=more,
            remedy=remedy,
            liability=shares,
        )
        for n, (choice, fen, more, remedy, shares) in enumerate(votes, 1)
    ]


PANELS = st.lists(VOTES, max_size=SEATS).map(cast)
MOSTLY_SUPPORTING = st.lists(
    st.tuples(
        st.sampled_from([FOR, PART, PART, PART, AGAINST]),
        st.integers(0, 32900),
        st.just(0),
        st.none(),
        SPLITS,
    ),
    min_size=9,
    max_size=SEATS - 1,
).map(cast)
WITH_A_SEAT_LEFT = st.lists(VOTES, max_size=SEATS - 1).map(cast)


def test_the_silk_shirt_is_upheld_with_the_promised_penalty() -> None:
    result = tally(sample_ballots("silk-shirt"), 7, sample_claim("silk-shirt"))
    expected = json.loads(Path(SAMPLES, "silk-shirt", "expected.json").read_text("utf-8"))

    assert result == Tally(
        quorum_needed=5,
        valid=7,
        counts={c: expected["tally"].get(c, 0) for c in Choice},
        decided="SUPPORT",
        why="MAJORITY",
        outcome=expected["outcome"],
        remedy=expected["remedies"][0],
        refund_fen=expected["refund_amount_fen"],
        compensation_fen=expected["compensation_fen"],
        dissent=(6,),
        needs_officer=False,
    )


def test_the_down_jacket_would_be_upheld_by_its_panel_too() -> None:
    result = tally(sample_ballots("down-jacket"), 7, sample_claim("down-jacket"))

    assert (result.outcome, result.refund_fen, result.compensation_fen) == ("UPHELD", 59900, 0)
    assert (result.counts[FOR], result.counts[PART], result.dissent) == (6, 1, ())


@pytest.mark.parametrize(("cast_ballots", "why"), [(4, "NO_QUORUM"), (5, "MAJORITY")])
def test_five_of_seven_are_a_quorum(cast_ballots: int, why: str) -> None:
    result = tally(some_ballots(*[FOR] * cast_ballots), 7, CLAIM)

    assert (result.why, result.quorum_needed, result.valid) == (why, 5, cast_ballots)


@pytest.mark.parametrize(
    ("choices", "why"),
    [
        ([FOR, FOR, UNSURE], "MAJORITY"),
        ([FOR, UNSURE, UNSURE], "TOO_MANY_CANNOT_DETERMINE"),
        ([FOR, FOR, FOR, FOR, UNSURE, UNSURE], "MAJORITY"),
        ([FOR, FOR, FOR, FOR, UNSURE, UNSURE, UNSURE], "TOO_MANY_CANNOT_DETERMINE"),
        ([FOR, FOR, AGAINST, AGAINST, UNSURE], "TIE"),
        ([FOR, PART, AGAINST, AGAINST, AGAINST, FOR], "TIE"),
        ([], "NO_QUORUM"),
    ],
)
def test_exactly_a_third_undetermined_still_decides_and_one_more_does_not(
    choices: list[Choice], why: str
) -> None:
    result = tally(some_ballots(*choices), max(3, len(choices)), CLAIM)

    assert result.why == why
    assert (result.decided is None) == (why != "MAJORITY")


def test_an_undecided_panel_refuses_to_rule_and_grants_nothing() -> None:
    result = tally(some_ballots(FOR, AGAINST), 3, CLAIM)

    assert result.outcome == "REFUSED_TO_RULE"
    assert (result.remedy, result.refund_fen, result.compensation_fen, result.dissent) == (
        None,
        0,
        0,
        (),
    )


def test_a_rejected_claim_grants_nothing_whatever_amounts_were_written() -> None:
    result = tally(some_ballots(AGAINST, AGAINST, FOR), 3, CLAIM)

    assert (result.outcome, result.refund_fen, result.remedy) == ("REJECTED", 0, None)
    assert result.dissent == (3,)


def test_of_an_even_number_of_amounts_the_lower_middle_counts() -> None:
    ballots = [
        *some_ballots(PART, amount_fen=20000, remedy="PARTIAL_REFUND"),
        a_ballot(seat=2, choice=FOR),
    ]
    assert tally(ballots, 3, a_claim()).refund_fen == 20000


def test_a_partial_ballot_above_the_claim_counts_as_the_claim() -> None:
    ballots = some_ballots(PART, PART, PART, amount_fen=10**9, compensation_fen=10**9)
    result = tally(ballots, 3, CLAIM)

    assert (result.outcome, result.refund_fen, result.compensation_fen) == (
        "UPHELD",
        CLAIM.refund_fen,
        CLAIM.compensation_fen,
    )


def test_a_partial_ballot_that_names_no_remedy_stands_for_a_partial_refund() -> None:
    result = tally(some_ballots(PART, PART, FOR, amount_fen=20000), 3, a_claim())

    assert (result.remedy, result.refund_fen, result.outcome) == (
        "PARTIAL_REFUND",
        20000,
        "PARTLY_UPHELD",
    )


def test_the_whole_sum_under_another_remedy_is_only_partly_upheld() -> None:
    result = tally(some_ballots(PART, PART, FOR, remedy="REFUND_ONLY"), 3, a_claim())

    assert (result.remedy, result.outcome) == ("REFUND_ONLY", "PARTLY_UPHELD")


def test_remedies_with_equally_many_ballots_give_way_to_the_less_intrusive() -> None:
    repair = a_ballot(seat=1, choice=PART, remedy="REPAIR", amount_fen=0)
    ballots = [repair, a_ballot(seat=2, choice=FOR)]

    assert tally(ballots, 3, a_claim()).remedy == "REPAIR"


@pytest.mark.parametrize(("granting", "compensation"), [(4, 0), (5, 98700)])
def test_a_statutory_finding_needs_two_thirds_of_all_seats(
    granting: int, compensation: int
) -> None:
    others = 7 - granting
    choices = [FOR] * granting + [AGAINST] * (others - 1) + [UNSURE]
    result = tally(some_ballots(*choices), 7, STATUTORY_CLAIM)

    assert result.compensation_fen == compensation
    assert result.needs_officer == (compensation > 0)
    assert result.outcome == ("UPHELD" if compensation else "PARTLY_UPHELD")


def test_two_thirds_of_those_who_voted_are_not_enough_for_a_statutory_finding() -> None:
    result = tally(some_ballots(FOR, FOR, FOR, FOR, AGAINST), 7, STATUTORY_CLAIM)

    assert (result.decided, result.compensation_fen, result.needs_officer) == ("SUPPORT", 0, False)


def test_a_reviewer_cannot_vote_twice() -> None:
    with pytest.raises(TallyRefused, match="DUPLICATE_SEAT: seat 1"):
        tally([a_ballot(), a_ballot()], 3, CLAIM)


@pytest.mark.parametrize("seat", [0, 4])
def test_a_ballot_from_outside_the_panel_is_refused(seat: int) -> None:
    with pytest.raises(TallyRefused, match="UNKNOWN_SEAT"):
        tally([a_ballot(seat=seat)], 3, CLAIM)


@given(PANELS, CLAIMS, st.randoms(use_true_random=False))
def test_ballots_may_come_in_any_order(ballots: list[Ballot], claimed: Claimed, order) -> None:
    shuffled = ballots.copy()
    order.shuffle(shuffled)

    assert tally(shuffled, SEATS, claimed) == tally(ballots, SEATS, claimed)


@given(PANELS, CLAIMS)
def test_nothing_is_ever_granted_above_the_claim(ballots: list[Ballot], claimed: Claimed) -> None:
    result = tally(ballots, SEATS, claimed)

    assert 0 <= result.refund_fen <= claimed.refund_fen
    assert 0 <= result.compensation_fen <= claimed.compensation_fen


@given(st.lists(st.sampled_from([FOR, AGAINST, UNSURE]), max_size=SEATS))
def test_mirrored_ballots_give_the_mirrored_decision(choices: list[Choice]) -> None:
    mirror = {FOR: AGAINST, AGAINST: FOR, UNSURE: UNSURE}
    one = tally(some_ballots(*choices), SEATS, CLAIM)
    other = tally(some_ballots(*(mirror[choice] for choice in choices)), SEATS, CLAIM)
    flipped = {"SUPPORT": "REJECT", "REJECT": "SUPPORT", None: None}

    assert other.decided == flipped[one.decided]
    assert (other.why, other.dissent) == (one.why, one.dissent)


@given(WITH_A_SEAT_LEFT, CLAIMS)
def test_one_more_full_support_never_hurts_the_claimant(
    ballots: list[Ballot], claimed: Claimed
) -> None:
    before = tally(ballots, SEATS, claimed)
    after = tally([*ballots, a_ballot(seat=SEATS, choice=FOR)], SEATS, claimed)
    rank = ["REFUSED_TO_RULE", "PARTLY_UPHELD", "UPHELD"]

    if before.decided == "SUPPORT":
        assert after.decided == "SUPPORT"
        assert after.refund_fen >= before.refund_fen
        assert after.compensation_fen >= before.compensation_fen
        assert rank.index(after.outcome) >= rank.index(before.outcome)


@given(WITH_A_SEAT_LEFT, CLAIMS)
def test_one_more_partial_support_never_turns_support_away(
    ballots: list[Ballot], claimed: Claimed
) -> None:
    before = tally(ballots, SEATS, claimed)
    after = tally([*ballots, a_ballot(seat=SEATS, choice=PART, amount_fen=1)], SEATS, claimed)

    assert before.decided != "SUPPORT" or after.decided == "SUPPORT"


@given(WITH_A_SEAT_LEFT, CLAIMS)
def test_one_more_rejection_never_helps_the_claimant(
    ballots: list[Ballot], claimed: Claimed
) -> None:
    before = tally(ballots, SEATS, claimed)
    after = tally([*ballots, a_ballot(seat=SEATS, choice=AGAINST)], SEATS, claimed)

    if before.decided == "REJECT":
        assert after.decided == "REJECT"
    if before.decided == after.decided == "SUPPORT":
        assert after.refund_fen <= before.refund_fen


@given(MOSTLY_SUPPORTING, st.integers(1, 32900), st.integers(1, 32900))
def test_no_partial_voter_moves_the_amount_towards_the_true_one_by_lying(
    ballots: list[Ballot], honest_fen: int, lie_fen: int
) -> None:
    claimed = a_claim()
    granted = [
        tally([*ballots, a_ballot(seat=SEATS, choice=PART, amount_fen=fen)], SEATS, claimed)
        for fen in (honest_fen, lie_fen)
    ]
    assume(granted[0].decided == "SUPPORT")
    honest, lie = (abs(result.refund_fen - honest_fen) for result in granted)

    assert honest <= lie


def split(*shares: dict[str, int], choices: tuple[Choice, ...] = (FOR,) * 7) -> dict[str, int]:
    ballots = [
        a_ballot(seat=n, choice=choice, liability=shares[n - 1] if n <= len(shares) else {})
        for n, choice in enumerate(choices, 1)
    ]
    return dict(tally(ballots, len(choices), a_claim()).liability)


def test_liability_is_the_median_share_of_each_party_made_whole() -> None:
    found = split(
        {"MERCHANT": 10_000},
        {"MERCHANT": 6_000, "HOST": 4_000},
        {"MERCHANT": 5_000, "HOST": 3_000, "BUYER": 2_000},
    )

    # Medians: merchant 6,000, host 3,000, buyer 0.
    assert found == {"MERCHANT": 6_667, "HOST": 3_333}


def test_ballots_that_say_nothing_of_liability_do_not_move_it() -> None:
    assert split({"CARRIER": 10_000}) == {"CARRIER": 10_000}
    assert split() == {}


def test_shares_that_find_no_middle_are_nobodys() -> None:
    assert split({"HOST": 10_000}, {"MCN": 10_000}, {"BRAND": 10_000}) == {}


def test_who_cannot_determine_says_nothing_of_liability_either() -> None:
    unsure = (UNSURE, UNSURE, FOR, FOR, FOR, FOR, FOR)

    assert split({"BUYER": 10_000}, {"BUYER": 10_000}, {"HOST": 10_000}, choices=unsure) == {
        "HOST": 10_000
    }


def test_without_a_decision_nobody_is_liable() -> None:
    assert split({"HOST": 10_000}, choices=(FOR, FOR, AGAINST, AGAINST, UNSURE)) == {}


@given(PANELS)
def test_liability_sums_to_the_whole_or_is_not_said(panel: list[Ballot]) -> None:
    assert sum(tally(panel, SEATS, CLAIM).liability.values()) in (0, WHOLE)


@given(MOSTLY_SUPPORTING, st.integers(0, WHOLE))
def test_nobody_is_liable_whom_no_ballot_names(panel: list[Ballot], mine: int) -> None:
    shares = {"MERCHANT": mine, "BUYER": WHOLE - mine}
    stated = [{**one.liability} or shares for one in panel]
    panel = [replace(one, liability=each) for one, each in zip(panel, stated, strict=True)]
    found = tally(panel, SEATS, CLAIM).liability
    named = {party for each in stated for party, share in each.items() if share}

    assert found.keys() <= named
