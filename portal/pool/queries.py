"""What the pool's pages show. Every list is short and read along an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.accounts.tables import Account
from portal.cases.tables import CaseRow, SeatRow
from portal.database import AnySession
from portal.panels.pool import open_seat
from portal.panels.tables import PracticeRow, ReviewerRow
from portal.pool.practice import CASES, PracticeCase
from portal.pool.state import ENOUGH, SET_SIZE
from portal.pool.tables import ApplicationRow
from portal.words import STRATA
from reviewers.tracks import Track

PAGE = 50
STATES = ("ACTIVE", "PRACTISING", "PAUSED", "REMOVED")
SPARE = 2  # of each stratum this many times the seats should be free, or a redraw fails


@dataclass(frozen=True)
class Wanted:
    """What a page of the pool is asked for; empty means all."""

    name: str = ""
    stratum: str = ""
    state: str = ""
    after: str = ""


@dataclass(frozen=True)
class Pooled:
    row: ReviewerRow
    has_account: bool


@dataclass(frozen=True)
class PoolPage:
    reviewers: tuple[Pooled, ...]
    next: str | None


def pool_page(session: AnySession, wanted: Wanted) -> PoolPage:
    """A page of the pool in the order of the pseudonyms; a name is searched by its beginning."""
    query = select(ReviewerRow).where(ReviewerRow.reviewer_id > wanted.after)
    if wanted.name:
        # A range instead of LIKE: it is read along the key, whatever was typed.
        query = query.where(
            ReviewerRow.reviewer_id >= wanted.name,
            ReviewerRow.reviewer_id < wanted.name + "\U0010ffff",
        )
    if wanted.stratum:
        query = query.where(ReviewerRow.stratum == wanted.stratum)
    if wanted.state:
        query = query.where(ReviewerRow.state == wanted.state)
    rows = session.scalars(query.order_by(ReviewerRow.reviewer_id).limit(PAGE + 1)).all()
    known = _with_accounts(session, [row.reviewer_id for row in rows])
    shown = tuple(Pooled(row, row.reviewer_id in known) for row in rows[:PAGE])
    return PoolPage(shown, rows[PAGE - 1].reviewer_id if rows[PAGE:] else None)


def _with_accounts(session: AnySession, ids: Sequence[str]) -> set[str]:
    query = select(Account.reviewer_id).where(Account.reviewer_id.in_(ids))
    return {found for found in session.scalars(query) if found}


@dataclass(frozen=True)
class Stock:
    """One stratum: how many in each state, and which tracks it is too small for.

    `short`: (track, seats needed) that cannot be seated at all. `thin`: those that can be seated
    once, with too few left for reserves and a fresh panel.
    """

    stratum: str
    active: int
    practising: int
    paused: int
    removed: int
    short: tuple[tuple[str, int], ...]
    thin: tuple[tuple[str, int], ...]


def stock(session: AnySession) -> tuple[Stock, ...]:
    """The whole pool in five lines, shortages first said here and not when a case waits."""
    counted = select(ReviewerRow.stratum, ReviewerRow.state, func.count()).group_by(
        ReviewerRow.stratum, ReviewerRow.state
    )
    counts = {(stratum, state): n for stratum, state, n in session.execute(counted)}
    return tuple(_stock(stratum, counts) for stratum in STRATA)


def _stock(stratum: str, counts: dict[tuple[str, str], int]) -> Stock:
    active = counts.get((stratum, "ACTIVE"), 0)
    needs = [(str(t), n) for t in Track for s, n in t.seats.items() if s == stratum and n]
    return Stock(
        stratum=stratum,
        active=active,
        practising=counts.get((stratum, "PRACTISING"), 0),
        paused=counts.get((stratum, "PAUSED"), 0),
        removed=counts.get((stratum, "REMOVED"), 0),
        short=tuple((track, n) for track, n in needs if active < n),
        thin=tuple((track, n) for track, n in needs if n <= active < SPARE * n),
    )


@dataclass(frozen=True)
class Applied:
    row: ApplicationRow
    name: str


def applications(session: AnySession, after: int = 0) -> tuple[Applied, ...]:
    """Those that wait, the longest first; one more than a page shows, if there is one."""
    query = (
        select(ApplicationRow, Account.display_name)
        .join(Account, Account.id == ApplicationRow.account_id)
        .where(ApplicationRow.state == "WAITING", ApplicationRow.id > after)
        .order_by(ApplicationRow.id)
        .limit(PAGE + 1)
    )
    return tuple(Applied(*found) for found in session.execute(query))


def count_waiting(session: AnySession) -> int:
    query = select(func.count()).where(ApplicationRow.state == "WAITING")
    return session.scalar(query) or 0


@dataclass(frozen=True)
class Practice:
    """The entry test of one reviewer: each case with the last judgement of the set under way."""

    attempts: tuple[tuple[PracticeCase, PracticeRow | None], ...]
    met: int
    done: int

    @property
    def failed(self) -> bool:
        return self.done == SET_SIZE and self.met < ENOUGH

    def judged(self, number: str) -> PracticeRow | None:
        return next((row for case, row in self.attempts if case.number == number), None)

    def following(self, number: str) -> str | None:
        """The next case that waits for a judgement."""
        waiting = [case.number for case, row in self.attempts if row is None]
        return next((other for other in waiting if other != number), None)


def practice_of(session: AnySession, reviewer_id: str, fresh: bool = False) -> Practice:
    """The set under way, or the last full one; `fresh`: a new set begins in place of a full one."""
    query = select(PracticeRow).where(PracticeRow.reviewer_id == reviewer_id)
    rows = session.scalars(query.order_by(PracticeRow.id)).all()
    start = (len(rows) - 1) // SET_SIZE * SET_SIZE if rows else 0
    current = rows[start:]
    if fresh and len(current) == SET_SIZE:
        current = []
    judged = {row.practice: row for row in current}
    attempts = tuple((case, judged.get(case.number)) for case in CASES.values())
    return Practice(attempts, sum(row.passed for row in current), len(current))


def open_seats(session: AnySession, reviewer_id: str) -> int:
    """How many seats wait for this reviewer's answer or vote; the quota is held against it."""
    query = (
        select(func.count())
        .select_from(SeatRow)
        .join(CaseRow, CaseRow.case_no == SeatRow.case_no)
        .where(SeatRow.reviewer_id == reviewer_id, open_seat())
    )
    return session.scalar(query) or 0
