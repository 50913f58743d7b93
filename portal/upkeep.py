"""What runs beside the requests: duties, clocks that ran out, checkpoints.

One process per executor name: two that share a name would both perform a duty that was under way.
A lock on a file of the home folder keeps the second one out.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ledger import NoQuorum
from portal import engine
from portal.config import Config
from portal.duties import sweep
from portal.house import House
from portal.invariants import nightly as invariants
from portal.monitors.beat import Watch
from portal.nightly import Nightly
from portal.quality import nightly as quality
from portal.reconciling.daily import Daily
from portal.trustees.enrolment import enroll_configured
from portal.webhooks.pruning import Pruning

BEAT_SECONDS = 1.0
NIGHTLY = {"quality": quality.run_if_due, "invariants": invariants.run_if_due}
logger = logging.getLogger(__name__)


class AlreadyRunning(Exception):
    """Another process executes under this name."""


@contextmanager
def sole_executor(config: Config) -> Iterator[None]:
    """Hold the executor's name; released by the system when the last holder ends, however."""
    name = hashlib.sha256(config.executor_id.encode()).hexdigest()[:16]
    with (config.folder / f".executor-{name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(config.executor_id) from None
        yield


@dataclass
class Upkeep:
    """Executes duties in this process, and once a second looks for what is due."""

    house: House
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _awaiting: bool = False
    _nightly: Nightly | None = None
    _daily: Daily | None = None
    _watch: Watch | None = None

    def start(self) -> None:
        config = self.house.config
        self.house.projection.catch_up()  # what a crash left recorded but not projected
        self._watch = Watch(self.house)
        enroll_configured(self.house.recorder, self.house.sessions, config.trustees)
        engine.start(config.database_url, config.executor_id, self.house.duties.perform)
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._thread.start()
        pruning = {"deliveries": Pruning().run_if_due}
        self._nightly = Nightly(self.house, {**NIGHTLY, **pruning})
        self._nightly.start()
        self._daily = Daily(self.house, self.house.providers)
        self._daily.start()

    def stop(self) -> None:
        """End the beat, then the executor; what is under way is taken up at the next start."""
        self._stopping.set()
        if self._nightly is not None:
            self._nightly.stop()
        if self._daily is not None:
            self._daily.stop()
        if self._thread is not None:
            self._thread.join(timeout=10)
            engine.stop()

    def wait(self) -> None:
        self._stopping.wait()

    def interrupt(self) -> None:
        """For signal handlers: lets `wait` return, nothing else."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(BEAT_SECONDS):
            try:
                self._beat()
            except Exception:  # a beat missed is a second late; the next one does it all again
                logger.exception("upkeep")

    def _beat(self) -> None:
        self.house.projection.catch_up()
        sweep(self.house.sessions, self.house.outbox, self.house.clock)
        self._publish()
        if self._watch is not None:
            self._watch.look_if_due()

    def _publish(self) -> None:
        """Said once for as long as it lasts; the operator's page shows who is away."""
        try:
            self.house.log.publish()
            self._awaiting = False
        except NoQuorum as error:
            if not self._awaiting:
                logger.warning("waiting for witnesses: %s", error)
            self._awaiting = True
