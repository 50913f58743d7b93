"""The lines of an account, with the balance after each; read along the journal's indexes.

The balance of an account is kept with its postings; the one after an older line is that less
everything later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, tuple_

from portal.books.accounts import kind_of
from portal.books.tables import AccountRow, JournalRow
from portal.database import AnySession

PAGE = 50
CHUNK = 500
ROW = JournalRow.__table__.c
PLACE = (ROW.entry_index, ROW.line)
_CURSOR = re.compile("([0-9]{1,15}),([0-9]{1,5})")
Place = tuple[int, int]  # the ledger's index, and which line of it


@dataclass(frozen=True)
class Line:
    """One signed line of an account; `balance_fen` is the account's after it."""

    id: str
    case_no: str
    refund_no: str
    kind: str
    part: str
    account: str
    other: str
    amount_fen: int
    at: datetime
    entry_index: int
    entry_digest: str
    line: int
    balance_fen: int = 0

    @property
    def place(self) -> Place:
        return self.entry_index, self.line

    def with_balance(self, fen: int) -> Line:
        return replace(self, balance_fen=fen)


@dataclass(frozen=True)
class Period:
    """From a moment on and before another; None: no limit."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Statement:
    """A page of an account, the newest line first; `next` is the cursor of the page after it."""

    account: str
    kind: str
    balance_fen: int
    lines: tuple[Line, ...]
    next: str | None


def statement(
    session: AnySession, account: str, period: Period = Period(), after: str = ""
) -> Statement:
    """A page of lines with the running balance. An unreadable cursor starts at the newest."""
    place = _place(after)
    bounds = [*_within(period), *([tuple_(*PLACE) < tuple_(*place)] if place else [])]
    found = _lines(session, account, bounds, PAGE + 1, newest_first=True)
    last = found[PAGE - 1] if found[PAGE:] else None
    return Statement(
        account=account,
        kind=kind_of(account),
        balance_fen=balance(session, account),
        lines=_balanced(session, account, found[:PAGE]),
        next=f"{last.entry_index},{last.line}" if last else None,
    )


def all_lines(session: AnySession, account: str, period: Period = Period()) -> Iterator[Line]:
    """Every line of a period, the oldest first, a chunk in memory at a time."""
    bounds, total = list(_within(period)), None
    while chunk := _lines(session, account, bounds, CHUNK, newest_first=False):
        if total is None:
            total = _until(session, account, chunk[0]) - chunk[0].amount_fen
        for line in chunk:
            total += line.amount_fen
            yield line.with_balance(total)
        bounds = [*_within(period), tuple_(*PLACE) > tuple_(*chunk[-1].place)]


def _lines(
    session: AnySession,
    account: str,
    bounds: list[ColumnElement[bool]],
    most: int,
    *,
    newest_first: bool,
) -> list[Line]:
    """Of each side as many as are wanted, so that both are read along their index."""
    order = [column.desc() if newest_first else column for column in PLACE]
    found = [
        Line(**row)
        for side in _sides(account)
        for row in session.execute(side.where(*bounds).order_by(*order).limit(most)).mappings()
    ]
    found.sort(key=lambda line: line.place, reverse=newest_first)
    return found[:most]


def _sides(account: str) -> Iterator[Select[tuple[object, ...]]]:
    """What came into an account and what went out, as signed lines."""
    plain = [ROW[name] for name in Line.__dataclass_fields__ if name in ROW]
    plain.remove(ROW.amount_fen)
    for here, there, amount in (
        (ROW.credit, ROW.debit, ROW.amount_fen),
        (ROW.debit, ROW.credit, -ROW.amount_fen),
    ):
        named = here.label("account"), there.label("other"), amount.label("amount_fen")
        yield select(*plain, *named).where(here == account)


def _within(period: Period) -> Iterator[ColumnElement[bool]]:
    if period.since is not None:
        yield ROW.at >= period.since
    if period.until is not None:
        yield ROW.at < period.until


def _balanced(session: AnySession, account: str, newest_first: list[Line]) -> tuple[Line, ...]:
    """Neighbours in a page are neighbours in the account: a period cuts only at its ends."""
    if not newest_first:
        return ()
    total = _until(session, account, newest_first[0])
    lines = []
    for line in newest_first:
        lines.append(line.with_balance(total))
        total -= line.amount_fen
    return tuple(lines)


def _until(session: AnySession, account: str, line: Line) -> int:
    """The balance after a line: the newest one less what came later, which is little for most."""
    later = tuple_(*PLACE) > tuple_(*line.place)
    into, out = (
        int(session.scalar(select(func.sum(ROW.amount_fen)).where(here == account, later)) or 0)
        for here in (ROW.credit, ROW.debit)
    )
    return balance(session, account) - into + out


def _place(after: str) -> Place | None:
    match = _CURSOR.fullmatch(after)
    return (int(match[1]), int(match[2])) if match else None


def balance(session: AnySession, account: str) -> int:
    row = session.get(AccountRow, account)
    return row.in_fen - row.out_fen if row else 0
