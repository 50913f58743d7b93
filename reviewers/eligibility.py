"""Who may not judge this case, and for which published reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from reviewers.pool import Reviewer, Stratum

Candidate = tuple[str, int]


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

    `worked_for` holds merchant and shop ids, `bought_from` shop ids, `devices` opaque
    digests of devices and addresses.
    """

    reviewer_id: str
    buyer_ref: str | None = None
    merchant_ids: frozenset[str] = frozenset()
    worked_for: frozenset[str] = frozenset()
    bought_from: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Parties:
    """The two sides of a case, and what keeps single reviewers away from it.

    `busy`: reviewer ids at their limit of open cases. `prior`: reviewer ids that sat in an
    earlier round. `competitors`: merchant and shop ids. `devices`: as in Profile.
    `declared`: recusals that were declared or upheld, by reviewer id.
    """

    buyer_ref: str
    merchant_id: str
    shop_id: str
    busy: frozenset[str] = frozenset()
    prior: frozenset[str] = frozenset()
    competitors: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    declared: Mapping[str, Conflict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Eligible:
    """`candidates`: (id, weight) sorted by id for every stratum; `exclusions`: (id, code)."""

    candidates: Mapping[Stratum, tuple[Candidate, ...]]
    exclusions: tuple[tuple[str, Conflict], ...]


def screen(pool: Iterable[Reviewer], parties: Parties, profiles: Iterable[Profile]) -> Eligible:
    """Sort the active pool into candidates and exclusions; inactive reviewers are in neither.

    An active reviewer without a profile is excluded as OTHER: who cannot be checked for a
    conflict cannot be said to have none.
    """
    known = {profile.reviewer_id: profile for profile in profiles}
    active = sorted((one for one in pool if one.state == "ACTIVE"), key=lambda one: one.id)
    found = {one.id: _conflict(one.id, known.get(one.id), parties) for one in active}
    free = [one for one in active if found[one.id] is None]
    return Eligible(
        candidates={
            stratum: tuple((one.id, one.weight) for one in free if one.stratum == stratum)
            for stratum in Stratum
        },
        exclusions=tuple((id_, code) for id_, code in found.items() if code is not None),
    )


def _conflict(reviewer_id: str, profile: Profile | None, parties: Parties) -> Conflict | None:
    applying = _of_the_case(reviewer_id, parties)
    applying |= {Conflict.OTHER} if profile is None else _of_the_person(profile, parties)
    return next((code for code in Conflict if code in applying), None)


def _of_the_case(reviewer_id: str, parties: Parties) -> set[Conflict]:
    declared = parties.declared.get(reviewer_id)
    found = {declared} if declared else set()
    found |= {Conflict.PRIOR_ROUND} if reviewer_id in parties.prior else set()
    return found | ({Conflict.WORKLOAD} if reviewer_id in parties.busy else set())


def _of_the_person(profile: Profile, parties: Parties) -> set[Conflict]:
    tests = {
        Conflict.SAME_PARTY: profile.buyer_ref == parties.buyer_ref
        or parties.merchant_id in profile.merchant_ids,
        Conflict.EMPLOYMENT: parties.merchant_id in profile.worked_for,
        Conflict.SHOP_RELATION: parties.shop_id in profile.worked_for,
        Conflict.PRIOR_BUYER: parties.shop_id in profile.bought_from,
        Conflict.SAME_DEVICE_OR_ADDRESS: bool(parties.devices & profile.devices),
        Conflict.COMPETITOR: bool(
            parties.competitors & (profile.worked_for | profile.merchant_ids)
        ),
    }
    return {code for code, applies in tests.items() if applies}
