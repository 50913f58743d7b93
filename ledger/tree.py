"""A growing Merkle tree in memory: every perfect subtree, level by level.

64 bytes for each leaf, in one bytearray per level. Appending costs one node hash on
average; any root, inclusion or consistency proof of any size up to the present one costs
at most about log2(size)^2 hashes. Not thread-safe: log.py guards it.
"""

from __future__ import annotations

from itertools import pairwise

from ledger.merkle import HASH_BYTES, fold_peaks, node_digest, split_point


class Tree:
    """Leaf hashes in order, and the nodes above them that are complete."""

    def __init__(self) -> None:
        self._levels = [bytearray()]

    @property
    def size(self) -> int:
        return len(self._levels[0]) // HASH_BYTES

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash and complete the subtrees that it completes."""
        level, node, count = 0, leaf, self.size + 1
        self._levels[0] += node
        while count % 2 == 0:
            node = node_digest(*self._last_two(level))
            level, count = level + 1, count // 2
            if level == len(self._levels):
                self._levels.append(bytearray())
            self._levels[level] += node

    def leaf(self, index: int) -> bytes:
        """The hash of one leaf."""
        return self.nodes(0, index, index + 1)

    def nodes(self, level: int, start: int, stop: int) -> bytes:
        """Hashes of the perfect subtrees of height `level`, numbered from the left, joined."""
        return bytes(self._levels[level][start * HASH_BYTES : stop * HASH_BYTES])

    def root(self, size: int) -> bytes:
        """The root of the first `size` leaves."""
        return fold_peaks(self.peaks(size))

    def peaks(self, size: int) -> tuple[bytes, ...]:
        """The compact range of the first `size` leaves."""
        return self._cover(0, size)

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

    def _subtree(self, start: int, end: int) -> bytes:
        return fold_peaks(self._cover(start, end))

    def _cover(self, start: int, end: int) -> tuple[bytes, ...]:
        # Every start that RFC 6962 splits at is a multiple of the powers that follow it.
        bits = [level for level in range((end - start).bit_length()) if end - start >> level & 1]
        edges = [start]
        for level in reversed(bits):
            edges.append(edges[-1] + (1 << level))
        return tuple(
            self.nodes(level, left >> level, right >> level)
            for level, (left, right) in zip(reversed(bits), pairwise(edges), strict=True)
        )

    def _last_two(self, level: int) -> tuple[bytes, bytes]:
        pair = bytes(self._levels[level][-2 * HASH_BYTES :])
        return pair[:HASH_BYTES], pair[HASH_BYTES:]
