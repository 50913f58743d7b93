"""One day of one provider from bill to record. Done again it finds the same, and says so once.

Nothing is held in memory but a batch, and no transaction is open longer than one: a run that is
killed has left differences that the next run finds again under the same keys.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import msgspec

from portal.events import Reconciled
from portal.house import House
from portal.providers.values import Bill, BillRow, Forged
from portal.reconciling.commands import RecordDay
from portal.reconciling.comparing import PAID, Ours, compare
from portal.reconciling.findings import (
    Finding,
    Run,
    close_gone,
    finding_of,
    keep_findings,
    keep_strays,
)
from portal.reconciling.hearing import hear
from portal.reconciling.record import known, listed_elsewhere, paid_on, payouts_on, posted_on
from portal.reconciling.spool import Progress, Spool, in_batches, open_spool
from portal.reconciling.tables import DayRow

GREEN, RED, NO_BILL = "GREEN", "RED", "NO_BILL"
CHUNK = 500  # rows of a bill judged at a time


@dataclass(frozen=True)
class Wanted:
    """A day of a provider with its bill. Without one, `broken` says why, or there never is one."""

    provider: str
    day: date
    bill: Bill | None = None
    broken: str = ""


@dataclass
class Tally:
    """What a run counts while the rows go by."""

    matched: int = 0
    bill_fen: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    @property
    def found(self) -> int:
        return self.kinds.total()


@dataclass(frozen=True)
class Judged:
    """A row of the bill with what we know of it and what follows."""

    row: BillRow
    ours: Ours | None
    kind: str
    stray: bool
    counts: bool


def silent(_count: int) -> None:
    """Nobody watches the progress."""


def reconcile(house: House, wanted: Wanted, progress: Progress = silent) -> Reconciled:
    """Compare, keep what differs, record the result; returns it as it stands in the ledger."""
    run = Run(uuid.uuid4().hex, wanted.provider, wanted.day.isoformat(), house.clock.now())
    tally = Tally()
    with open_spool(house.config.folder / "scratch", run.day) as spool:
        broken = _fill(house, spool, wanted, run, progress)
        if broken:
            _keep(house, run, tally, [Finding("BILL_BROKEN", "", raw=broken)])
        elif wanted.bill is not None:
            _judge_bill(house, spool, run, tally, wanted.bill.vouched)
            missing = (finding_of("MISSING_IN_BILL", None, o, n) for n, o in spool.unlisted())
            _keep_all(house, run, tally, missing)
        _keep_all(house, run, tally, _unequal(spool))
        found = _result(spool, wanted, run, tally)
    if not broken:  # of what a bill said before, a broken one says nothing
        with house.sessions.begin() as session:
            close_gone(session, run)
    return _record(house, found)


def _fill(house: House, spool: Spool, wanted: Wanted, run: Run, progress: Progress) -> str:
    """Both sides into the spool; returns what is wrong with the bill itself, whose rows add up to
    the provider's own totals or end with Forged."""
    with house.sessions() as session:
        spool.add_ours(paid_on(session, run.provider, run.day))
        spool.add_elsewhere(listed_elsewhere(session, run.provider, run.day))
        payouts = payouts_on(session, run.provider, run.day)
        spool.add_journal(posted_on(session, run.provider, run.day), payouts)
    if wanted.bill is None:
        return wanted.broken
    try:
        spool.add_bill(wanted.bill.rows, progress)
    except Forged as error:
        return str(error) or "FORGED"
    return ""


def _judge_bill(house: House, spool: Spool, run: Run, tally: Tally, vouched: bool) -> None:
    tally.matched, tally.bill_fen = spool.agreed()
    for chunk in in_batches(spool.doubtful(), CHUNK):
        judged = list(_judge(house, chunk, run.day))
        tally.bill_fen += sum(each.row.amount_fen for each in judged if each.counts)
        tally.matched += sum(not each.kind for each in judged)
        differing = [each for each in judged if each.kind]
        _keep(house, run, tally, [_finding(each) for each in differing])
        strays = [(e.row.number, e.ours) for e in judged if e.stray and e.ours]
        if strays:
            with house.sessions.begin() as session:
                keep_strays(session, run, strays)
        for each in differing:
            if each.kind == "STATE_DIFFERS" and each.row.state == PAID and each.ours:
                hear(house, run.provider, each.row, each.ours, vouched)


def _judge(
    house: House, chunk: list[tuple[BillRow, Ours | None, bool]], day: str
) -> Iterator[Judged]:
    with house.sessions() as session:
        strangers = {row.number for row, ours, _again in chunk if ours is None}
        others = known(session, strangers, day)
    for row, listed, again in chunk:
        ours = listed or others.get(row.number)
        verdict = compare(row, ours, day, repeated=again)
        counts = verdict.counts and not verdict.stray
        yield Judged(row, ours, verdict.kind, verdict.stray, counts)


def _finding(judged: Judged) -> Finding:
    return finding_of(judged.kind, judged.row, judged.ours, judged.row.number)


def _unequal(spool: Spool) -> Iterator[Finding]:
    for each in spool.unequal():
        yield Finding(
            kind="JOURNAL_DIFFERS",
            number=each.number,
            refund_no=each.refund_no,
            case_no=each.case_no,
            bill_fen=each.journal_fen,
            our_fen=each.ledger_fen,
        )


def _keep_all(house: House, run: Run, tally: Tally, findings: Iterator[Finding]) -> None:
    for batch in in_batches(findings, CHUNK):
        _keep(house, run, tally, batch)


def _keep(house: House, run: Run, tally: Tally, batch: list[Finding]) -> None:
    if batch:
        with house.sessions.begin() as session:
            keep_findings(session, run, batch, tally.found)
        tally.kinds.update(finding.kind for finding in batch)


def _result(spool: Spool, wanted: Wanted, run: Run, tally: Tally) -> Reconciled:
    """Every refund counts in all three totals on one day, that of our record."""
    return Reconciled(
        provider=run.provider,
        day=run.day,
        bill_digest=wanted.bill.digest if wanted.bill else "",
        result=RED if tally.found else GREEN if wanted.bill else NO_BILL,
        rows=spool.rows(),
        matched=tally.matched,
        bill_fen=tally.bill_fen + (spool.elsewhere_fen() if wanted.bill else 0),
        ledger_fen=spool.ledger_fen(),
        journal_fen=spool.journal_fen(),
        differences=tuple(sorted(tally.kinds.items())),
    )


def _record(house: House, found: Reconciled) -> Reconciled:
    """Unless the newest record of the day already says so."""
    with house.sessions() as session:
        before = session.get(DayRow, (found.provider, found.day))
    if before is not None and _same(before, found):
        return found
    digest = hashlib.sha256(msgspec.json.encode(found)).hexdigest()
    after = before.entry_index if before else ""
    name = f"reconciled/{found.provider}/{found.day}/{after}/{digest}"
    house.recorder.record(RecordDay(found), by="SYSTEM", command_id=name)
    return found


def _same(row: DayRow, found: Reconciled) -> bool:
    names = ("bill_digest", "result", "rows", "matched", "bill_fen", "ledger_fen", "journal_fen")
    count = sum(number for _kind, number in found.differences)
    return row.differences == count and all(getattr(row, n) == getattr(found, n) for n in names)
