"""The trial balance: each kind of account with its sum, and all of them together: zero."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from portal.books.accounts import KINDS
from portal.books.tables import AccountRow
from portal.database import AnySession

PAGE = 50


@dataclass(frozen=True)
class Sum:
    """Accounts of one kind, or one account. `balance_fen` is what came in less what went out."""

    name: str
    in_fen: int
    out_fen: int
    lines: int
    accounts: int = 1

    @property
    def balance_fen(self) -> int:
        return self.in_fen - self.out_fen


def trial_balance(session: AnySession) -> tuple[Sum, ...]:
    """One sum for each kind, in the order of accounts.KINDS; kinds without lines are zero."""
    sums = (AccountRow.in_fen, AccountRow.out_fen, AccountRow.lines)
    query = select(AccountRow.kind, *map(func.sum, sums), func.count()).group_by(AccountRow.kind)
    found = {row[0]: Sum(row[0], *map(int, row[1:])) for row in session.execute(query)}
    return tuple(found.get(kind, Sum(kind, 0, 0, 0, 0)) for kind in KINDS)


def accounts_of(session: AnySession, kind: str, after: str = "") -> tuple[Sum, ...]:
    """Accounts of a kind by name; one more than a page shows, if there is one."""
    query = select(AccountRow).where(AccountRow.kind == kind, AccountRow.account > after)
    rows = session.scalars(query.order_by(AccountRow.account).limit(PAGE + 1))
    return tuple(Sum(row.account, row.in_fen, row.out_fen, row.lines) for row in rows)


def total_fen(balances: tuple[Sum, ...]) -> int:
    """Of all accounts: zero, or somebody has been at the rows."""
    return sum(each.balance_fen for each in balances)
