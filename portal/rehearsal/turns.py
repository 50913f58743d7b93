"""Plays against one portal take turns: it has one clock, and moving that for one case would let
the deadlines of another pass."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from portal.speech import say


@contextmanager
def own_turn(token_file: Path) -> Iterator[None]:
    """Until the block ends, no other play with this token on this machine."""
    try:
        file = token_file.open()
    except OSError:
        yield  # whoever needs the token says what is wrong with it
        return
    with file:
        _await(file)
        yield


def _await(file: TextIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("等另一场演练结束", "waits for another play to end")
        fcntl.flock(file, fcntl.LOCK_EX)
