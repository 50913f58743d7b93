"""The Merkle tree of RFC 6962: hashing, roots from compact ranges, checking proofs.

Pure arithmetic on hashes; nothing here holds a tree (see tree.py for that).

    leaf hash = SHA-256(0x00 || entry)         node hash = SHA-256(0x01 || left || right)
    root of 3 leaves = node(node(leaf 0, leaf 1), leaf 2); root of none = SHA-256("")

A compact range is what a writer must remember to go on: the roots of the perfect subtrees
that a size splits into, largest first (size 6 = 4 + 2, two peaks). Proofs are listed from
the leaf upwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from ledger.errors import VerificationError

EMPTY_ROOT = sha256().digest()
HASH_BYTES = 32


def leaf_digest(entry: bytes) -> bytes:
    """RFC 6962 section 2.1; the prefix keeps a leaf from being taken for a node."""
    return sha256(b"\x00" + entry).digest()


def node_digest(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def split_point(count: int) -> int:
    """The largest power of two below `count` (count >= 2): where RFC 6962 splits a tree."""
    return 1 << ((count - 1).bit_length() - 1)


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root above perfect subtrees listed from left to right."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_digest(peak, root)
    return root


@dataclass(frozen=True)
class CompactRange:
    """The right edge of a tree: `size` leaves and one peak for each 1-bit of the size."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if len(self.peaks) != self.size.bit_count():
            raise VerificationError(f"{len(self.peaks)} peaks do not fit {self.size} leaves")

    @cached_property
    def root(self) -> bytes:
        return fold_peaks(self.peaks)


@dataclass(frozen=True)
class Growth:
    """Leaves added to a range: the range after them, and every node that became complete.

    `nodes` are joined in the order in which they become complete: each leaf, then the
    subtrees that end with it, smallest first.
    """

    after: CompactRange
    nodes: bytes


def grow(before: CompactRange, leaf_hashes: Iterable[bytes]) -> Growth:
    """Add leaves at the right edge; costs one hash for each leaf."""
    size, peaks, nodes = before.size, list(before.peaks), []
    for node in leaf_hashes:
        nodes.append(node)
        size += 1
        rest = size
        while not rest & 1:  # adding one to a binary number: equal subtrees merge
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            nodes.append(node)
            rest >>= 1
        peaks.append(node)
    return Growth(CompactRange(size, tuple(peaks)), b"".join(nodes))


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the tree of `size` leaves with this root has this leaf hash at `index`."""
    if not 0 <= index < size:
        raise VerificationError(f"there is no leaf {index} in a tree of {size}")
    _expect_hashes([leaf, *proof])
    # Below `inner` the path turns left and right; above it the node is always the last
    # of its level and only has left neighbours.
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    _expect_length(proof, inner + border)
    found = _climb(leaf, proof[:inner], index)
    if _climb_border(found, proof[inner:]) != root:
        raise VerificationError(f"the inclusion proof of leaf {index} leads to another root")


def verify_consistency(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree of `new_size` leaves is the old one with leaves added at its end.

    Any tree continues the empty one, so a proof from size 0 says nothing and is refused, as
    the reference implementation does.
    """
    if not 0 < old_size <= new_size:
        raise VerificationError(f"a tree of {new_size} cannot continue one of {old_size}")
    if old_size == new_size and old_root != new_root:
        raise VerificationError(f"two roots for the same size {old_size}")
    if old_size == new_size:
        _expect_length(proof, 0)
    else:
        _expect_hashes(proof)
        _verify_growth(old_size, new_size, old_root, new_root, proof)


def _verify_growth(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    inner = ((old_size - 1) ^ (new_size - 1)).bit_length()
    shift = (old_size & -old_size).bit_length() - 1
    if old_size == 1 << shift:  # the old tree is one perfect subtree: its root is known
        seed, path = old_root, proof
    else:
        seed, path = (proof[0] if proof else b""), proof[1:]
    mask = (old_size - 1) >> shift
    _expect_length(path, inner - shift + ((old_size - 1) >> inner).bit_count())
    turns, border = path[: inner - shift], path[inner - shift :]
    if _climb_border(_climb_lefts(seed, turns, mask), border) != old_root:
        raise VerificationError(f"the consistency proof does not contain the root of {old_size}")
    if _climb_border(_climb(seed, turns, mask), border) != new_root:
        raise VerificationError(f"the consistency proof does not lead to the root of {new_size}")


def _climb(seed: bytes, path: Sequence[bytes], index: int) -> bytes:
    for level, sibling in enumerate(path):
        right = index >> level & 1
        seed = node_digest(sibling, seed) if right else node_digest(seed, sibling)
    return seed


def _climb_lefts(seed: bytes, path: Sequence[bytes], index: int) -> bytes:
    for level, sibling in enumerate(path):
        if index >> level & 1:
            seed = node_digest(sibling, seed)
    return seed


def _climb_border(seed: bytes, path: Sequence[bytes]) -> bytes:
    for left in path:
        seed = node_digest(left, seed)
    return seed


def _expect_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(each) != HASH_BYTES for each in hashes):
        raise VerificationError("a hash in the proof is not 32 bytes long")


def _expect_length(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise VerificationError(f"the proof has {len(proof)} hashes, this place needs {length}")
