"""What strangers can make us write down: so much a minute for each provider; the rest is counted.

The door for notices is open to everybody. Every notice is read, so that a flood keeps no true one
out; but one that nobody signed, or that is about no number of ours, costs a row only so often.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FORGED, UNKNOWN = "FORGED_NOTICE", "UNKNOWN_NUMBER"
MINUTE = timedelta(minutes=1)
# How many of a provider's are written down in a minute, by each process.
MOST: Mapping[str, int] = {FORGED: 1, UNKNOWN: 60}


@dataclass
class Strangers:
    """Thread-safe. What is counted and not yet written down ends with the process."""

    _began: dict[tuple[str, str], datetime] = field(default_factory=dict)
    _written: Counter[tuple[str, str]] = field(default_factory=Counter)
    _held: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kind: str, provider: str, now: datetime) -> int:
        """0: not to be written down now. Else how many there were since the last that was, this
        one included."""
        key = kind, provider
        with self._lock:
            began = self._began.setdefault(key, now)
            if not began <= now < began + MINUTE:
                self._began[key], self._written[key] = now, 0
            self._held[key] += 1
            if self._written[key] >= MOST[kind]:
                return 0
            self._written[key] += 1
            return self._held.pop(key)
