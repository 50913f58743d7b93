"""What runs once after every night: figures, checks, reconciliation; each at its own pace.

Each piece of work asks its own table whether last night's run is done, so that a night the machine
slept through is made up for, and of two workers only the first has something to do.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from portal.house import House

WAKING_SECONDS = 60.0
logger = logging.getLogger(__name__)

# Does the work if it is due; harmless to call at any time.
Work = Callable[[House], object]


@dataclass
class Nightly:
    """A thread of its own beside the beat: clocks and checkpoints do not wait for statistics."""

    house: House
    work: Mapping[str, Work]
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="nightly", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stopping.wait(WAKING_SECONDS):
            for name, work in self.work.items():
                self._do(name, work)

    def _do(self, name: str, work: Work) -> None:
        try:
            work(self.house)
        except Exception:  # tried again a minute later; nothing else waits for it
            logger.exception("nightly: %s", name)
