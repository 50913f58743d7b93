"""A writer in a process of its own, to be raced against, stopped and killed.

    python -m tests.ledger.writer race FOLDER NAME COUNT [GO]
    python -m tests.ledger.writer crash FOLDER STEP
    python -m tests.ledger.writer live FOLDER
    python -m tests.ledger.writer torture STORE FOLDER NAME KILLS

`race` appends COUNT entries to one stream that others append to as well, the last only when the
file GO exists. `crash` repeats a
short life in forked children and kills the n-th at its n-th system call that touches the disk,
until one survives (or one in STEP of them). `live` is that life once; what the disk refuses is
asked for again. `torture` kills a child that appends and publishes
without end, at a random moment of its start or of its work, KILLS times; STORE is a folder or
the URL of a bucket.

Each child notes what was acknowledged to it, one line each: key, leaf hash, index.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from ledger import LedgerError, Log, Store, StoreError, StreamMoved, open_store
from ledger.errors import AppendError
from ledger.stores.folder import FolderStore
from tests.ledger.builders import SIGNER, a_log, append

CALLS = ("open", "write", "pwrite", "fsync", "link", "unlink", "mkdir", "replace", "truncate")
COMMANDS = ("first", "second", "third")
PUBLISHED_AFTER = "second"
_WHOLE, _BROKEN = 0, 1
_STREAMS = 5
_PUBLISHED_EVERY = 7


def race(folder: Path, name: str, count: int, go: Path | None = None) -> None:
    log = a_log(FolderStore(folder))
    for number in range(count):
        while go and number == count - 1 and not go.exists():
            time.sleep(0.01)
        _push(log, "shared", b"%b %d" % (name.encode(), number), f"{name} {number}")
    log.publish()


def _push(log: Log, stream: str, payload: bytes, key: str) -> str:
    """Append whatever others do; the line that acknowledges it."""
    while True:
        try:
            entry = log.append(stream, log.head(stream), [payload], key=key)[0]
            return f"{key}\t{entry.leaf_hash.hex()}\t{entry.index}\n"
        except StreamMoved:
            continue


def crash(folder: Path, step: int) -> None:
    point = 1 - step
    while True:
        point += step
        child = os.fork()
        if child == 0:
            _live_until(folder / f"{point:03}", point)
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status):
            sys.exit(os.WEXITSTATUS(status))


def _live_until(folder: Path, point: int) -> None:
    try:
        folder.mkdir(parents=True)
        with (folder / "acknowledged").open("a", buffering=1) as acknowledged:
            _kill_at(point)
            log = Log.open(FolderStore(folder / "store"), SIGNER, index=folder / "index")
            for command in COMMANDS:
                entry = append(log, "case/1", key=command)[0]
                acknowledged.write(f"{command}\t{entry.leaf_hash.hex()}\t{entry.index}\n")
                if command == PUBLISHED_AFTER:
                    log.publish()
    except LedgerError:
        os._exit(_BROKEN)
    os._exit(_WHOLE)


def live(folder: Path) -> None:
    """For strace, which makes calls into the system fail, or kills at one of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "acknowledged").open("a", buffering=1) as acknowledged:
        log = _persistently(
            lambda: Log.open(FolderStore(folder / "store"), SIGNER, index=folder / "index")
        )
        for command in COMMANDS:
            entry = _persistently(lambda command=command: append(log, "case/1", key=command))[0]
            acknowledged.write(f"{command}\t{entry.leaf_hash.hex()}\t{entry.index}\n")
            if command == PUBLISHED_AFTER:
                _persistently(log.publish)


def _persistently(action: Callable[[], Any]) -> Any:
    for _ in range(3):
        try:
            return action()
        except (StoreError, AppendError):
            continue
    return action()


def _kill_at(point: int) -> None:
    """Count the calls into the system; the point-th is the last."""
    left = point

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        return wrapped

    for name in CALLS:
        setattr(os, name, counted(getattr(os, name)))


def torture(where: str, folder: Path, name: str, kills: int) -> None:
    random = Random(f"{name} {kills}")
    folder.mkdir(parents=True, exist_ok=True)
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            _append_for_ever(where, folder, name)
        _wait_for(folder / "acknowledged", random.randrange(12))
        time.sleep(random.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if os.WIFEXITED(status):
            sys.exit(_BROKEN)


def _wait_for(acknowledged: Path, lines: int) -> None:
    """Until so many more are there, or for a few seconds."""
    acknowledged.touch()
    wanted, until = acknowledged.stat().st_size + 70 * lines, time.monotonic() + 5
    while acknowledged.stat().st_size < wanted and time.monotonic() < until:
        time.sleep(0.001)


def _append_for_ever(where: str, folder: Path, name: str) -> None:
    try:
        log = Log.open(_store(where), SIGNER, index=folder / "index")
        with (folder / "acknowledged").open("ab+", buffering=0) as acknowledged:
            acknowledged.seek(0)
            number = acknowledged.read().count(b"\n")
            while True:
                stream, key = f"case/{number % _STREAMS}", f"{name} {number}"
                acknowledged.write(_push(log, stream, b"%d" % number, key).encode())
                number += 1
                if number % _PUBLISHED_EVERY == 0:
                    log.publish()
    except LedgerError as error:
        print(f"{name}: {error!r}", file=sys.stderr, flush=True)
    finally:
        os._exit(_BROKEN)


def _store(where: str) -> Store:
    return open_store(where, writing=False) if where.startswith("s3:") else FolderStore(Path(where))


def main(mode: str, *arguments: str) -> None:
    if mode == "race":
        race(Path(arguments[0]), arguments[1], int(arguments[2]), *map(Path, arguments[3:]))
    elif mode == "live":
        live(Path(arguments[0]))
    elif mode == "torture":
        torture(arguments[0], Path(arguments[1]), arguments[2], int(arguments[3]))
    else:
        crash(Path(arguments[0]), int(arguments[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
