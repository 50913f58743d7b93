"""What one would use instead, and what the machine itself can do; the same 256-byte payloads."""

from __future__ import annotations

import hashlib
import os
import secrets
import sqlite3
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pymerkle import InmemoryTree, SqliteTree

from benchmarks.samples import Sample, timed, waits
from ledger import open_store
from tests.seaweed import Seaweed

PAYLOADS = [os.urandom(256) for _ in range(256)]
THREADS = 8
COMMIT_ENTRIES = 4_096
COMMIT_BYTES = COMMIT_ENTRIES * 385  # payload, the line of an entry, its length


def sqlite_chain(folder: Path, entries: str, rows: str) -> Sample:
    """A hash chain in SQLite, WAL and synchronous=FULL, so many rows in each transaction."""
    database = sqlite3.connect(folder / "chain.sqlite", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE chain (number INTEGER PRIMARY KEY, body BLOB, hash BLOB)")
    last, spent = bytes(32), []
    for start in range(0, int(entries), int(rows)):
        begun = time.perf_counter()
        database.execute("BEGIN IMMEDIATE")
        for number in range(start, start + int(rows)):
            body = PAYLOADS[number % 256]
            last = hashlib.sha256(last + body).digest()
            database.execute("INSERT INTO chain (body, hash) VALUES (?, ?)", (body, last))
        database.execute("COMMIT")
        spent.append(time.perf_counter() - begun)
    return Sample(len(spent) * int(rows) / sum(spent), **waits(spent))


def pymerkle_inmemory(folder: Path, entries: str) -> Sample:
    """pymerkle in memory: nothing is durable."""
    tree = InmemoryTree(algorithm="sha256")
    return _one_by_one(tree, int(entries))


def pymerkle_sqlite(folder: Path, entries: str) -> Sample:
    """pymerkle over SQLite, durable with each entry."""
    with SqliteTree(str(folder / "tree.sqlite"), algorithm="sha256") as tree:
        return _one_by_one(tree, int(entries))


def pymerkle_sqlite_batch(folder: Path, entries: str) -> Sample:
    """pymerkle over SQLite, all entries in one transaction."""
    payloads = [PAYLOADS[n % 256] for n in range(int(entries))]
    with SqliteTree(str(folder / "tree.sqlite"), algorithm="sha256") as tree:
        seconds = timed(lambda: tree.append_entries(payloads, chunksize=100_000))
    return Sample(len(payloads) / seconds)


def _one_by_one(tree: InmemoryTree | SqliteTree, entries: int) -> Sample:
    spent = []
    for number in range(entries):
        start = time.perf_counter()
        tree.append_entry(PAYLOADS[number % 256])
        spent.append(time.perf_counter() - start)
    return Sample(entries / sum(spent), **waits(spent))


def hash_rate(folder: Path, entries: str) -> Sample:
    """SHA-256 over 256 bytes, as Python calls it: the floor under every entry."""
    sha256, payloads = hashlib.sha256, [PAYLOADS[n % 256] for n in range(int(entries))]
    return Sample(len(payloads) / timed(lambda: [sha256(each).digest() for each in payloads]))


def durable_writes(folder: Path, count: str) -> Sample:
    """Files a second that are written, flushed, named and whose names are flushed, one by one."""
    store = open_store(f"folder:{folder / 'store'}")
    spent = [
        timed(lambda: store.create(f"probe/{number:032x}", os.urandom(512)))  # noqa: B023
        for number in range(int(count))
    ]
    return Sample(len(spent) / sum(spent), **waits(spent))


def put_rate(folder: Path, count: str, endpoint: str, bucket: str) -> Sample:
    """Conditional PUTs of 256 bytes a second from eight threads; the waits are those of one."""
    client = Seaweed(endpoint).client()

    def put(_: int) -> None:
        key = f"put/{secrets.token_hex(16)}"
        client.put_object(Bucket=bucket, Key=key, Body=PAYLOADS[0], IfNoneMatch="*")

    alone = [timed(lambda: put(0)) for _ in range(int(count) // 4)]
    with ThreadPoolExecutor(THREADS) as pool:
        seconds = timed(lambda: list(pool.map(put, range(int(count)))))
    return Sample(int(count) / seconds, limit=statistics.median(alone) * 1e3, **waits(alone))


def put_batches(folder: Path, count: str, endpoint: str, bucket: str) -> Sample:
    """Entries a second if each commit of 4,096 took nothing but its PUT."""
    client, content = Seaweed(endpoint).client(), os.urandom(COMMIT_BYTES)

    def put(number: int) -> None:
        client.put_object(Bucket=bucket, Key=f"commit/{number}", Body=content, IfNoneMatch="*")

    spent = []
    for number in range(int(count)):
        begun = time.perf_counter()
        put(number)
        spent.append(time.perf_counter() - begun)
    return Sample(COMMIT_ENTRIES * len(spent) / sum(spent), **waits(spent))
