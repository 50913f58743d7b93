"""The pool of reviewers under pseudonyms; folded by reviewers.pool it gives the pool at any entry.

All of it stands in one stream, so that a panel names a position in it and anybody can rebuild who
could have been drawn.
"""

from __future__ import annotations

from portal.events.values import Event, Value


class NewReviewer(Value):
    reviewer_id: str
    stratum: str
    weight: int = 1
    fields: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    quota: int = 5  # open cases at a time


class ReviewerEnrolled(Event, tag="REVIEWER_ENROLLED"):
    reviewer_id: str
    stratum: str
    weight: int = 1
    fields: tuple[str, ...] = ()
    languages: tuple[str, ...] = ("zh",)
    quota: int = 5
    how: str = "INVITED"  # INVITED, APPLIED
    state: str = "ACTIVE"  # PRACTISING until the entry test is passed


class ReviewersImported(Event, tag="REVIEWERS_IMPORTED"):
    reviewers: tuple[NewReviewer, ...]


class ReviewerChanged(Event, tag="REVIEWER_CHANGED"):
    """The whole of what may change, as it is from now on."""

    reviewer_id: str
    weight: int
    fields: tuple[str, ...]
    languages: tuple[str, ...]
    quota: int


class ReviewerStateSet(Event, tag="REVIEWER_STATE_SET"):
    reviewer_id: str
    state: str  # PRACTISING, ACTIVE, PAUSED, REMOVED
    reason: str


class PracticeJudged(Event, tag="PRACTICE_JUDGED"):
    """One practice case of the entry test; `passed` says whether it met the explained outcome."""

    reviewer_id: str
    practice: str
    choice: str
    passed: bool
