"""Writing the journal: what the postings of a case say and is not there yet.

Run again, or on a database restored from yesterday, it adds what is missing and nothing twice. A
row that says something else than the ledger does is never written over: an item is opened, and the
row stays as the proof that somebody changed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger import leaf_digest
from portal.books.accounts import CURRENCY, OF_SHOP, Shop, kind_of
from portal.books.postings import RECOUP, STEP, Posting, postings
from portal.books.tables import AccountRow, DepositRow, JournalRow
from portal.cases.state import Case
from portal.database import AnySession
from portal.history import History
from portal.inserting import add_to
from portal.monitors.items import open_item
from portal.times import moment

Step = tuple[str, str, int]  # code, refund_no, which of them


@dataclass(frozen=True)
class Source:
    """The ledger entry that a posting follows from; `digest` is its hex leaf hash."""

    index: int
    digest: str


def post_movements(session: Session, case: Case, history: History) -> None:
    """Insert what is absent. Runs inside the projection, which lets one writer in at a time."""
    said = postings(case)
    if not said:
        return
    known = rows_of(session, case.claim.case_no)
    for name in differing(said, known):
        _report(session, case, name)
    missing = [posting for posting in said if posting.id not in known]
    if missing:
        _insert(session, case, missing, history)


def rows_of(session: AnySession, case_no: str) -> dict[str, JournalRow]:
    """A case's rows by their ids, in the order of the ledger."""
    order = JournalRow.entry_index, JournalRow.line
    query = select(JournalRow).where(JournalRow.case_no == case_no).order_by(*order)
    return {row.id: row for row in session.scalars(query)}


def differing(said: Iterable[Posting], known: dict[str, JournalRow]) -> tuple[str, ...]:
    """Ids of rows that are not what the ledger says: changed, or posted by nobody."""
    told = {posting.id: posting for posting in said}
    return tuple(
        name for name, row in known.items() if name not in told or not _agrees(told[name], row)
    )


def _agrees(posting: Posting, row: JournalRow) -> bool:
    leg = posting.leg
    return (row.debit, row.credit, row.amount_fen, row.currency, row.kind, row.part, row.day) == (
        leg.debit,
        leg.credit,
        leg.amount_fen,
        CURRENCY,
        leg.kind,
        leg.part,
        posting.day,
    )


def _report(session: Session, case: Case, name: str) -> None:
    last = max(at for movement in case.movements for _event, at in movement.states)
    open_item(session, "RECORD_DIFFERS", name, case_no=case.claim.case_no, now=moment(last))


def _insert(session: Session, case: Case, missing: list[Posting], history: History) -> None:
    sources = dict(_sources(history))
    shop = Shop(case.claim.platform, case.claim.shop_id)
    for posting in missing:
        source = sources[posting.code, posting.refund_no, posting.step]
        session.add(_row(case.claim.case_no, posting, source))
    _add_up(session, shop, missing)
    if session.get(DepositRow, (shop.platform, shop.shop_id)) is None:
        session.add(DepositRow(platform=shop.platform, shop_id=shop.shop_id))
    session.flush()


def _row(case_no: str, posting: Posting, source: Source) -> JournalRow:
    leg = posting.leg
    return JournalRow(
        id=posting.id,
        txn=posting.txn,
        line=posting.line,
        case_no=case_no,
        refund_no=posting.refund_no,
        kind=leg.kind,
        part=leg.part,
        debit=leg.debit,
        credit=leg.credit,
        amount_fen=leg.amount_fen,
        currency=CURRENCY,
        at=moment(posting.at),
        day=posting.day,
        entry_index=source.index,
        entry_digest=source.digest,
    )


def _add_up(session: Session, shop: Shop, posted: list[Posting]) -> None:
    """In the order of the accounts' names, so that no two who do this wait for each other."""
    accounts = sorted({a for p in posted for a in (p.leg.debit, p.leg.credit)})
    add_to(session, AccountRow, [_sums(shop, account, posted) for account in accounts])


def _sums(shop: Shop, account: str, posted: list[Posting]) -> dict[str, str | int]:
    into = [p.leg.amount_fen for p in posted if p.leg.credit == account]
    out = [p.leg.amount_fen for p in posted if p.leg.debit == account]
    kind = kind_of(account)
    owner = shop if kind in OF_SHOP else Shop("", "")
    return {
        "account": account,
        "kind": kind,
        "platform": owner.platform,
        "shop_id": owner.shop_id,
        "in_fen": sum(into),
        "out_fen": sum(out),
        "lines": len(into) + len(out),
    }


def _sources(history: History) -> Iterator[tuple[Step, Source]]:
    """Which entry each step of each movement is."""
    counted: Counter[tuple[str, str]] = Counter()
    for entry in history.entries:
        if entry.code in (STEP, RECOUP):
            step = entry.code, str(getattr(entry.event, "refund_no", ""))
            counted[step] += 1
            digest = leaf_digest(entry.raw.encode()).hex()
            yield (*step, counted[step]), Source(entry.index, digest)
