"""Reconciliation of a day's bill of a million rows, each size in a process of its own.

python -m benchmarks.refund_bills ROWS
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import insert

from benchmarks.report import Row, peak_mb
from ledger.commands.progress import Bar
from portal.books.accounts import BUYER, Shop, clearing
from portal.books.tables import JournalRow
from portal.house import House
from portal.providers.values import Bill, BillRow
from portal.reconciling.running import Wanted, reconcile
from portal.reconciling.tables import PaidRow
from tests.houses import open_house

DAY = date(2026, 11, 20)
SIZES = (10_000, 1_000_000)
CHUNK = 5_000
FEN = 1_234


def measure(smaller: int) -> Iterator[Row]:
    small, large = (_alone(max(size // smaller, 1_000)) for size in SIZES)
    rows = max(SIZES[1] // smaller, 1_000)
    yield Row(
        name=f"reconciliation: a bill of {rows:,} rows (beside: {SIZES[0] // smaller:,})",
        value=large["rate"],
        unit="rows/s",
        beside=small["rate"],
        ratio=round(large["rate"] / small["rate"], 3),
        peak_mb=large["peak_mb"],
        beside_name="a small bill",
    )
    yield Row(
        name="reconciliation: peak memory beside that of the small bill",
        value=large["peak_mb"],
        unit="MiB",
        beside=small["peak_mb"],
        ratio=round(large["peak_mb"] / small["peak_mb"], 3),
        peak_mb=large["peak_mb"],
    )


def _alone(rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.refund_bills", str(rows)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def reconcile_once(rows: int) -> dict[str, float]:
    """Rows a second and peak memory; every row of the bill matches one of ours."""
    with tempfile.TemporaryDirectory(prefix="mingan-bill-") as scratch:
        house = open_house(Path(scratch))
        _record(house, rows)
        bill = Bill("wechat", DAY, "d" * 64, _listed(rows), rows, rows * FEN)
        start = time.perf_counter()
        with Bar(rows) as bar:
            result = reconcile(house, Wanted("wechat", DAY, bill), bar.move)
        spent = time.perf_counter() - start
        house.log.close()
    assert (result.result, result.matched) == ("GREEN", rows), result
    return {"rate": round(rows / spent), "peak_mb": peak_mb()}


def _listed(rows: int) -> Iterator[BillRow]:
    at = f"{DAY}T04:00:00.000Z"
    for n in range(rows):
        yield BillRow(n + 1, f"R{n:09}n1a1", f"50{n}", FEN, FEN, "SUCCESS", at, "raw")


def _record(house: House, rows: int) -> None:
    """Paid by the ledger's rows and by the journal, put there without the cases behind them."""
    for start in range(0, rows, CHUNK):
        numbers = range(start, min(start + CHUNK, rows))
        with house.sessions.begin() as session:
            session.execute(insert(PaidRow), [_paid(n) for n in numbers])
            session.execute(insert(JournalRow), [_posted(house, n) for n in numbers])


def _paid(n: int) -> dict[str, object]:
    return {
        "number": f"R{n:09}n1a1",
        "refund_no": f"R{n:09}n1",
        "case_no": f"C{n}",
        "provider": "wechat",
        "provider_ref": f"50{n}",
        "kind": "REFUND",
        "day": DAY.isoformat(),
        "amount_fen": FEN,
        "reversed": False,
    }


def _posted(house: House, n: int) -> dict[str, object]:
    txn = f"R{n:09}n1a1/SUCCESS/3"
    return {
        "id": f"{txn}/1",
        "txn": txn,
        "line": 1,
        "case_no": f"C{n}",
        "refund_no": f"R{n:09}n1",
        "kind": "PAID",
        "part": "CASH",
        "debit": Shop("p", "s").account(BUYER),
        "credit": clearing("wechat"),
        "amount_fen": FEN,
        "currency": "CNY",
        "at": house.clock.now(),
        "day": DAY.isoformat(),
        "entry_index": n,
        "entry_digest": "0" * 64,
    }


if __name__ == "__main__":
    print(json.dumps(reconcile_once(int(sys.argv[1]))))
