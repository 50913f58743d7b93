"""Who may judge: reviewers, the strata that keep a panel balanced, and the pool at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from reviewers.errors import PoolRefused


class Stratum(StrEnum):
    """The side a reviewer stands for. The order here is the order of the draw."""

    BUYER_SIDE = "BUYER_SIDE"
    MERCHANT_SIDE = "MERCHANT_SIDE"
    EXPERT = "EXPERT"
    SENIOR_USER = "SENIOR_USER"
    ASSOCIATION = "ASSOCIATION"


class State(StrEnum):
    """PRACTISING until the entry test is passed; only ACTIVE can be drawn."""

    PRACTISING = "PRACTISING"
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One member of the pool.

    `weight` is a positive integer: twice the weight, twice the chance of each seat.
    `fields` are an expert's subjects, `quota` how many open cases at a time.
    """

    id: str
    stratum: str
    weight: int = 1
    fields: tuple[str, ...] = ()
    state: str = "ACTIVE"
    languages: tuple[str, ...] = ("zh",)
    quota: int = 5


def pool_at(events: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[Reviewer, ...]:
    """The pool after these entries of its stream, each a type code and its fields; by id.

    Raises PoolRefused: UNKNOWN_EVENT, UNREADABLE, DUPLICATE_ID for a second enrolment,
    UNKNOWN_ID for a change of somebody who never joined.
    """
    pool: dict[str, Reviewer] = {}
    for code, fields in events:
        evolve = _EVOLVE.get(code)
        if evolve is None:
            raise PoolRefused("UNKNOWN_EVENT", code)
        try:
            evolve(pool, fields)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise PoolRefused("UNREADABLE", code) from None
    return tuple(pool[id_] for id_ in sorted(pool))


def _enrolled(pool: dict[str, Reviewer], fields: Mapping[str, Any]) -> None:
    id_ = str(fields["reviewer_id"])
    if id_ in pool:
        raise PoolRefused("DUPLICATE_ID", id_)
    state = State(fields.get("state", "ACTIVE"))
    found = Reviewer(id_, str(Stratum(fields["stratum"])), state=str(state))
    pool[id_] = _changed_by(found, fields)


def _imported(pool: dict[str, Reviewer], fields: Mapping[str, Any]) -> None:
    for one in fields["reviewers"]:
        _enrolled(pool, one)


def _changed(pool: dict[str, Reviewer], fields: Mapping[str, Any]) -> None:
    found = _known(pool, fields)
    pool[found.id] = _changed_by(found, fields)


def _state_set(pool: dict[str, Reviewer], fields: Mapping[str, Any]) -> None:
    found = _known(pool, fields)
    pool[found.id] = replace(found, state=str(State(fields["state"])))


def _judged(pool: dict[str, Reviewer], fields: Mapping[str, Any]) -> None:
    """A practice case changes nothing by itself: the state is set by an entry of its own."""
    _known(pool, fields)


def _known(pool: Mapping[str, Reviewer], fields: Mapping[str, Any]) -> Reviewer:
    id_ = str(fields["reviewer_id"])
    if id_ not in pool:
        raise PoolRefused("UNKNOWN_ID", id_)
    return pool[id_]


def _changed_by(found: Reviewer, fields: Mapping[str, Any]) -> Reviewer:
    return replace(
        found,
        weight=int(fields.get("weight", found.weight)),
        fields=tuple(map(str, fields.get("fields", found.fields))),
        languages=tuple(map(str, fields.get("languages", found.languages))),
        quota=int(fields.get("quota", found.quota)),
    )


_EVOLVE: Mapping[str, Callable[[dict[str, Reviewer], Mapping[str, Any]], None]] = {
    "REVIEWER_ENROLLED": _enrolled,
    "REVIEWERS_IMPORTED": _imported,
    "REVIEWER_CHANGED": _changed,
    "REVIEWER_STATE_SET": _state_set,
    "PRACTICE_JUDGED": _judged,
}
