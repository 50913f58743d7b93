"""Processes that are killed at a chosen point, and those that wait for them.

A point is the moment before or after something becomes lasting: a name in the store, a commit of
the database, a word with a payment provider.
"""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

from portal.providers.calling import Caller

# Where something becomes lasting: a name in the store, a commit, money.
LASTING: tuple[tuple[Any, str], ...] = (
    (os, "link"),
    (os, "replace"),
    (DefaultDialect, "do_commit"),
    (Caller, "call"),
)


@dataclass
class Points:
    """Counts the points and kills this process at number `deadly`."""

    deadly: int
    last_words: Path
    passed: list[str] = field(default_factory=list)

    def watch(self) -> None:
        for owner, name in LASTING:
            setattr(owner, name, self._watched(getattr(owner, name), f"{owner.__name__}.{name}"))

    def _watched(self, act: Callable[..., Any], name: str) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            self._pass(f"before {name}")
            result = act(*arguments, **named)
            self._pass(f"after {name}")
            return result

        return watched

    def _pass(self, where: str) -> None:
        self.passed.append(where)
        if len(self.passed) == self.deadly:
            with self.last_words.open("a") as file:
                file.write(where + "\n")
            os.kill(os.getpid(), signal.SIGKILL)


def in_child(work: Callable[[], None]) -> int:
    """Do something in a process of its own; its exit status, negative for a signal."""
    return in_children([work])[0]


def in_children(works: Sequence[Callable[[], None]]) -> list[int]:
    """The same for several that work at once; waits for all of them."""
    pids = [start_child(work) for work in works]
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]


def start_child(work: Callable[[], None]) -> int:
    """The process id of a child that does this and ends."""
    pid = os.fork()
    if pid == 0:
        _become(work)
    return pid


def _become(work: Callable[[], None]) -> None:
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a forked child must never return into its parent's code
        traceback.print_exc()
        os._exit(1)
