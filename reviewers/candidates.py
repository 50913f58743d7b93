"""The file that fixes who could be drawn, before anything random exists.

Canonical JSON (RFC 8785): who was left out with the code of the reason, and who is left, per
stratum, as pairs of id and weight sorted by the bytes of the id.

    {"excluded":{"r_9":"PRIOR_BUYER"},"strata":{"BUYER_SIDE":[["r_a",1],["r_b",2]]}}
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from reviewers.errors import PoolRefused

WEIGHT_LIMIT = 2**32

Candidate = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Fixed:
    """`candidates`: (id, weight) by stratum; `excluded`: the code of the reason by id."""

    candidates: Mapping[str, tuple[Candidate, ...]]
    excluded: Mapping[str, str]

    @property
    def counts(self) -> dict[str, int]:
        """How many candidates each stratum has."""
        return {stratum: len(who) for stratum, who in self.candidates.items()}

    @property
    def exclusions(self) -> dict[str, int]:
        """How many were left out, by code."""
        return dict(sorted(Counter(self.excluded.values()).items()))


def encode(fixed: Fixed) -> bytes:
    """The file's bytes. Raises PoolRefused for what decode() would not give back."""
    strata = {str(stratum): tuple(sorted(who)) for stratum, who in fixed.candidates.items()}
    _refuse_unclear(strata, fixed.excluded)
    return _canonical({"excluded": dict(fixed.excluded), "strata": strata})


def decode(content: bytes) -> Fixed:
    """Read the file. Raises PoolRefused: UNREADABLE, or DUPLICATE_ID, BAD_ID, BAD_WEIGHT."""
    try:
        fields = json.loads(content)
        strata, excluded = fields["strata"], fields["excluded"]
        candidates = {stratum: _pairs(who) for stratum, who in strata.items()}
        _refuse_unclear(candidates, excluded)
        # One content, one form: otherwise two files of one pool could have two digests.
        same = _canonical({"excluded": excluded, "strata": candidates}) == content
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise PoolRefused("UNREADABLE", "candidates") from None
    if not same or fields.keys() != {"strata", "excluded"}:
        raise PoolRefused("UNREADABLE", "candidates")
    return Fixed(candidates, excluded)


def refuse_unfair(strata: Mapping[str, Sequence[Candidate]]) -> None:
    """Raise PoolRefused for an id that stands twice or a weight outside 1 .. 2**32 - 1.

    Each test looks at the whole pool at once: it costs a tenth of asking one by one.
    """
    weights = [weight for who in strata.values() for _, weight in who]
    if not (set(map(type, weights)) <= {int} and _within(weights)):
        raise PoolRefused("BAD_WEIGHT", next(i for i, w in _all(strata) if not _is_weight(w)))
    ids = [id_ for who in strata.values() for id_, _ in who]
    if len(set(ids)) != len(ids):
        raise PoolRefused("DUPLICATE_ID", Counter(ids).most_common(1)[0][0])


def _within(weights: list[int]) -> bool:
    return not weights or 0 < min(weights) <= max(weights) < WEIGHT_LIMIT


def _is_weight(weight: object) -> bool:
    return type(weight) is int and 0 < weight < WEIGHT_LIMIT


def _all(strata: Mapping[str, Sequence[Candidate]]) -> Iterable[Candidate]:
    return chain.from_iterable(strata.values())


def _refuse_unclear(strata: Mapping[str, Sequence[Candidate]], excluded: Mapping[str, str]) -> None:
    refuse_unfair(strata)
    ids = [id_ for id_, _ in _all(strata)]
    # ASCII sorts alike by bytes, by code points and by the UTF-16 units of a browser.
    if not "".join(chain(ids, excluded, excluded.values())).isascii():
        raise PoolRefused("BAD_ID", "candidates")
    twice = excluded.keys() & set(ids)
    if twice:
        raise PoolRefused("DUPLICATE_ID", min(twice))


def _pairs(who: Sequence[Any]) -> tuple[Candidate, ...]:
    pairs = tuple((id_, weight) for id_, weight in who)
    if not (set(map(type, who)) <= {list} and {type(id_) for id_, _ in pairs} <= {str}):
        raise TypeError
    if list(pairs) != sorted(pairs):
        raise ValueError
    return pairs


def _canonical(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
