"""A checkpoint (C2SP tlog-checkpoint): the signed statement "the log has this root at this size".

    mingan.example/log      <- origin, also the name of the key that signs
    7                       <- number of entries
    SnSZ...w=               <- base64 of the root
                            <- empty line, then signature lines (see note.py)

Further lines below the root are allowed by the format and passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.encoding import from_base64, from_decimal, to_base64
from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES
from ledger.note import Signer, Verifier, open_note, parse_note


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, and `text`, the whole signed note it was read from."""

    origin: str
    size: int
    root: bytes
    text: str


def sign_checkpoint(signer: Signer, size: int, root: bytes) -> Checkpoint:
    """Sign a root. Only ever for a commit that is stored: two signed roots for one size
    would prove that the log cheats, even if one of them was never shown."""
    text = signer.sign(f"{signer.name}\n{size}\n{to_base64(root)}\n")
    return Checkpoint(signer.name, size, root, text)


def read_checkpoint(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in a note signed by at least one of the keys, whose name is its origin."""
    verifiers = tuple(verifiers)
    checkpoint = parse_checkpoint(note)
    open_note(note, (each for each in verifiers if each.name == checkpoint.origin))
    return checkpoint


def parse_checkpoint(note: str) -> Checkpoint:
    """The checkpoint in a note, its signatures not looked at."""
    lines = parse_note(note).text.split("\n")
    if len(lines) < 4 or not lines[0] or "" in lines[3:-1]:
        raise VerificationError("not a checkpoint: origin, size and root are three lines")
    root = from_base64(lines[2])
    if len(root) != HASH_BYTES:
        raise VerificationError("the root of a checkpoint is 32 bytes long")
    return Checkpoint(lines[0], from_decimal(lines[1]), root, note)
