"""A case's four accounts: what buyer, merchant, platform and provider gave and got, to the fen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from portal.books.accounts import (
    ADVANCE,
    BUYER,
    CLEARING,
    DEPOSIT,
    PAYABLE,
    RECEIVABLE,
    kind_of,
)
from portal.books.statements import Line
from portal.books.tables import JOURNAL_LINE
from portal.database import AnySession

PARTIES: Mapping[str, tuple[str, ...]] = {
    "buyer": (BUYER,),
    "merchant": (PAYABLE, DEPOSIT),
    "platform": (ADVANCE, RECEIVABLE),
    "provider": (CLEARING,),
}
SOURCES = (PAYABLE, DEPOSIT, ADVANCE)


@dataclass(frozen=True)
class Part:
    """One account within a case: its lines, oldest first, with the balance after each."""

    account: str
    kind: str
    lines: tuple[Line, ...]

    @property
    def balance_fen(self) -> int:
        return sum(line.amount_fen for line in self.lines)


@dataclass(frozen=True)
class PartyAccounts:
    party: str
    parts: tuple[Part, ...]

    @property
    def balance_fen(self) -> int:
        return sum(part.balance_fen for part in self.parts)


@dataclass(frozen=True)
class Flow:
    """How the money of a case stands: out of which pockets, how much of it is paid and how much
    still waits. `sources` are (kind of account, fen), without those that gave nothing."""

    sources: tuple[tuple[str, int], ...]
    waiting_fen: int
    paid_fen: int
    owed_fen: int

    @property
    def set_aside_fen(self) -> int:
        return sum(fen for _kind, fen in self.sources)


@dataclass(frozen=True)
class CaseAccounts:
    case_no: str
    parties: tuple[PartyAccounts, ...]
    flow: Flow

    @property
    def total_fen(self) -> int:
        """Zero, whatever has happened."""
        return sum(each.balance_fen for each in self.parties)

    def balance_of(self, party: str) -> int:
        return sum(each.balance_fen for each in self.parties if each.party == party)

    @property
    def is_empty(self) -> bool:
        return not any(each.parts for each in self.parties)


def case_accounts(session: AnySession, case_no: str) -> CaseAccounts:
    """The caller has checked who asks."""
    names = [name for name in Line.__dataclass_fields__ if name in JOURNAL_LINE.c]
    query = select(*(JOURNAL_LINE.c[name] for name in names))
    query = query.where(JOURNAL_LINE.c.case_no == case_no)
    query = query.order_by(JOURNAL_LINE.c.entry_index, JOURNAL_LINE.c.line)
    lines = [Line(**row) for row in session.execute(query).mappings()]
    parties = tuple(PartyAccounts(name, _parts(lines, kinds)) for name, kinds in PARTIES.items())
    return CaseAccounts(case_no, parties, flow_of(lines))


def flow_of(lines: Iterable[Line]) -> Flow:
    """From signed lines to the picture's sums. What was advanced stays shown as advanced after it
    came back: only transfers to the buyer count as given."""
    given, sums = dict.fromkeys(SOURCES, 0), dict.fromkeys((BUYER, CLEARING, RECEIVABLE), 0)
    for line in lines:
        kind = kind_of(line.account)
        if kind in sums:
            sums[kind] += line.amount_fen
        elif kind_of(line.other) == BUYER:
            given[kind] -= line.amount_fen
    return Flow(
        sources=tuple((kind, fen) for kind, fen in given.items() if fen),
        waiting_fen=sums[BUYER],
        paid_fen=sums[CLEARING],
        owed_fen=sums[RECEIVABLE],
    )


def _parts(lines: list[Line], kinds: tuple[str, ...]) -> tuple[Part, ...]:
    names = sorted({x.account for x in lines if kind_of(x.account) in kinds})
    return tuple(
        Part(name, kind_of(name), _balanced(x for x in lines if x.account == name))
        for name in sorted(names, key=lambda name: kinds.index(kind_of(name)))
    )


def _balanced(lines: Iterable[Line]) -> tuple[Line, ...]:
    found, total = [], 0
    for line in lines:
        total += line.amount_fen
        found.append(line.with_balance(total))
    return tuple(found)
