"""What can go wrong while a panel is formed and its votes are counted.

ReviewersError
  PoolRefused           candidates or entries of the pool that nothing fair can be drawn from
    PoolTooSmall        a stratum has fewer candidates than seats
  CheckpointUnreadable  a text that is not a checkpoint of a log
  BallotRefused         a ballot that breaks a rule of check() or cannot be decoded
  EnvelopeRefused       a sealed ballot of another form or seat, or one that does not open
  TallyRefused          a set of ballots that cannot belong to one panel
  BundleUnreadable      a case bundle that cannot be read for a recheck
"""

from __future__ import annotations


class ReviewersError(Exception):
    """Base of everything raised by this package on purpose."""


class PoolRefused(ReviewersError):
    """`code`: DUPLICATE_ID, UNKNOWN_ID, BAD_ID, BAD_WEIGHT, TOO_SMALL, UNKNOWN_EVENT or
    UNREADABLE; `subject`: a reviewer id, a stratum, an entry type, or what was read."""

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


class CheckpointUnreadable(ReviewersError):
    """The message is a sentence for the person who rechecks."""


class BallotRefused(ReviewersError):
    """`code` says which rule, `field` which part of the ballot a person has to mend."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(f"{code}: {field}")
        self.code = code
        self.field = field


class EnvelopeRefused(ReviewersError):
    """`code`: TOO_LARGE, UNREADABLE, OTHER_CONTEXT, OTHER_TRUSTEES, DOES_NOT_OPEN (another key,
    or damaged) or SPOILT (its own key opens nothing)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TallyRefused(ReviewersError):
    """`code`: DUPLICATE_SEAT or UNKNOWN_SEAT."""

    def __init__(self, code: str, seat: int) -> None:
        super().__init__(f"{code}: seat {seat}")
        self.code = code
        self.seat = seat


class BundleUnreadable(ReviewersError):
    """The message is a sentence for the person who ran the command."""
