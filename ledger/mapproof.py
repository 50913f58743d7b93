r"""Proof of what the map says of one stream: all its n entries, or that there is no such stream.

The map is a sparse Merkle tree over every stream of the log; its root is a payload of stream
`ledger/map` and covers all entries before it. A stream's place is its key, SHA-256(name), read
bit by bit from the most significant: 0 is left, 1 is right.

    no stream below       32 zero bytes
    one stream below      SHA-256(0x00 || key || length, 8 bytes big-endian || leaf hash of its last
                          entry), at whatever depth
    more                  SHA-256(0x01 || left || right)

A proof goes down the stream's path to where at most one stream is left. As a text:

    mingan/map-proof/v1
    stream case/1
    found 7 <base64 head>          or   other <base64 key> <length> <base64 head>   or   none
    <base64 sibling>               <- one a line, from the end of the path upwards

Threats. A node cannot be shown as a leaf or the reverse (the prefixes differ), nothing hashes
to zero, and each node has one pair of children: a root gives one answer for each stream, to
everybody. Another stream's leaf speaks for absence only where it lies on the path. A root that
was computed wrongly is not seen here but by whoever recomputes it from the log (fsck, mirrors).
Shape after A. Langley et al., Revocation Transparency (2012); prefixes as in RFC 6962.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ledger.encoding import from_base64, from_decimal, from_utf8, to_base64
from ledger.entry import EMPTY, Head, is_stream
from ledger.errors import VerificationError
from ledger.merkle import HASH_BYTES, node_digest

MAP_STREAM = "ledger/map"
EMPTY_SUBTREE = bytes(HASH_BYTES)
# Two keys part at one of their bits, so no path is longer.
MAX_SIBLINGS = 8 * HASH_BYTES

_PROOF_TITLE = "mingan/map-proof/v1"
_ROOT_TITLE = b"mingan/map/v1\n"


def map_key(stream: str) -> bytes:
    """The place of a stream in the map."""
    return sha256(stream.encode("ascii")).digest()


def map_leaf(key: bytes, length: int, head: bytes) -> bytes:
    """The digest of one stream: `length` entries, the last with leaf hash `head`."""
    return sha256(b"\x00" + key + length.to_bytes(8, "big") + head).digest()


@dataclass(frozen=True)
class MapLeaf:
    """A stream in the map, known by its key alone: where it ends."""

    key: bytes
    head: Head

    @property
    def digest(self) -> bytes:
        return map_leaf(self.key, self.head.length, self.head.digest)


@dataclass(frozen=True)
class MapProof:
    """The end of a stream's path (its leaf, another's, or None for nothing) and the siblings."""

    stream: str
    leaf: MapLeaf | None
    siblings: tuple[bytes, ...]

    def verify(self, root: bytes) -> Head:
        """Where the stream ends under this root; EMPTY if it is proven not to exist.

        VerificationError for a proof that shows neither.
        """
        _check_form(self)
        key = map_key(self.stream)
        if self._climb(key) != root:
            raise VerificationError(f"the map proof of {self.stream} leads to another root")
        return self.leaf.head if self.leaf and self.leaf.key == key else EMPTY

    def _climb(self, key: bytes) -> bytes:
        node = self.leaf.digest if self.leaf else EMPTY_SUBTREE
        turns = _leading_bits(key, len(self.siblings))
        for sibling in self.siblings:
            node = node_digest(sibling, node) if turns & 1 else node_digest(node, sibling)
            turns >>= 1
        return node


def format_map_proof(proof: MapProof) -> str:
    """The text of a proof."""
    end, key = "none", map_key(proof.stream)
    if proof.leaf is not None:
        place = f"{proof.leaf.head.length} {to_base64(proof.leaf.head.digest)}"
        own = proof.leaf.key == key
        end = f"found {place}" if own else f"other {to_base64(proof.leaf.key)} {place}"
    lines = [_PROOF_TITLE, f"stream {proof.stream}", end, *map(to_base64, proof.siblings)]
    return "".join(f"{line}\n" for line in lines)


def parse_map_proof(text: str) -> MapProof:
    """Read the text of a proof; VerificationError unless it is that proof's only spelling."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != _PROOF_TITLE or lines[-1]:
        raise VerificationError("not a map proof")
    if len(lines) - 4 > MAX_SIBLINGS:
        raise VerificationError(f"a map proof with more than {MAX_SIBLINGS} siblings")
    stream = lines[1].removeprefix("stream ")
    proof = MapProof(stream, _parse_end(lines[2], stream), tuple(map(_hash, lines[3:-1])))
    _check_form(proof)
    if format_map_proof(proof) != text:
        raise VerificationError("a map proof in another spelling than its own")
    return proof


def format_map_root(root: bytes) -> bytes:
    """The payload by which a root of the map is recorded in stream `ledger/map`."""
    return _ROOT_TITLE + to_base64(root).encode("ascii") + b"\n"


def parse_map_root(payload: bytes) -> bytes:
    """The root in a payload of stream `ledger/map`; VerificationError if it is none."""
    if not payload.startswith(_ROOT_TITLE) or not payload.endswith(b"\n"):
        raise VerificationError("not the root of a map")
    return _hash(from_utf8(payload[len(_ROOT_TITLE) : -1]))


def _check_form(proof: MapProof) -> None:
    """Refuse what no map has on this path, before a digest is computed."""
    if not is_stream(proof.stream):
        raise VerificationError(f"not the name of a stream: {proof.stream[:40]!r}")
    if len(proof.siblings) > MAX_SIBLINGS or any(len(h) != HASH_BYTES for h in proof.siblings):
        raise VerificationError("the siblings of a map proof are at most 256 hashes")
    # Beside an empty neighbour one stream needs no node of its own, and none needs none.
    if proof.siblings and proof.siblings[0] == EMPTY_SUBTREE:
        raise VerificationError("a map proof that goes deeper than the map")
    if proof.leaf is not None:
        _check_leaf(proof.leaf, map_key(proof.stream), len(proof.siblings))


def _check_leaf(leaf: MapLeaf, key: bytes, depth: int) -> None:
    if len(leaf.key) != HASH_BYTES or len(leaf.head.digest) != HASH_BYTES:
        raise VerificationError("a key or head in a map proof is not 32 bytes long")
    if not 0 < leaf.head.length < 1 << 63:
        raise VerificationError("a stream in the map has at least one entry")
    if _leading_bits(leaf.key, depth) != _leading_bits(key, depth):
        raise VerificationError("the other stream in a map proof lies on another path")


def _parse_end(line: str, stream: str) -> MapLeaf | None:
    match line.split(" "):
        case ["found", length, head]:
            return MapLeaf(map_key(stream), _head(length, head)) if is_stream(stream) else None
        case ["other", key, length, head]:
            return MapLeaf(_hash(key), _head(length, head))
        case ["none"]:
            return None
    raise VerificationError("a map proof ends in found, other or none")


def _head(length: str, digest: str) -> Head:
    return Head(from_decimal(length), _hash(digest))


def _hash(text: str) -> bytes:
    content = from_base64(text)
    if len(content) != HASH_BYTES:
        raise VerificationError("a hash of the map is 32 bytes long")
    return content


def _leading_bits(key: bytes, count: int) -> int:
    return int.from_bytes(key, "big") >> (8 * HASH_BYTES - count)
