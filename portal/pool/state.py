"""The pool as the sum of its events, with what the rules need beside who can be drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from portal import events as e
from portal.times import moment

BEIJING = ZoneInfo("Asia/Shanghai")
SET_SIZE = 5  # practice cases of one entry test
ENOUGH = 4  # of them to be met
OWN_WISH = "SELF"  # the reason of a pause that the reviewer made and may end


@dataclass(frozen=True)
class Judged:
    """One practice case as judged; `on` is the day in Beijing."""

    practice: str
    passed: bool
    on: date


@dataclass(frozen=True)
class Member:
    stratum: str
    state: str
    reason: str = ""
    judged: tuple[Judged, ...] = ()

    @property
    def current(self) -> tuple[Judged, ...]:
        """The practice cases of the set under way; a full set is the last one still."""
        start = (len(self.judged) - 1) // SET_SIZE * SET_SIZE if self.judged else 0
        return self.judged[start:]


Members = dict[str, Member]


def fold_pool(history: Iterable[tuple[e.Event, str]]) -> Members:
    """Everybody who was ever enrolled, by pseudonym, after (event, recorded time) pairs."""
    members: Members = {}
    for event, at in history:
        _evolve(members, event, at)
    return members


def _evolve(members: Members, event: e.Event, at: str) -> None:
    match event:
        case e.ReviewerEnrolled():
            members[event.reviewer_id] = Member(event.stratum, event.state)
        case e.ReviewersImported():
            members.update((r.reviewer_id, Member(r.stratum, "ACTIVE")) for r in event.reviewers)
        case e.ReviewerStateSet():
            known = members[event.reviewer_id]
            members[event.reviewer_id] = replace(known, state=event.state, reason=event.reason)
        case e.PracticeJudged():
            known = members[event.reviewer_id]
            one = Judged(event.practice, event.passed, moment(at).astimezone(BEIJING).date())
            members[event.reviewer_id] = replace(known, judged=(*known.judged, one))
