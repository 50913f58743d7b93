r"""One inclusion proof for many leaves: each node of the tree that they cannot give, once.

    mingan/inclusion/v1
    70000                                 <- size of the tree
    0 5 <base64 hash>                     <- height of a perfect subtree, its number from the left
    3 1 <base64 hash>                     <- (the nodes that tlog-tiles have), sorted

Going up height by height, two neighbours give the node above them, and a last node without
neighbour is a peak of the tree (RFC 6962 section 2.1). Listed is exactly what is missing on the
way: neighbours of nodes that the leaves give, and peaks above none of them. Proof and check cost
one hash for each node on the way, each node once, however many leaves share it.
"""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from ledger.encoding import from_decimal, from_utf8, to_base64
from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES, fold_peaks

_TITLE = "mingan/inclusion/v1"

# The hash of the perfect subtree of some height with some number.
NodeOf = Callable[[int, int], bytes]


@dataclass(frozen=True)
class Multiproof:
    """A parsed proof: nodes by height and number, nothing is verified yet."""

    size: int
    nodes: Mapping[tuple[int, int], bytes]

    def verify(self, leaves: Mapping[int, bytes], root: bytes) -> None:
        """Check that the tree of this size with this root has these leaf hashes, by index.

        VerificationError also for a node that is not needed: it would look proven.
        """
        _check_indices(leaves, self.size)
        if self.nodes.keys() != set(_missing(leaves, self.size)):
            raise VerificationError("the proof does not hold exactly the nodes these leaves need")
        if _root(leaves, self) != root:
            raise VerificationError("the proof leads to another root")


def prove_leaves(indices: Iterable[int], size: int, node_of: NodeOf) -> Multiproof:
    """The proof that a tree of `size` leaves has leaves at these indices."""
    wanted = set(indices)
    _check_indices(wanted, size)
    return Multiproof(size, {place: node_of(*place) for place in _missing(wanted, size)})


def format_multiproof(proof: Multiproof) -> str:
    """The text of a proof."""
    lines = [
        f"{height} {number} {to_base64(proof.nodes[height, number])}\n"
        for height, number in sorted(proof.nodes)
    ]
    return f"{_TITLE}\n{proof.size}\n{''.join(lines)}"


def parse_multiproof(content: bytes) -> Multiproof:
    """Read the text of a proof; VerificationError unless it is that proof's only spelling."""
    title, size, *lines = [*from_utf8(content).split("\n"), ""]
    if title != _TITLE:
        raise VerificationError("not an inclusion proof")
    try:
        proof = Multiproof(from_decimal(size), dict(_parse_node(line) for line in lines if line))
    except ValueError:
        raise VerificationError("not the lines of an inclusion proof") from None
    # Order, zeros, repetition, line ends, stray bits of base64: seen once, for all lines.
    if format_multiproof(proof).encode("ascii") != content:
        raise VerificationError("an inclusion proof in another spelling than its own")
    return proof


def _parse_node(line: str) -> tuple[tuple[int, int], bytes]:
    height, number, text = line.split(" ")
    node = a2b_base64(text)
    if len(node) != HASH_BYTES:
        raise ValueError("a node is 32 bytes")
    return (int(height), int(number)), node


def _check_indices(indices: Iterable[int], size: int) -> None:
    if any(not 0 <= index < size for index in indices):
        raise VerificationError(f"a leaf beyond a tree of {size}")


def _missing(indices: Iterable[int], size: int) -> Iterator[tuple[int, int]]:
    """Height and number of each node that these leaves do not give; all of them, in order."""
    given, count, height = sorted(indices), size, 0
    while count:
        held = set(given)
        beside = {number ^ 1 for number in given if number ^ 1 < count}
        if count & 1:
            beside.add(count - 1)
        yield from ((height, number) for number in sorted(beside - held))
        given = sorted({number >> 1 for number in given if number | 1 < count})
        count, height = count >> 1, height + 1


def _root(leaves: Mapping[int, bytes], proof: Multiproof) -> bytes:
    row, peaks = dict(leaves), []
    rows = _by_height(proof)
    for height in range(proof.size.bit_length()):
        row.update(rows.get(height, {}))
        if proof.size >> height & 1:
            peaks.append(row.pop((proof.size >> height) - 1))
        row = {
            number >> 1: sha256(b"\x01" + node + row[number + 1]).digest()
            for number, node in row.items()
            if not number & 1
        }
    return fold_peaks(peaks[::-1])


def _by_height(proof: Multiproof) -> dict[int, dict[int, bytes]]:
    rows: dict[int, dict[int, bytes]] = {}
    for (height, number), node in proof.nodes.items():
        rows.setdefault(height, {})[number] = node
    return rows
