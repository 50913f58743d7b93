"""A writer in a process of its own, to be raced against and killed.

    python -m tests.ledger.writer race FOLDER NAME COUNT
    python -m tests.ledger.writer crash FOLDER

`race` appends COUNT entries to one stream that others append to as well. `crash` repeats a
short life in forked children and kills the n-th at its n-th system call that touches the
disk, until one survives; each child notes what was acknowledged to it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ledger import LedgerError, StreamMoved
from ledger.folder import FolderStore
from tests.ledger.builders import DATA_KEY, a_draft, a_log, append

CALLS = ("fsync", "link", "unlink", "mkdir", "replace", "open")
COMMANDS = ("first", "second", "third")
PUBLISHED_AFTER = "second"
_WHOLE, _BROKEN = 0, 1


def race(folder: Path, name: str, count: int) -> None:
    log = a_log(FolderStore(folder))
    for number in range(count):
        while True:
            try:
                draft = a_draft(fields={"by": name, "number": number})
                head = log.head("shared")
                key = f"{name} {number}"
                log.append("shared", head, [draft], key=key, data_key=DATA_KEY)
                break
            except StreamMoved:
                continue
    log.publish()


def crash(folder: Path) -> None:
    point = 0
    while True:
        point += 1
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
            log = a_log(FolderStore(folder / "store"))
            for command in COMMANDS:
                entry = append(log, "case/1", key=command)[0]
                acknowledged.write(f"{command} {entry.leaf_hash.hex()}\n")
                if command == PUBLISHED_AFTER:
                    log.publish()
    except LedgerError:
        os._exit(_BROKEN)
    os._exit(_WHOLE)


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


if __name__ == "__main__":
    if sys.argv[1] == "race":
        race(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        crash(Path(sys.argv[2]))
