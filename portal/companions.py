"""A demo's companions: processes of their own on the loopback address, for as long as it runs.

A real association or trustee runs the same programs on machines of their own. A companion that
ends is simply gone: the portal goes on without it and shows that it is away.
"""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 5.0
_LISTENING = "listening on "
_PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True)
class Said:
    """What a companion says at its start; `url` is empty if it ended instead."""

    lines: tuple[str, ...]
    url: str


def start(arguments: Sequence[str], log: Path) -> subprocess.Popen[str]:
    """Run a module of ours (`python -m ...`); its complaints go to `log`."""
    with log.open("ab") as complaints:
        return subprocess.Popen(
            [sys.executable, "-m", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            start_new_session=True,  # Ctrl+C is for the portal, which ends its companions
            preexec_fn=_ends_with_parent(),
        )


def listen(process: subprocess.Popen[str]) -> Said:
    """Waits until it listens or ends."""
    assert process.stdout is not None, "it was started with a pipe"
    lines: list[str] = []
    for line in process.stdout:
        if line.startswith(_LISTENING):
            return Said(tuple(lines), line.removeprefix(_LISTENING).strip())
        lines.append(line.strip())
    return Said(tuple(lines), "")


def stop(processes: Iterable[subprocess.Popen[str]]) -> None:
    """All are asked at once; who does not end in time is killed."""
    ending = list(processes)
    for process in ending:
        process.terminate()
    for process in ending:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _ends_with_parent() -> Callable[[], None] | None:
    """Also when the portal is killed; known to Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    with suppress(OSError):
        prctl = ctypes.CDLL(None).prctl
        return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return None
