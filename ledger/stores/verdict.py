r"""What a store showed of itself when it was probed: a value, and a text for the record.

    mingan/verdict/v1\n
    <kind of store>\n
    <held|broken|skipped> <name of the check>: <sentence>\n    one line for each check

The text names no host, no key and no time, so that the same store gives the same bytes: an
entry that holds it is written once, and again only when the store answers differently.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What came of a check."""

    HELD = "held"
    BROKEN = "broken"
    SKIPPED = "skipped"  # this kind of store has nothing that could be checked


@dataclass(frozen=True)
class Check:
    """One promise of a store, put to the test. `sentence` says what was found."""

    name: str
    outcome: Outcome
    sentence: str

    def __str__(self) -> str:
        return f"{self.outcome.value} {self.name}: {self.sentence}"


@dataclass(frozen=True)
class Verdict:
    """All checks of one store, in the order they were made."""

    kind: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """No promise was broken: the store may hold a ledger."""
        return not self.lies

    @property
    def lies(self) -> tuple[Check, ...]:
        """The promises that were broken."""
        return tuple(check for check in self.checks if check.outcome is Outcome.BROKEN)

    def as_text(self) -> str:
        """See the top of this file."""
        return "\n".join(["mingan/verdict/v1", self.kind, *map(str, self.checks), ""])
