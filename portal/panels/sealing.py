"""Sealing and opening of ballots by the server.

The ballot is encrypted under a key of its own panel before the commitment enters the ledger, and
no row holds it in the clear before the opening. Whoever holds the installation's master key could
open it earlier; the page says so. Trustees with keys of their own take this over later.
"""

from __future__ import annotations

from ledger import LedgerError
from portal.cases.state import Case
from portal.events import FileRef
from portal.files import Files
from portal.keyring import KeyDestroyed
from reviewers import ballot as ballots
from reviewers.ballot import Ballot


def seal(files: Files, case: Case, ballot: Ballot) -> FileRef:
    """The sealed ballot, durable in the store; its name is the digest that the slip shows."""
    assert case.drawn is not None, "no ballot without a panel"
    return files.put_bytes(ballots.encode(ballot), case.drawn.panel_kid, "application/json")


def unseal(files: Files, sealed: FileRef) -> bytes | None:
    """The ballot's bytes; None when they do not open, which counts as invalid, visibly."""
    try:
        return files.read(sealed)
    except (KeyDestroyed, LedgerError):
        return None
