"""What the ledger does: appending, checking, proving. 256-byte payloads throughout."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from benchmarks.report import peak_mb
from benchmarks.samples import Sample, run_apart, timed, waits
from ledger import EMPTY, Append, AsyncLog, LedgerError, Log, open_store, write_bundle
from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Finding
from ledger.checking.fsck import fsck, is_sound
from ledger.keys import generate

ORIGIN = "bench.example/log"
PAYLOADS = [os.urandom(256) for _ in range(256)]
BATCH = 16  # commands in one call
PARTS = 256  # entries in one command
STREAMS = 512
CLIENTS = 1_024
ROUNDS = 5


def folder_batch(folder: Path, entries: str) -> Sample:
    """Entries a second by the batch API, durable in a folder; the waits are those of one call."""
    log = _open(f"folder:{folder / 'store'}")
    return _batches(log, int(entries))


def s3_batch(folder: Path, entries: str, url: str) -> Sample:
    """The same on an S3 server; fsck afterwards must find nothing."""
    log = _open(url)
    sample = _batches(log, int(entries))
    log.publish()
    if not is_sound(fsck(open_store(url, writing=False), log.verifier.vkey)):
        raise SystemExit("fsck found the log on S3 broken")
    return sample


def folder_singles(folder: Path, entries: str) -> Sample:
    """The batch API with one entry in each command, each in a stream of its own."""
    log = _open(f"folder:{folder / 'store'}")
    spent, done = [], 0
    while done < int(entries):
        numbers = range(done, done + BATCH * PARTS)
        appends = [Append(f"case/{n}", EMPTY, [PAYLOADS[n % 256]], str(n)) for n in numbers]
        spent.append(timed(lambda: _expect(log.append_all(appends))))  # noqa: B023 - runs now
        done += len(appends)
    return Sample(done / sum(spent), **waits(spent))


def folder_futures(folder: Path, rounds: str) -> Sample:
    """Entries a second from 1,024 asyncio clients that each wait for one before the next."""
    log = AsyncLog(_open(f"folder:{folder / 'store'}"))
    spent: list[float] = []

    async def client(number: int) -> None:
        head = EMPTY
        for count in range(int(rounds)):
            start = time.perf_counter()
            entries = await log.append(
                f"case/{number}", head, [PAYLOADS[count % 256]], key=f"{number} {count}"
            )
            spent.append(time.perf_counter() - start)
            head = entries[-1].head

    async def clients() -> None:
        await asyncio.gather(*map(client, range(CLIENTS)))

    seconds = timed(lambda: asyncio.run(clients()))
    return Sample(len(spent) / seconds, **waits(spent))


def lone_append(folder: Path, count: str) -> Sample:
    """Milliseconds a lone client waits, in turns with one durable create of as many bytes."""
    store = open_store(f"folder:{folder / 'store'}")
    log = Log.open(store, generate(ORIGIN))
    ours, bare, head = [], [], EMPTY
    for number in range(int(count)):
        start = time.perf_counter()
        head = log.append("case/1", head, [PAYLOADS[number % 256]], key=str(number))[-1].head
        ours.append(time.perf_counter() - start)
        size = store.size(f"commit/{number:020}")
        content = os.urandom(size)
        bare.append(timed(lambda: store.create(f"probe/{number:032x}", content)))  # noqa: B023
    return Sample(statistics.median(ours) * 1e3, statistics.median(bare) * 1e3, **waits(ours))


def fill(folder: Path, entries: str) -> Sample:
    """A published log of so many entries; seconds it took."""
    log = _open(f"folder:{folder / 'store'}")
    seconds = timed(lambda: (_grow(log, int(entries)), log.publish()))
    return Sample(seconds)


def check_log(folder: Path, entries: str) -> Sample:
    """Entries a second that fsck checks, in another process than the one that wrote them."""
    if not (folder / "store").exists():
        run_apart(__name__, "fill", folder, entries)
    store = open_store(f"folder:{folder / 'store'}", writing=False)
    findings: list[Finding] = []
    seconds = timed(lambda: findings.extend(fsck(store, None)))
    if not is_sound(findings):
        raise SystemExit("fsck found the log broken")
    return Sample(int(entries) / seconds)


def bundle_10k(folder: Path) -> Sample:
    """Seconds to verify a bundle of 10,000 entries, beside hashing them once."""
    log = _open(f"folder:{folder / 'store'}")
    head = EMPTY
    for number in range(10):
        payloads = [PAYLOADS[n % 256] for n in range(1_000)]
        head = log.append("case/1", head, payloads, key=str(number))[-1].head
    target = BytesIO()
    write_bundle(target, log, "case/1", {}, {})
    content, vkey = target.getvalue(), log.verifier.vkey
    spent = [timed(lambda: _expect_sound(content, vkey)) for _ in range(ROUNDS)]
    entries = [entry.raw for entry in log.entries(0, 10_000)]
    bare = [timed(lambda: [sha256(raw).digest() for raw in entries]) for _ in range(ROUNDS)]
    return Sample(statistics.median(spent), statistics.median(bare), **waits(spent))


def writer_memory(folder: Path, small: str, large: str) -> Sample:
    """Peak MiB of a writer after many entries, beside its peak after fewer; it publishes both."""
    log = _open(f"folder:{folder / 'store'}")
    _grow(log, int(small))
    log.publish()
    before = peak_mb()
    _grow(log, int(large))
    log.publish()
    return Sample(peak_mb(), before)


def _open(url: str) -> Log:
    return Log.open(open_store(url), generate(ORIGIN))


def _batches(log: Log, entries: int) -> Sample:
    start = time.perf_counter()
    spent = _grow(log, entries)
    return Sample(log.size / (time.perf_counter() - start), **waits(spent))


def _grow(log: Log, entries: int) -> list[float]:
    """Append up to a size, thousands in a call over some hundred streams; the waits."""
    spent: list[float] = []
    while log.size < entries:
        first = log.size // PARTS % STREAMS
        streams = [f"case/{place}" for place in range(first, first + BATCH)]
        appends = [
            Append(stream, log.head(stream), PAYLOADS, f"{log.size} {stream}") for stream in streams
        ]
        spent.append(timed(lambda: _expect(log.append_all(appends))))  # noqa: B023 - runs now
    return spent


def _expect(results: Sequence[object]) -> None:
    for result in results:
        if isinstance(result, LedgerError):
            raise result


def _expect_sound(content: bytes, vkey: str) -> None:
    if not is_sound(verify_bundle(BytesIO(content), vkey)):
        raise SystemExit("the bundle does not verify")
