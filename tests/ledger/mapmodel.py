"""The map by its definition, slowly: what mapproof.py and map.py must agree with."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from ledger.entry import Head
from ledger.mapproof import MapLeaf, MapProof

Heads = Mapping[str, Head]


def root_of(heads: Heads) -> bytes:
    """The root of the map of these streams."""
    return _root(_leaves(heads), 0)


def prove(heads: Heads, stream: str) -> MapProof:
    """The proof of what the map says of a stream."""
    key, leaves, siblings = _key(stream), _leaves(heads), []
    while len(leaves) > 1:
        bit = key[len(siblings)]
        beside = {other: leaf for other, leaf in leaves.items() if other[len(siblings)] != bit}
        leaves = {other: leaf for other, leaf in leaves.items() if other not in beside}
        siblings.append(_root(beside, len(siblings) + 1))
    leaf = next(iter(leaves.values()), None)
    return MapProof(stream, leaf, tuple(reversed(siblings)))


def _root(leaves: Mapping[str, MapLeaf], depth: int) -> bytes:
    if not leaves:
        return bytes(32)
    if len(leaves) == 1:
        (leaf,) = leaves.values()
        length = leaf.head.length.to_bytes(8, "big")
        return sha256(b"\0" + leaf.key + length + leaf.head.digest).digest()
    halves = ({k: v for k, v in leaves.items() if k[depth] == bit} for bit in "01")
    left, right = (_root(half, depth + 1) for half in halves)
    return sha256(b"\1" + left + right).digest()


def _leaves(heads: Heads) -> dict[str, MapLeaf]:
    """Leaves by their keys, a text of 256 zeros and ones."""
    return {
        _key(name): MapLeaf(sha256(name.encode()).digest(), head) for name, head in heads.items()
    }


def _key(stream: str) -> str:
    return f"{int.from_bytes(sha256(stream.encode()).digest(), 'big'):0256b}"
