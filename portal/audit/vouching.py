"""Who outside vouches for a checkpoint: witnesses that cosigned it, and the time stamp over it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from ledger import Checkpoint, LedgerError, Log
from ledger.checkpoint import read_cosignatures
from ledger.timestamp import stated_time


@dataclass(frozen=True)
class Cosigned:
    """A witness had seen `size` entries, and no other history, at this time."""

    name: str
    size: int
    at: datetime


@dataclass(frozen=True)
class Vouched:
    """The newest published checkpoint, when the log signed it, and who else vouches for it."""

    checkpoint: Checkpoint | None = None
    signed_at: datetime | None = None
    witnesses: tuple[Cosigned, ...] = ()
    stamped_at: datetime | None = None
    awaited: tuple[str, ...] = ()  # witnesses that have not signed it

    @property
    def size(self) -> int:
        return self.checkpoint.size if self.checkpoint else 0


def vouched(log: Log) -> Vouched:
    """What stands on the newest published checkpoint; empty before the first."""
    checkpoint = log.latest()
    if checkpoint is None:
        return Vouched()
    policy = log.witnesses.policy if log.witnesses is not None else None
    keys = policy.witness_keys if policy else ()
    signed = {c.verifier.name: c.at for c in read_cosignatures(checkpoint.text, keys)}
    return Vouched(
        checkpoint=checkpoint,
        signed_at=_signed_at(log, checkpoint),
        witnesses=tuple(Cosigned(n, checkpoint.size, _time(at)) for n, at in signed.items()),
        stamped_at=_stamped_at(log, checkpoint),
        awaited=tuple(dict.fromkeys(key.name for key in keys if key.name not in signed)),
    )


def witness_keys(log: Log) -> tuple[str, ...]:
    """The published keys of the witnesses that this log asks."""
    return tuple(key.vkey for key in log.witnesses.policy.witness_keys) if log.witnesses else ()


def _signed_at(log: Log, checkpoint: Checkpoint) -> datetime | None:
    own = read_cosignatures(checkpoint.text, log.verifiers)
    return _time(own[0].at) if own else None


def _stamped_at(log: Log, checkpoint: Checkpoint) -> datetime | None:
    try:
        response = log.timestamp(checkpoint.size)
        return stated_time(checkpoint.text.encode(), response) if response else None
    except LedgerError:
        return None  # the page of the operator says what is wrong with it


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
