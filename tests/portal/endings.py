"""Cases after their votes were counted, as values: ruled, before an officer, appealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal import events as e
from portal.appeals.commands import AnswerAppeal, FileAppeal
from portal.appeals.rules import answer_appeal, file_appeal
from portal.cases.state import Case
from portal.panels.rules import claimed_of
from portal.rulings.panel import rule
from reviewers import tally
from reviewers.ballot import Ballot
from tests.portal.stages import (
    NOW,
    a_ballot,
    a_doubt,
    a_rejection,
    called,
    case_after,
    closed,
    drawn,
    later,
)
from tests.values import CASE_NO

Events = tuple[e.Event, ...]


def counted(before: Events, *ballots: Ballot, at: datetime = NOW) -> Events:
    """The events, then the count of these ballots and all that follows from it."""
    case = case_after(*before)
    assert case.called is not None
    result = tally.tally(ballots, 7, claimed_of(case.called))
    return (*before, e.TallyClosed(result.as_fields()), *rule(case, result, ballots, at))


def voted(*ballots: Ballot, **changes: Any) -> Events:
    """A first panel of seven that cast these ballots, counted at NOW."""
    return counted(closed(tuple(b.seat for b in ballots), **changes), *ballots)


def granted(**changes: Any) -> Events:
    """All seven for the claim as made."""
    return voted(*(a_ballot(n) for n in range(1, 8)), **changes)


def partly(amount_fen: int = 10_000, **changes: Any) -> Events:
    """All seven for a part of the refund."""
    part = {"choice": "PARTIAL", "amount_fen": amount_fen, "compensation_fen": 0}
    return voted(*(a_ballot(n, **part) for n in range(1, 8)), **changes)


def denied_by_all(**changes: Any) -> Events:
    return voted(*(a_rejection(n) for n in range(1, 8)), **changes)


def undecided(**changes: Any) -> Events:
    """Three doubts in seven: too many to decide anything."""
    doubts = (a_doubt(5), a_doubt(6), a_doubt(7))
    return voted(*(a_ballot(n) for n in range(1, 5)), *doubts, **changes)


def ruling_of(events: Events) -> e.RulingIssued:
    """The newest ruling."""
    return [event for event in events if isinstance(event, e.RulingIssued)][-1]


def an_appeal(side: str = "MERCHANT", ground: str = "RULE_MISAPPLIED") -> FileAppeal:
    return FileAppeal(CASE_NO, side, ground, "第 1 条不适用于尺码说明")


def appealed(before: Events, side: str = "MERCHANT", ground: str = "RULE_MISAPPLIED") -> Events:
    """An hour after the ruling one side appeals."""
    case = case_after(*before)
    return (*before, *file_appeal(case, an_appeal(side, ground), later(hours=1)))


def heard(before: Events, side: str = "BUYER") -> Events:
    """The other side answers, fresh seats are called and drawn, their votes are in."""
    answer = AnswerAppeal(CASE_NO, side, "第 1 条就是为此写的")
    answered = (*before, *answer_appeal(case_after(*before), answer, later(hours=2)))
    case = case_after(*answered)
    over = e.VotingClosed("ALL_VOTED", tuple(range(1, 8)), round=case.round.number)
    return (*answered, called(case), drawn(), over)


def case_of(events: Events) -> Case:
    return case_after(*events)
