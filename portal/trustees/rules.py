"""Who holds keys, and what is on record about an opening that is under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from portal.cases.state import Case
from portal.errors import Refused
from portal.errors import sentence as _
from portal.events import (
    BallotsPeeled,
    Event,
    OpeningDelayed,
    TrusteeEnrolled,
    TrusteeFailed,
    TrusteeKey,
    TrusteeRetired,
)
from portal.trustees.commands import EnrollTrustee, NoteDelayed, NoteFailed, NotePeeled

REPLACED = "REPLACED"


@dataclass(frozen=True)
class Keyholders:
    """Every trustee whose key counts now, by name."""

    keys: tuple[TrusteeKey, ...] = ()

    def named(self, name: str) -> TrusteeKey | None:
        return next((each for each in self.keys if each.name == name), None)


def fold_trustees(events: Sequence[Event]) -> Keyholders:
    """The sum of the stream `trustees`."""
    keys: dict[str, TrusteeKey] = {}
    for event in events:
        if isinstance(event, TrusteeEnrolled):
            keys[event.name] = TrusteeKey(event.name, event.holder, event.key)
        elif isinstance(event, TrusteeRetired) and keys[event.name].key == event.key:
            del keys[event.name]
    return Keyholders(tuple(keys.values()))


def enroll_trustee(holders: Keyholders, command: EnrollTrustee, now: datetime) -> tuple[Event, ...]:
    """TRUSTEE_ENROLLED, after TRUSTEE_RETIRED for an earlier key of this name.

    Panels drawn before keep the keys that their draw recorded.
    """
    new = command.trustee
    old = holders.named(new.name)
    if old == new:
        raise Refused(_("这位保管人已经登记"))
    enrolled = TrusteeEnrolled(name=new.name, holder=new.holder, key=new.key)
    if old is None:
        return (enrolled,)
    return (TrusteeRetired(name=old.name, key=old.key, reason=REPLACED), enrolled)


def note_peeled(case: Case, command: NotePeeled, now: datetime) -> tuple[Event, ...]:
    """BALLOTS_PEELED, so that a crash does not lose the first trustee's answer."""
    _check_opening(case)
    return (BallotsPeeled(command.trustee, command.partner, command.peeled),)


def note_failed(case: Case, command: NoteFailed, now: datetime) -> tuple[Event, ...]:
    """TRUSTEE_FAILED, for everybody to see."""
    _check_opening(case)
    return (TrusteeFailed(command.trustee, command.why),)


def note_delayed(case: Case, command: NoteDelayed, now: datetime) -> tuple[Event, ...]:
    """OPENING_DELAYED: the case waits, and says for whom."""
    _check_opening(case)
    return (OpeningDelayed(command.missing),)


def _check_opening(case: Case) -> None:
    if case.state != "TALLY" or case.drawn is None:
        raise Refused(_("本案现在没有要开封的票"))
