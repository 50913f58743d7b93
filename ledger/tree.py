"""A growing Merkle tree in a file: every perfect subtree, each written once.

Nodes follow each other as they become complete (a Merkle mountain range): leaf 0, leaf 1,
their node, leaf 2, leaf 3, their node, the node above, leaf 4 ... The node of height h whose
last leaf is j lies at place 2j - popcount(j) + h. 64 bytes for each leaf on a local disk,
nothing in memory but the right edge; any proof of any size costs one small read per hash.

The file is derived and never trusted: its right edge must be that of the commits.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from ledger.merkle import HASH_BYTES, CompactRange, Growth, fold_peaks, split_point
from ledger.places import Places


class Tree:
    """Leaf hashes in order, and the nodes above them. Not thread-safe: replica.py guards it."""

    def __init__(self, path: Path, size: int = 0) -> None:
        """The tree whose first `size` leaves the file holds; what lies behind is ignored."""
        self._file = Places(path)
        self.range = CompactRange(size, self._cover(0, size))

    @property
    def size(self) -> int:
        return self.range.size

    def add(self, growth: Growth) -> None:
        """Take up leaves that continue this tree."""
        self._file.write(growth.nodes, _nodes(self.size) * HASH_BYTES)
        self.range = growth.after

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf."""
        return self.node(0, index)

    def node(self, height: int, number: int) -> bytes:
        """The root of a perfect subtree, numbered from the left among those of its height."""
        last = ((number + 1) << height) - 1
        place = 2 * last - last.bit_count() + height
        return self._file.read(HASH_BYTES, place * HASH_BYTES)

    def nodes(self, height: int, start: int, stop: int) -> bytes:
        """The roots of neighbouring perfect subtrees, joined."""
        if height == 0:
            return self._leaves(start, stop)
        return b"".join(self.node(height, number) for number in range(start, stop))

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return self.range.root if size == self.size else fold_peaks(self._cover(0, size))

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """The audit path of RFC 6962 section 2.1.1 for a leaf in the tree of `size`."""
        start, end, path = 0, size, []
        while end - start > 1:
            middle = start + split_point(end - start)
            if index < middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """The consistency proof of RFC 6962 section 2.1.2 between two sizes."""
        if old in (0, new):
            return ()
        start, end, path = 0, new, []
        while old != end:
            middle = start + split_point(end - start)
            if old <= middle:
                path.append(self._subtree(middle, end))
                end = middle
            else:
                path.append(self._subtree(start, middle))
                start = middle
        if start > 0:  # otherwise the verifier has this root already: it is the old one
            path.append(self._subtree(start, end))
        return tuple(reversed(path))

    def close(self) -> None:
        self._file.close()

    def _leaves(self, start: int, stop: int) -> bytes:
        """Leaves among their nodes, by one read; the places in it are found as for one."""
        first = _nodes(start)
        held = self._file.read((_nodes(stop) - first) * HASH_BYTES, first * HASH_BYTES)
        at = ((_nodes(index) - first) * HASH_BYTES for index in range(start, stop))
        return b"".join(held[place : place + HASH_BYTES] for place in at)

    def _subtree(self, start: int, end: int) -> bytes:
        return fold_peaks(self._cover(start, end))

    def _cover(self, start: int, end: int) -> tuple[bytes, ...]:
        # Every start that RFC 6962 splits at is a multiple of the powers that follow it.
        bits = [level for level in range((end - start).bit_length()) if end - start >> level & 1]
        edges = [start]
        for level in reversed(bits):
            edges.append(edges[-1] + (1 << level))
        return tuple(
            self.node(level, left >> level)
            for level, (left, _) in zip(reversed(bits), pairwise(edges), strict=True)
        )


def _nodes(size: int) -> int:
    """How many nodes of a tree of `size` leaves are complete."""
    return 2 * size - size.bit_count()
