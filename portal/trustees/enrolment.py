"""The trustees of the settings, on record under their keys."""

from __future__ import annotations

import hashlib

from sqlalchemy.orm import Session, sessionmaker

from portal.events import TrusteeKey
from portal.history import load
from portal.recorder import Recorder
from portal.streams import TRUSTEES
from portal.trustees.commands import EnrollTrustee
from portal.trustees.rules import Keyholders, fold_trustees
from portal.trustees.settings import Trustee


def keyholders(sessions: sessionmaker[Session]) -> Keyholders:
    """Whose keys count now."""
    with sessions() as session:
        history = load(session, TRUSTEES)
    return fold_trustees([event for event, _at in history.events])


def enroll_configured(
    recorder: Recorder, sessions: sessionmaker[Session], trustees: tuple[Trustee, ...]
) -> None:
    """Put on record whom the settings name and the ledger does not know yet; safe to repeat."""
    known = keyholders(sessions)
    for trustee in trustees:
        if known.named(trustee.name) != trustee.public:
            recorder.record(
                EnrollTrustee(trustee.public),
                by="OPERATOR",
                command_id=f"trustee/{_fingerprint(trustee, known)}",
            )


def sealing_to(
    sessions: sessionmaker[Session], trustees: tuple[Trustee, ...]
) -> tuple[TrusteeKey, ...]:
    """Whom a panel drawn now seals its ballots to: the configured three if all are on record."""
    known = keyholders(sessions)
    public = tuple(trustee.public for trustee in trustees)
    return public if all(known.named(each.name) == each for each in public) else ()


def _fingerprint(trustee: Trustee, known: Keyholders) -> str:
    """Of the change, so that a key that comes back after another is enrolled again."""
    before = known.named(trustee.name)
    said = f"{trustee.public}\n{before}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]
