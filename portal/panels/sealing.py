"""Sealing of ballots, in one of three ways; the page says which, and never more than is true.

    BROWSER     sealed in the voter's browser to the panel's three trustees: the server never has it
    SERVER      sealed by the server to the same three: it saw the ballot for a moment, keeps none
    SERVER_KEY  encrypted under a key of the panel's own in this installation: whoever holds the
                master key could open it early. Only where no trustees are set up.

Either way what is stored is encrypted under the panel's key as well, so that erasing it erases
the ballots, and no row holds a ballot in the clear before the opening.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from ledger import LedgerError
from ledger.encoding import from_base64
from portal.cases.state import Case
from portal.events import FileRef
from portal.files import Files
from portal.keyring import KeyDestroyed
from reviewers import ballot as ballots
from reviewers import envelope as envelopes
from reviewers.ballot import Ballot
from reviewers.envelope import KEY_LENGTH, NONCE_LENGTH, Context

BROWSER, SERVER, SERVER_KEY = "BROWSER", "SERVER", "SERVER_KEY"


@dataclass(frozen=True)
class Sealed:
    """A ballot in the store. `slip`: hex SHA-256 of the envelope, or of the encrypted file."""

    file: FileRef
    slip: str
    by: str


def seal(files: Files, case: Case, ballot: Ballot) -> Sealed:
    """Seal a ballot that the server was handed, durable in the store on return."""
    assert case.drawn is not None, "no ballot without a panel"
    plain = ballots.encode(ballot)
    if not case.drawn.trustees:
        file = files.put_bytes(plain, case.drawn.panel_kid, "application/json")
        return Sealed(file, file.blob, SERVER_KEY)
    content = envelopes.seal(
        plain,
        context_of(case, ballot.seat),
        [(each.name, from_base64(each.key)) for each in case.drawn.trustees],
        key=os.urandom(KEY_LENGTH),
        nonce=os.urandom(NONCE_LENGTH),
    )
    return _stored(files, case, content, SERVER)


def take(files: Files, case: Case, seat: int, content: bytes) -> Sealed:
    """Keep an envelope that was sealed elsewhere. Raises EnvelopeRefused if it is not for this
    seat and this panel's trustees."""
    assert case.drawn is not None, "no ballot without a panel"
    names = [each.name for each in case.drawn.trustees]
    envelopes.check_envelope(content, context_of(case, seat), names)
    return _stored(files, case, content, BROWSER)


def context_of(case: Case, seat: int) -> Context:
    """What a ballot of this seat is sealed for."""
    claim = case.claim
    return Context(claim.case_no, case.round.number, seat, claim.rules_version)


def unseal(files: Files, sealed: FileRef) -> bytes | None:
    """The bytes of a ballot under the panel's key alone; None when they do not open, which counts
    as invalid, visibly."""
    try:
        return files.read(sealed)
    except (KeyDestroyed, LedgerError):
        return None


def _stored(files: Files, case: Case, content: bytes, by: str) -> Sealed:
    assert case.drawn is not None, "no ballot without a panel"
    file = files.put_bytes(content, case.drawn.panel_kid, "application/json")
    return Sealed(file, envelopes.slip(content), by)
