"""Whether others write as well, as far as one writer has noticed.

Nothing but a hint for sequencer.py: when to hand entries over instead of racing, when to look
into the inbox. A clock that runs backwards or stands still costs time at most.
"""

from __future__ import annotations

import time
from collections.abc import Callable

# Even who believes to be alone looks into the inbox once in so many commits.
_ALONE_COMMITS = 16
# For how many writes' time somebody who was noticed is believed to be there still.
_REMEMBERED_WRITES = 16
_SHORTEST, _LONGEST = 0.0005, 0.25  # seconds for one write


class Crowd:
    """What one writer knows of others. `clock` gives seconds and may be wrong."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noticed_at = float("-inf")
        self._commits = 0  # of ours, since we last looked into the inbox
        self._wishes = 0  # found there
        self.is_behind = False  # the last commit was somebody else's
        self.write_seconds = 0.005

    def heard(self) -> None:
        """A commit or a wish of somebody else has come to light."""
        self._noticed_at = self._clock()

    def committed(self, seconds: float) -> None:
        """A commit of ours took so long."""
        bounded = min(max(seconds, _SHORTEST), _LONGEST)
        self.write_seconds += (bounded - self.write_seconds) / 4
        self._commits += 1
        self.is_behind = False

    def looked(self, wishes: int) -> None:
        """We have just looked into the inbox, and so many lay there."""
        self._commits, self._wishes = 0, wishes
        if wishes:
            self.heard()

    @property
    def gathering_seconds(self) -> float:
        """How long to let wishes come in, after those that the last look found."""
        return min(self._wishes * self.write_seconds, _LONGEST) if self.is_here else 0.0

    @property
    def is_here(self) -> bool:
        """Whether somebody else wrote a moment ago."""
        passed = self._clock() - self._noticed_at
        return 0 <= passed < _REMEMBERED_WRITES * self.write_seconds

    @property
    def may_wait(self) -> bool:
        """Whether it is worth a look into the inbox."""
        return self.is_here or self._commits >= _ALONE_COMMITS
