"""Wishes about the pool."""

from __future__ import annotations

from dataclasses import dataclass

from portal.events import NewReviewer
from portal.streams import POOL


class _OfThePool:
    @property
    def stream(self) -> str:
        return POOL


@dataclass(frozen=True)
class EnrollReviewer(_OfThePool):
    """`how`: INVITED or APPLIED. `state`: ACTIVE, or PRACTISING until the entry test is passed."""

    reviewer_id: str
    stratum: str
    weight: int = 1
    fields: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    quota: int = 5
    how: str = "INVITED"
    state: str = "ACTIVE"


@dataclass(frozen=True)
class ImportReviewers(_OfThePool):
    """All of them or none; at most rules.BATCH in one entry."""

    reviewers: tuple[NewReviewer, ...]


@dataclass(frozen=True)
class ChangeReviewer(_OfThePool):
    """The whole of what may change, as it is from now on."""

    reviewer_id: str
    weight: int
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    quota: int


@dataclass(frozen=True)
class SetReviewerState(_OfThePool):
    """The operator's wish; the reason stands in the record."""

    reviewer_id: str
    state: str  # ACTIVE, PAUSED, REMOVED
    reason: str


@dataclass(frozen=True)
class PauseMyself(_OfThePool):
    """The reviewer's own wish; `pause` False ends one's own pause."""

    reviewer_id: str
    pause: bool


@dataclass(frozen=True)
class JudgePractice(_OfThePool):
    reviewer_id: str
    practice: str
    choice: str
