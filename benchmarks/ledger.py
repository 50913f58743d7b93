"""The ledger beside what one would use instead, and beside what the machine can do.

Each figure comes from a process of its own, with its own peak memory, one after the other in one
run. `value` is what the row is about; `beside` is the figure it is compared with, of this run:

    folder_batch      entries/s, Log.append_all of 4,096 in a folder     hash rate
    folder_singles    the same, one entry in each command and stream     hash rate
    folder_futures    entries/s of 1,024 asyncio clients                 hash rate
    s3_batch          entries/s on SeaweedFS over loopback, fsck after   its PUTs and nothing else
    lone_append       ms that a lone client waits                        a durable create, in turns
    fsck              entries/s                                          hash rate
    bundle_10k        s to verify a bundle of 10,000 entries             hashing them once
    writer_memory     MiB at 1,000,000 entries                           MiB at 100,000
    peers, limits     entries/s, writes/s, PUTs/s                        folder_batch, or ours

Every row but the limits is durable when it counts, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Row
from benchmarks.samples import Sample, fresh_folder, measure_apart, run_apart
from tests.seaweed import Seaweed, running_seaweed

OURS, PEERS = "benchmarks.ledger_ours", "benchmarks.ledger_peers"
ENTRIES = "204800"
MILLION, TEN_MILLION = "1000000", "10000000"


def measure() -> list[Row]:
    """All rows but those of ten million entries."""
    return list(_rows())


def measure_large() -> list[Row]:
    """Ten million entries beside one million: memory of the writer and of fsck."""
    with fresh_folder() as folder:
        writer = run_apart(OURS, "writer_memory", folder, MILLION, TEN_MILLION)
        large = run_apart(OURS, "check_log", folder, TEN_MILLION)
    small = measure_apart(OURS, "check_log", MILLION)
    return [
        _row("writer_memory", writer, "MiB", "at 1,000,000 entries", writer.limit),
        _row("fsck_10m", large, "1/s", "at 1,000,000 entries", small.value),
        _row("fsck_memory", Sample(large.peak_mb), "MiB", "at 1,000,000 entries", small.peak_mb),
    ]


def _rows() -> Iterator[Row]:
    hashes = measure_apart(PEERS, "hash_rate", "1000000").value
    batch = measure_apart(OURS, "folder_batch", ENTRIES)
    yield _row("folder_batch", batch, "1/s", "hash rate", hashes)
    for name, function, argument in (
        ("folder_singles", "folder_singles", ENTRIES),
        ("folder_futures", "folder_futures", "100"),
    ):
        yield _row(name, measure_apart(OURS, function, argument), "1/s", "hash rate", hashes)
    lone = measure_apart(OURS, "lone_append", "500")
    yield _row("lone_append", lone, "ms", "a durable create", lone.limit)
    yield _row("fsck", measure_apart(OURS, "check_log", MILLION), "1/s", "hash rate", hashes)
    bundle = measure_apart(OURS, "bundle_10k")
    yield _row("bundle_10k", bundle, "s", "hashing them once", bundle.limit)
    memory = measure_apart(OURS, "writer_memory", "100000", MILLION)
    yield _row("writer_memory", memory, "MiB", "at 100,000 entries", memory.limit)
    yield from _s3_rows()
    yield from _peer_rows(batch.value)
    yield _row("limit_hash", Sample(hashes), "1/s", "folder_batch", batch.value)
    writes = measure_apart(PEERS, "durable_writes", "2000")
    yield _row("limit_durable_writes", writes, "1/s", "lone_append", 1e3 / lone.value)


def _s3_rows() -> Iterator[Row]:
    with TemporaryDirectory(prefix="mingan-weed-") as folder, running_seaweed(Path(folder)) as weed:
        url = weed.store_url(weed.new_bucket(), "log")
        ours = measure_apart(OURS, "s3_batch", ENTRIES, url, settings=weed.environment)
        batches = _puts(weed, "put_batches", "50")
        yield _row("s3_batch", ours, "1/s", "limit_put_batches", batches.value)
        yield _row("limit_put_batches", batches, "1/s", "s3_batch", ours.value)
        puts = _puts(weed, "put_rate", "2000")
        latency = Sample(puts.limit, 0.0, puts.p50_ms, puts.p99_ms, puts.peak_mb)
        yield _row("limit_put_latency", latency, "ms", "a commit of 4,096", ours.p50_ms or 0.0)
        yield _row("limit_puts", Sample(puts.value), "1/s", "s3_batch, entries", ours.value)


def _puts(weed: Seaweed, function: str, count: str) -> Sample:
    """How long a PUT takes, and how many there are: what bounds a log on S3."""
    arguments = (count, weed.endpoint, weed.new_bucket())
    return measure_apart(PEERS, function, *arguments, settings=weed.environment)


def _peer_rows(batch: float) -> Iterator[Row]:
    for name, function, *arguments in (
        ("sqlite_chain_row", "sqlite_chain", "20000", "1"),
        ("sqlite_chain_1000", "sqlite_chain", "200000", "1000"),
        ("pymerkle_inmemory", "pymerkle_inmemory", "200000"),
        ("pymerkle_sqlite", "pymerkle_sqlite", "2000"),
        ("pymerkle_sqlite_batch", "pymerkle_sqlite_batch", "200000"),
    ):
        sample = measure_apart(PEERS, function, *arguments)
        yield _row(name, sample, "1/s", "folder_batch", batch)


def _row(name: str, sample: Sample, unit: str, beside_name: str, beside: float) -> Row:
    ratio = round(sample.value / beside, 4) if beside else 0.0
    return Row(
        name,
        round(sample.value, 3),
        unit,
        round(beside, 3),
        ratio,
        sample.peak_mb,
        beside_name,
        sample.p50_ms,
        sample.p99_ms,
    )
