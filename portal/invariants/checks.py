"""All eighteen in one go.

    findings = check_refunds(house)
    findings = check_refunds(house, providers_log, Scope(since=yesterday))

Three kinds: of one case by its ledger entries (movement_checks.py, ruling_checks.py,
call_checks.py, kept_checks.py), of rows by queries (row_checks.py), and against what the provider
itself says it did (provider_checks.py): its own log where it is the simulator, else its bills.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from ledger import Log
from portal.books.tables import JournalRow
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.cases.tables import EntryRow
from portal.checking import compare
from portal.history import load
from portal.house import House
from portal.invariants import return_checks
from portal.invariants.call_checks import CALL_CHECKS, lines_of_no_entry, lost_words
from portal.invariants.chain_checks import chain_problems
from portal.invariants.finding import SENTENCES, Count, Finding, found, merged
from portal.invariants.kept_checks import KEPT_CHECKS
from portal.invariants.lost import GivenUp, given_up, money_histories
from portal.invariants.movement_checks import MOVEMENT_CHECKS, Told
from portal.invariants.provider_checks import by_bills, by_log
from portal.invariants.provider_log import ProvidersLog
from portal.invariants.row_checks import ROW_CHECKS, At
from portal.invariants.ruling_checks import RULING_CHECKS
from portal.refunds.tables import CallRow, MovementRow
from portal.streams import case_stream
from portal.times import stamp

BATCH = 500
GRACE = timedelta(minutes=5)
CASE_CHECKS = {**MOVEMENT_CHECKS, **RULING_CHECKS, **CALL_CHECKS}


@dataclass(frozen=True)
class Scope:
    """Which cases, and how fresh a step may be to count as still under way.

    `since`: only cases whose money moved after it, and all that is not over; None: every case.
    """

    since: datetime | None = None
    grace: timedelta = GRACE


@dataclass
class _Counts:
    """The checks that read case by case, together in one pass."""

    log: Log
    at: At
    given_up: GivenUp
    lost: Counter[str] = field(default_factory=Counter)
    counts: dict[str, Count] = field(
        default_factory=lambda: {name: Count(name) for name in (*CASE_CHECKS, *KEPT_CHECKS, "I10")}
    )

    def look(self, session: Session, case_no: str) -> None:
        stream = case_stream(case_no)
        history = load(session, stream)
        self.counts["I10"].look(chain_problems(self.log, stream, history))
        case = fold(history.events)
        if case.filed is None:
            return  # its content was erased; what is left of it is the chain
        told = self._told(session, case)
        self.counts["I5"].look(lines_of_no_entry(told.journal, history), 0)
        for name, check in CASE_CHECKS.items():
            self.counts[name].look(check(told), len(case.movements))
        for name, kept in KEPT_CHECKS.items():
            self.counts[name].look(kept(session, case), 0)
        self.lost.update(lost_words(told))

    def _told(self, session: Session, case: Case) -> Told:
        case_no = case.claim.case_no
        rows = session.scalars(select(MovementRow).where(MovementRow.case_no == case_no))
        numbers = [movement.refund_no for movement in case.movements]
        calls = select(CallRow).where(CallRow.refund_no.in_(numbers)).order_by(CallRow.id)
        journal = select(JournalRow).where(JournalRow.case_no == case_no)
        return Told(
            case,
            {row.refund_no: row for row in rows},
            tuple(session.scalars(calls)),
            tuple(session.scalars(journal)),
            self.at.now,
            self.at.grace,
            self.given_up,
        )

    def findings(self) -> Iterator[Finding]:
        for name, count in self.counts.items():
            lost = tuple(sorted(self.lost.items())) if name == "I11" else ()
            yield replace(count.finding(), lost=lost)


def check_refunds(
    house: House, providers_log: ProvidersLog | None = None, scope: Scope | None = None
) -> tuple[Finding, ...]:
    """A finding for each of I1 to I18, in this order."""
    scope = scope or Scope()
    at = At(house.clock.now(), scope.grace)
    with house.sessions() as session:
        looks = [
            *_by_case(house.log, session, scope, at),
            *(check(session, at) for check in ROW_CHECKS.values()),
            *by_bills(session).values(),
            *(_by_log(session, providers_log) if providers_log else ()),
        ]
    by_name = {name: [look for look in looks if look.name == name] for name in SENTENCES}
    return tuple(reduce(merged, each) for each in by_name.values())


def _by_log(session: Session, log: ProvidersLog) -> Iterator[Finding]:
    yield from by_log(session, log).values()
    yield from return_checks.by_log(session, log).values()


def with_whole_store(house: House, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The same with I10 over everything: each object of the store, and each row made anew."""
    problems = compare(house)
    whole = found("I10", map(str, problems), house.projection.size())
    return tuple(merged(each, whole) if each.name == "I10" else each for each in findings)


def _by_case(log: Log, session: Session, scope: Scope, at: At) -> Iterator[Finding]:
    histories = money_histories(session)
    counts = _Counts(log, at, given_up(list(histories.values())))
    for stream, history in histories.items():
        counts.counts["I10"].look(chain_problems(log, stream, history))
    for case_no in _cases(session, scope):
        counts.look(session, case_no)
        session.expunge_all()
    yield from counts.findings()


def _cases(session: Session, scope: Scope) -> Iterator[str]:
    """Numbers in order, a batch at a time: each case is read only when it is its turn."""
    last = ""
    while batch := list(session.scalars(_batch(scope, last))):
        yield from batch
        last = batch[-1]
    yield from session.scalars(_without_rows(scope)).all()


def _without_rows(scope: Scope) -> Select[tuple[str]]:
    """Cases of which the log orders money and the lists know nothing."""
    case_no = func.substr(EntryRow.stream, len(case_stream("")) + 1)
    query = select(case_no).distinct().where(EntryRow.code == "EXECUTION_ORDERED")
    if scope.since is not None:
        query = query.where(EntryRow.at >= stamp(scope.since))
    return query.where(case_no.not_in(select(MovementRow.case_no)))


def _batch(scope: Scope, last: str) -> Select[tuple[str]]:
    query = select(MovementRow.case_no).distinct().where(MovementRow.case_no > last)
    if scope.since is not None:
        moved = or_(MovementRow.heard_at >= scope.since, MovementRow.over.is_(False))
        query = query.where(moved)
    return query.order_by(MovementRow.case_no).limit(BATCH)
