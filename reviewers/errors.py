"""What can go wrong while a panel is formed and its votes are counted.

ReviewersError
  PoolRefused        candidates that no fair draw can use
    PoolTooSmall     a stratum has fewer candidates than seats
  BallotRefused      a ballot that breaks a rule of check() or cannot be decoded
  TallyRefused       a set of ballots that cannot belong to one panel
  BundleUnreadable   a case bundle that cannot be read for a recheck
"""

from __future__ import annotations


class ReviewersError(Exception):
    """Base of everything raised by this package on purpose."""


class PoolRefused(ReviewersError):
    """`code`: DUPLICATE_ID, BAD_WEIGHT or TOO_SMALL; `subject`: a reviewer id or a stratum."""

    def __init__(self, code: str, subject: str) -> None:
        super().__init__(f"{code}: {subject}")
        self.code = code
        self.subject = subject


class PoolTooSmall(PoolRefused):
    """A stratum holds `found` candidates where `needed` seats must be filled."""

    def __init__(self, stratum: str, needed: int, found: int) -> None:
        super().__init__("TOO_SMALL", f"{stratum} needs {needed}, has {found}")
        self.stratum = stratum
        self.needed = needed
        self.found = found


class BallotRefused(ReviewersError):
    """`code` says which rule, `field` which part of the ballot a person has to mend."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{code}: {field}")
        self.code = code
        self.field = field


class TallyRefused(ReviewersError):
    """`code`: DUPLICATE_SEAT or UNKNOWN_SEAT."""

    def __init__(self, code: str, seat: int) -> None:
        super().__init__(f"{code}: seat {seat}")
        self.code = code
        self.seat = seat


class BundleUnreadable(ReviewersError):
    """The message is a sentence for the person who ran the command."""
