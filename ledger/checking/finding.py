"""What a check says: one line for each thing looked at, good or bad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How much a finding matters."""

    PASSED = "ok"
    NOTE = "note"  # worth knowing, proves nothing against the log
    BROKEN = "BROKEN"


@dataclass(frozen=True)
class Finding:
    """One line of a report; `text` starts with the file, key or entry it is about."""

    level: Level
    text: str

    @property
    def is_broken(self) -> bool:
        return self.level is Level.BROKEN

    def __str__(self) -> str:
        return f"{self.level.value:<6}  {self.text}"


def passed(text: str) -> Finding:
    return Finding(Level.PASSED, text)


def note(text: str) -> Finding:
    return Finding(Level.NOTE, text)


def broken(text: str) -> Finding:
    return Finding(Level.BROKEN, text)
