"""Durable appends beside an SQLite hash chain that commits each row (WAL, synchronous=FULL).

Both get the same payloads, in turns, and both answer only when the bytes are on the disk. The
ledger also seals each payload, keeps a Merkle tree and could prove every entry to a stranger;
the chain in SQLite is what one would write in an afternoon.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.report import Row, row
from ledger import EMPTY, DataKey, Draft, Log, open_store
from ledger.keys import generate

APPENDS = 1_000
ROUNDS = 3
WRITERS = 16
KEY = DataKey(kid="0" * 32, secret=bytes(32))


def payload(number: int) -> dict[str, object]:
    return {"by": "BUYER", "number": number, "text": "主播说百分百桑蚕丝，吊牌写聚酯纤维。" * 4}


def measure() -> list[Row]:
    one = [_rates(1) for _ in range(ROUNDS)]
    many = [_rates(WRITERS) for _ in range(ROUNDS)]
    return [
        _row("ledger appends, 1 writer", one),
        _row(f"ledger appends, {WRITERS} writers", many),
    ]


def _row(name: str, rates: list[tuple[float, float]]) -> Row:
    ours, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
    return row(f"{name} (beside: SQLite hash chain)", ours, "1/s", theirs)


def _rates(writers: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        return _rate(_ledger(Path(folder)), writers), _rate(_chain(Path(folder)), writers)


def _rate(append: Callable[[int], None], writers: int) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(append, range(APPENDS)))
    return APPENDS / (time.perf_counter() - start)


def _ledger(folder: Path) -> Callable[[int], None]:
    log = Log.open(open_store(f"folder:{folder / 'store'}"), generate("bench.example/log"))

    def append(number: int) -> None:
        draft = Draft(type="BENCH", at="2026-11-21T00:00:00.000Z", fields=payload(number))
        log.append(f"case/{number}", EMPTY, [draft], key=str(number), data_key=KEY)

    return append


def _chain(folder: Path) -> Callable[[int], None]:
    database = sqlite3.connect(folder / "chain.sqlite", check_same_thread=False)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE chain (number INTEGER PRIMARY KEY, body TEXT, hash BLOB)")
    lock, last = threading.Lock(), [bytes(32)]

    def append(number: int) -> None:
        body = json.dumps(payload(number), ensure_ascii=False, sort_keys=True)
        with lock, database:
            last[0] = hashlib.sha256(last[0] + body.encode()).digest()
            database.execute("INSERT INTO chain (body, hash) VALUES (?, ?)", (body, last[0]))

    return append
