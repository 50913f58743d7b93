"""Who may not judge this case, and for which published reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, filterfalse

from reviewers.candidates import Candidate, Fixed
from reviewers.pool import Reviewer, Stratum


class Conflict(StrEnum):
    """Reasons to leave a reviewer out. The first that applies, in this order, is recorded."""

    SAME_PARTY = "SAME_PARTY"
    RELATIVE = "RELATIVE"
    EMPLOYMENT = "EMPLOYMENT"
    SHOP_RELATION = "SHOP_RELATION"
    PRIOR_BUYER = "PRIOR_BUYER"
    PRIOR_ROUND = "PRIOR_ROUND"
    SAME_DEVICE_OR_ADDRESS = "SAME_DEVICE_OR_ADDRESS"
    COMPETITOR = "COMPETITOR"
    PUBLIC_STATEMENT = "PUBLIC_STATEMENT"
    CONSCIENCE = "CONSCIENCE"
    WORKLOAD = "WORKLOAD"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a reviewer outside the panel room.

    `relatives_of` holds buyer, merchant and shop ids; `worked_for` merchant and shop ids;
    `bought_from` shop ids; `devices` and `addresses` opaque digests; `declared` the code of a
    tie that the reviewer named, by buyer, merchant or shop id.
    """

    buyer_ref: str | None = None
    merchant_ids: frozenset[str] = frozenset()
    relatives_of: frozenset[str] = frozenset()
    worked_for: frozenset[str] = frozenset()
    bought_from: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    declared: Mapping[str, str] = field(default_factory=dict)


# Share this one for everybody who was looked up and has no tie to anybody: screen() knows it by
# identity and asks such a reviewer nothing.
NO_TIES = Profile()


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides of a case, and what keeps single reviewers away from it.

    `busy`: reviewer ids at their limit of open cases. `prior`: reviewer ids of earlier
    rounds. `competitors`: merchant and shop ids. `devices`, `addresses`: as in Profile.
    `declared`: recusals that were declared or upheld, by reviewer id.
    """

    buyer_ref: str
    merchant_id: str
    shop_id: str
    busy: frozenset[str] = frozenset()
    prior: frozenset[str] = frozenset()
    competitors: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    declared: Mapping[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset({self.buyer_ref, self.merchant_id, self.shop_id})


Weigh = Callable[[Reviewer], int]


def screen(
    pool: Iterable[Reviewer],
    parties: Parties,
    profiles: Mapping[str, Profile],
    weigh: Weigh | Mapping[str, int] | None = None,
    expert_field: str = "",
    expert_seats: int = 1,
) -> Fixed:
    """Sort the active pool into candidates and exclusions; inactive reviewers are in neither.

    An active reviewer without a profile is excluded as OTHER: who cannot be checked for a
    conflict cannot be said to have none. `weigh` gives each candidate's weight, by default the
    reviewer's own. Experts who know `expert_field` form a stratum EXPERT/<field> of their own
    if there are more of them than seats; seats_for() then takes the seats to it.
    """
    active = [one for one in pool if one.state == "ACTIVE"]
    excluded = _excluded([one.id for one in active], parties, profiles)
    free = [one for one in active if one.id not in excluded]
    strata = _by_stratum(free, _weigher(weigh))
    if expert_field:
        known = {one.id for one in free if expert_field in one.fields}
        strata = _by_field(strata, known, expert_field, expert_seats)
    return Fixed({name: tuple(sorted(who)) for name, who in strata.items()}, excluded)


def seats_for(seats: Mapping[Stratum, int], fixed: Fixed) -> dict[str, int]:
    """A track's seats by the strata of the candidates: EXPERT may have become EXPERT/<field>."""
    by_field = next((one for one in fixed.candidates if _is_field(one)), Stratum.EXPERT)
    return {str(by_field if one == Stratum.EXPERT else one): n for one, n in seats.items()}


def conflict(reviewer_id: str, profile: Profile | None, parties: Parties) -> Conflict | None:
    """The code that keeps one reviewer away, None for a candidate; asked of seated ones again."""
    code = _conflict(reviewer_id, profile, parties)
    return Conflict(code) if code else None


def _excluded(
    ids: Sequence[str], parties: Parties, profiles: Mapping[str, Profile]
) -> dict[str, str]:
    """Only those with a tie or a name in the case are asked: of a million that is a handful."""
    tied = {id_ for id_, profile in profiles.items() if profile is not NO_TIES}
    named = tied | parties.busy | parties.prior | parties.declared.keys()
    unknown = filterfalse(profiles.__contains__, ids)
    asked = chain(unknown, filter(named.__contains__, ids))
    found = {id_: _conflict(id_, profiles.get(id_), parties) for id_ in asked}
    return {id_: code for id_, code in found.items() if code}


def _by_stratum(free: Iterable[Reviewer], weigh: Weigh | None) -> dict[str, list[Candidate]]:
    strata: dict[str, list[Candidate]] = {str(stratum): [] for stratum in Stratum}
    for one in free:
        weight = weigh(one) if weigh else one.weight
        strata.setdefault(one.stratum, []).append((one.id, weight))
    return strata


def _weigher(weigh: Weigh | Mapping[str, int] | None) -> Weigh | None:
    if isinstance(weigh, Mapping):
        return lambda one: weigh.get(one.id, one.weight)
    return weigh


def _is_field(stratum: str) -> bool:
    return stratum.startswith(f"{Stratum.EXPERT}/")


def _by_field(
    strata: Mapping[str, list[Candidate]], known: set[str], expert_field: str, seats: int
) -> dict[str, list[Candidate]]:
    experts = strata[Stratum.EXPERT]
    inside = [pair for pair in experts if pair[0] in known]
    if len(inside) <= seats:
        return dict(strata)
    outside = [pair for pair in experts if pair[0] not in known]
    return {**strata, "EXPERT": outside, f"{Stratum.EXPERT}/{expert_field}": inside}


def _conflict(reviewer_id: str, profile: Profile | None, parties: Parties) -> str | None:
    applying = _of_the_case(reviewer_id, parties)
    applying |= {str(Conflict.OTHER)} if profile is None else _of_the_person(profile, parties)
    return next((str(code) for code in Conflict if code in applying), None)


def _of_the_case(reviewer_id: str, parties: Parties) -> set[str]:
    declared = parties.declared.get(reviewer_id)
    found = {str(declared)} if declared else set()
    found |= {str(Conflict.PRIOR_ROUND)} if reviewer_id in parties.prior else set()
    return found | ({str(Conflict.WORKLOAD)} if reviewer_id in parties.busy else set())


def _of_the_person(profile: Profile, parties: Parties) -> set[str]:
    tests = {
        Conflict.SAME_PARTY: profile.buyer_ref == parties.buyer_ref
        or parties.merchant_id in profile.merchant_ids,
        Conflict.RELATIVE: bool(parties.ids & profile.relatives_of),
        Conflict.EMPLOYMENT: parties.merchant_id in profile.worked_for,
        Conflict.SHOP_RELATION: parties.shop_id in profile.worked_for,
        Conflict.PRIOR_BUYER: parties.shop_id in profile.bought_from,
        Conflict.SAME_DEVICE_OR_ADDRESS: bool(parties.devices & profile.devices)
        or bool(parties.addresses & profile.addresses),
        Conflict.COMPETITOR: bool(
            parties.competitors & (profile.worked_for | profile.merchant_ids)
        ),
    }
    found = {str(code) for code, applies in tests.items() if applies}
    return found | {profile.declared[id_] for id_ in parties.ids & profile.declared.keys()}
