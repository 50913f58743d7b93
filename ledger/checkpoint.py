"""A checkpoint (C2SP tlog-checkpoint): the signed statement "the log has this root at this size".

    mingan.example/log      <- origin, also the name of the keys that sign
    7                       <- number of entries
    SnSZ...w=               <- base64 of the root
                            <- empty line, then signature lines (see note.py):
    — mingan.example/log    <- Ed25519, then ML-DSA-44, of the log
    — association.example   <- cosignatures of witnesses (tlog-cosignature), any number

Further lines below the root are allowed by the format and passed over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger import scheme
from ledger.errors import VerificationError
from ledger.note import Note, Signature, Signer, Verifier, parse_note, verified
from ledger.scheme import COSIGNATURE, ED25519, MLDSA44
from ledger.treehead import TreeHead, parse_tree_head

# With which kinds of key a log may sign its own checkpoints, and a witness those of others.
LOG_KINDS = (ED25519, MLDSA44)
WITNESS_KINDS = (COSIGNATURE, MLDSA44)


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says, and `text`, the whole signed note it was read from."""

    origin: str
    size: int
    root: bytes
    text: str


@dataclass(frozen=True)
class Cosignature:
    """At `at` (POSIX seconds) the witness had seen no larger tree, and none that contradicts."""

    verifier: Verifier
    at: int


def sign_checkpoint(signer: Signer, size: int, root: bytes, at: int) -> Checkpoint:
    """Sign a root, at this POSIX second, with both keys of the log.

    Only ever for a commit that is stored: two signed roots for one size would prove that the
    log cheats, even if one of them was never shown.
    """
    head = TreeHead(signer.name, size, root)
    return Checkpoint(head.origin, size, root, str(signer.sign(head.text, at)))


def read_checkpoint(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in a note that its log signed.

    Its log: a given key of type 01 or 06 whose name is the origin. One such line is enough,
    but no line of any given key may be false.
    """
    checkpoint = parse_checkpoint(note)
    signers = verified(parse_note(note), verifiers)
    if not any(key.name == checkpoint.origin and key.kind in LOG_KINDS for key in signers):
        raise VerificationError(f"the checkpoint of {checkpoint.origin} is not signed by its log")
    return checkpoint


def parse_checkpoint(note: str) -> Checkpoint:
    """The checkpoint in a note, its signatures not looked at."""
    head = parse_tree_head(parse_note(note).text)
    return Checkpoint(head.origin, head.size, head.root, note)


def read_cosignatures(note: str, verifiers: Iterable[Verifier]) -> tuple[Cosignature, ...]:
    """The cosignatures in a checkpoint by these witnesses, maybe none; VerificationError if false.

    A cosignature without a time says nothing about a checkpoint, and is not one.
    """
    witnesses = (key for key in verifiers if key.kind in WITNESS_KINDS)
    found = verified(parse_note(note), witnesses)
    times = ((key, scheme.signed_at(key.kind, line.signature)) for key, line in found.items())
    return tuple(Cosignature(key, at) for key, at in times if at)


def add_signatures(checkpoint: Checkpoint, lines: Iterable[Signature]) -> Checkpoint:
    """The checkpoint with further signature lines, none of a key that has one already."""
    note = parse_note(checkpoint.text)
    there = {(line.name, line.key_id) for line in note.signatures}
    new = {key: line for line in lines if (key := (line.name, line.key_id)) not in there}
    whole = Note(note.text, (*note.signatures, *new.values()))
    return Checkpoint(checkpoint.origin, checkpoint.size, checkpoint.root, str(whole))
