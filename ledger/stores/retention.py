"""How long a bucket with Object Lock keeps what must not be deleted. Pure decisions.

Locked are the objects that are created with `keep` (commits, full tiles, the log's public
key, signed checkpoints). Never locked are `checkpoint` and partial tiles, which are replaced
or collected, and data keys and files, which must be erasable.

    mode          GOVERNANCE unless the URL says `lock=COMPLIANCE`. In COMPLIANCE mode nobody,
                  not the owner of the account either, can delete or shorten before the day
                  has come: right for a log in use, and a bill for years after a demonstration.
    days          1,096 unless the URL says `retain=<days>`: E-Commerce Law of the PRC, art.
                  31, asks for three years. `retain=0` locks nothing.

A default rule of the bucket would lock every object, data keys too, and what is erased could
still be read by its version: such a bucket is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from ledger.errors import StoreLies

GOVERNANCE, COMPLIANCE = "GOVERNANCE", "COMPLIANCE"
MODES = (GOVERNANCE, COMPLIANCE)
_DAYS = 1096
MOST_DAYS = 36_500  # a hundred years, the most that S3 takes


class BucketLock(Enum):
    """What a bucket says about Object Lock."""

    NONE = "no Object Lock"
    ENABLED = "Object Lock"
    BY_DEFAULT = "Object Lock with a default rule"


@dataclass(frozen=True)
class Retention:
    """Lock each object for a while from the moment it is written."""

    mode: str
    period: timedelta

    def until(self, now: datetime) -> datetime:
        return now + self.period

    def __str__(self) -> str:
        return f"locked in {self.mode} mode for {self.period.days} days"


@dataclass(frozen=True)
class Wish:
    """What the store's URL asks for; None: nothing."""

    mode: str | None = None
    days: int | None = None


def agree(wish: Wish, lock: BucketLock) -> Retention | None:
    """What will be done; StoreLies if the bucket cannot keep what is asked or promised."""
    if lock is BucketLock.BY_DEFAULT:
        raise StoreLies(
            "it has a default retention rule, which would lock data keys and so make erasure "
            "impossible: remove the rule, commits are locked one by one"
        )
    if lock is BucketLock.NONE:
        if wish.mode is not None or wish.days:
            raise StoreLies("it has no Object Lock, so nothing can be locked as the URL asks")
        return None
    days = _DAYS if wish.days is None else wish.days
    return Retention(wish.mode or GOVERNANCE, timedelta(days)) if days else None
