"""Sending notices by itself, in a thread of the process."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

SECONDS = 1.0


def begin_sending(push: Callable[[], int], seconds: float = SECONDS) -> threading.Event:
    """A thread that sends what is due, until the event is set or the process ends."""
    ended = threading.Event()

    def send() -> None:
        while not ended.wait(seconds):
            try:
                push()
            except Exception as error:  # noqa: BLE001 - the next round tries again
                print(f"notices: {error!r}", file=sys.stderr)

    threading.Thread(target=send, daemon=True, name="simulator-notices").start()
    return ended
