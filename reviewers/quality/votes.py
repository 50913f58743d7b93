"""The one input of every measure: who said what in which case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Vote:
    """One opened, valid ballot. `case` names a panel, not a dispute: an appeal is another one.

    `label` is what was judged (a side); `seconds` from the first look at the file to the ballot,
    None when it is not known; `length` how much there was to read, in the unit of speed.py.
    """

    case: str
    reviewer: str
    stratum: str
    label: str
    seconds: float | None = None
    length: int = 0


def by_case(votes: Iterable[Vote]) -> Mapping[str, tuple[Vote, ...]]:
    """The votes of each case, cases in the order of their names, votes by reviewer."""
    found: dict[str, list[Vote]] = {}
    for vote in votes:
        found.setdefault(vote.case, []).append(vote)
    return {
        case: tuple(sorted(found[case], key=lambda vote: vote.reviewer)) for case in sorted(found)
    }
