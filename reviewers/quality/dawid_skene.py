"""Who is reliable when nobody knows the right answer: Dawid and Skene's EM, a small plain version.

"Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics
28 (1979). Starts from the shares of votes, stops when no estimate moves by more than TOLERANCE.
A pseudo-count keeps a reviewer with few votes near ignorance instead of at certainty; the original
has none (`smoothing` 0).

What it estimates is agreement with a consensus that it builds itself. It cannot tell a reviewer
who sees more than the others from one who errs; so it is shown, and it decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewers.quality.votes import Vote, by_case

TOLERANCE = 1e-6
MOST_ROUNDS = 200
MOST_WORK = 2_000_000  # votes times rounds: what a night gives to one quarter
SMOOTHING = 0.1

Errors = Mapping[str, Mapping[str, float]]  # true label -> given label -> chance


@dataclass(frozen=True, slots=True)
class Estimate:
    """`truth`: case -> label -> chance. `errors`: reviewer -> confusion. `shares`: label -> chance.

    `rounds` of EM; `settled` False when MOST_ROUNDS, or as many as MOST_WORK allows, did not do.
    """

    truth: Mapping[str, Mapping[str, float]]
    errors: Mapping[str, Errors]
    shares: Mapping[str, float]
    rounds: int
    settled: bool

    def reliability(self, reviewer: str) -> float:
        """The chance that this reviewer names the consensus, over all labels by their shares."""
        errors = self.errors[reviewer]
        return sum(share * errors[label][label] for label, share in self.shares.items())


def estimate(votes: Iterable[Vote], smoothing: float = SMOOTHING) -> Estimate:
    """Raises ValueError without any vote."""
    cases = by_case(votes)
    labels = sorted({vote.label for case in cases.values() for vote in case})
    if not labels:
        raise ValueError("no votes")
    truth = {case: _shares_of(given, labels) for case, given in cases.items()}
    rounds, moved = 0, math.inf
    errors, shares = _learn(cases, truth, labels, smoothing)
    most = min(MOST_ROUNDS, max(1, MOST_WORK // sum(map(len, cases.values()))))
    while rounds < most and moved > TOLERANCE:
        logs = {reviewer: _logs(table) for reviewer, table in errors.items()}
        newer = {case: _judge(given, logs, shares, labels) for case, given in cases.items()}
        moved = max(abs(newer[c][k] - truth[c][k]) for c in cases for k in labels)
        truth, rounds = newer, rounds + 1
        errors, shares = _learn(cases, truth, labels, smoothing)
    return Estimate(truth, errors, shares, rounds, moved <= TOLERANCE)


def _shares_of(votes: Sequence[Vote], labels: Sequence[str]) -> dict[str, float]:
    return {k: sum(vote.label == k for vote in votes) / len(votes) for k in labels}


def _learn(
    cases: Mapping[str, Sequence[Vote]],
    truth: Mapping[str, Mapping[str, float]],
    labels: Sequence[str],
    smoothing: float,
) -> tuple[dict[str, Errors], dict[str, float]]:
    """Maximisation: error rates and shares as the present truth makes them likeliest."""
    counted: dict[str, dict[str, dict[str, float]]] = {}
    for case, votes in cases.items():
        for vote in votes:
            table = counted.setdefault(
                vote.reviewer, {true: dict.fromkeys(labels, smoothing) for true in labels}
            )
            for true in labels:
                table[true][vote.label] += truth[case][true]
    errors: dict[str, Errors] = {
        reviewer: {true: _scaled(given) for true, given in table.items()}
        for reviewer, table in counted.items()
    }
    shares = _scaled({k: sum(one[k] for one in truth.values()) for k in labels})
    return errors, shares


def _judge(
    votes: Sequence[Vote],
    logs: Mapping[str, Errors],
    shares: Mapping[str, float],
    labels: Sequence[str],
) -> dict[str, float]:
    """Expectation: the chance of each label, by logarithms since panels can be large."""
    found = {
        true: _log(shares[true]) + sum(logs[v.reviewer][true][v.label] for v in votes)
        for true in labels
    }
    most = max(found.values())
    return _scaled({true: math.exp(value - most) for true, value in found.items()})


def _logs(errors: Errors) -> Errors:
    return {
        true: {k: _log(chance) for k, chance in given.items()} for true, given in errors.items()
    }


def _scaled(values: Mapping[str, float]) -> dict[str, float]:
    total = sum(values.values())
    even = 1 / len(values)
    return {name: value / total if total else even for name, value in values.items()}


def _log(chance: float) -> float:
    return math.log(max(chance, 1e-300))
