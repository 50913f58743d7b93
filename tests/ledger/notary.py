"""Keys, trees and checkpoints for tests of signatures and witnesses, straight from the RFCs."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.merkle import EMPTY_ROOT, leaf_digest, node_digest, split_point
from ledger.note import Cosigner, Signer

ORIGIN = "log.example/mingan"
AT = 1_769_846_400


def seeds(name: str) -> tuple[bytes, bytes]:
    return sha256(f"{name} 1".encode()).digest(), sha256(f"{name} 2".encode()).digest()


def a_signer(name: str = ORIGIN) -> Signer:
    return Signer(name, *seeds(name))


def a_cosigner(name: str = "witness.example/w1") -> Cosigner:
    return Cosigner(name, *seeds(name))


def some_leaves(count: int, history: str = "") -> list[bytes]:
    """Leaf hashes of a log; another `history` is another log from its first entry on."""
    return [leaf_digest(f"{history}{number}".encode()) for number in range(count)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    middle = split_point(len(leaves))
    return node_digest(root_of(leaves[:middle]), root_of(leaves[middle:]))


def prove(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.2: that the tree over `leaves` continues its first `old`."""
    return _prove(old, leaves, True) if 0 < old < len(leaves) else []


def _prove(old: int, leaves: Sequence[bytes], whole: bool) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [root_of(leaves)]
    middle = split_point(len(leaves))
    if old <= middle:
        return [*_prove(old, leaves[:middle], whole), root_of(leaves[middle:])]
    return [*_prove(old - middle, leaves[middle:], False), root_of(leaves[:middle])]


def a_checkpoint(
    size: int, history: str = "", signer: Signer | None = None, at: int = AT
) -> Checkpoint:
    """The log's checkpoint of its first `size` entries."""
    return sign_checkpoint(signer or a_signer(), size, root_of(some_leaves(size, history)), at)
