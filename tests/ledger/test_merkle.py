"""The tree is the one of RFC 6962, and its proofs prove nothing else."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from ledger.errors import VerificationError
from ledger.merkle import (
    EMPTY_ROOT,
    CompactRange,
    grow,
    leaf_digest,
    node_digest,
    verify_consistency,
    verify_inclusion,
)
from ledger.tree import Tree

VECTORS = Path(__file__).parents[1] / "vectors" / "ledger"


def cases(name: str) -> list[Any]:
    found = json.loads((VECTORS / f"merkle-{name}.json").read_text())["cases"]
    return [pytest.param(case, id=case["file"]) for case in found]


def test_hashes_are_those_of_rfc_6962() -> None:
    assert EMPTY_ROOT.hex().startswith("e3b0c442")
    assert leaf_digest(b"").hex().startswith("6e340b9c")
    assert leaf_digest(b"L123456").hex().startswith("395aa064")
    assert node_digest(b"N123", b"N456").hex().startswith("aa217fe8")


@pytest.mark.parametrize("case", cases("inclusion"))
def test_inclusion_as_transparency_dev_expects(case: dict[str, Any]) -> None:
    check = _judge(
        verify_inclusion,
        case["leafIdx"],
        case["treeSize"],
        b64decode(case["leafHash"] or ""),
        [b64decode(each) for each in case["proof"] or ()],
        b64decode(case["root"] or ""),
    )
    assert check is not case["wantErr"]


@pytest.mark.parametrize("case", cases("consistency"))
def test_consistency_as_transparency_dev_expects(case: dict[str, Any]) -> None:
    check = _judge(
        verify_consistency,
        case["size1"],
        case["size2"],
        b64decode(case["root1"] or ""),
        b64decode(case["root2"] or ""),
        [b64decode(each) for each in case["proof"] or ()],
    )
    assert check is not case["wantErr"]


def _judge(verify: Any, *arguments: Any) -> bool:
    try:
        verify(*arguments)
    except VerificationError:
        return False
    return True


def entries(count: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(count)]


def hashes(count: int) -> list[bytes]:
    return list(map(leaf_digest, entries(count)))


def a_tree(path: Path, count: int) -> Tree:
    tree = Tree(path)
    tree.add(grow(tree.range, hashes(count)))
    return tree


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256().digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_digest(root_by_definition(leaves[:split]), root_by_definition(leaves[split:]))


def test_roots_and_proofs_of_every_small_tree(tmp_path: Path) -> None:
    tree, leaves = a_tree(tmp_path / "nodes", 70), hashes(70)
    for size in range(1, 71):
        root = tree.root(size)
        assert root == root_by_definition(leaves[:size])
        assert root == grow(CompactRange(), leaves[:size]).after.root
        for index in range(size):
            verify_inclusion(index, size, leaves[index], tree.inclusion(index, size), root)
        for old in range(1, size + 1):
            verify_consistency(old, size, tree.root(old), root, tree.consistency(old, size))


def test_another_implementation_builds_the_same_tree(tmp_path: Path) -> None:
    tree, other = a_tree(tmp_path / "nodes", 300), InmemoryTree(algorithm="sha256")
    for entry in entries(300):
        other.append_entry(entry)
    for size in (1, 2, 3, 7, 8, 100, 255, 256, 257, 300):
        assert tree.root(size) == other.get_root(size)
    for index in (0, 1, 128, 255, 256, 299):
        path = other.prove_inclusion(index + 1, 300).path  # it counts from one
        assert path == [tree.leaf(index), *tree.inclusion(index, 300)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(size=st.integers(2, 300), data=st.data())
def test_a_changed_proof_proves_nothing(tmp_path: Path, size: int, data: st.DataObject) -> None:
    tree = a_tree(tmp_path / "nodes", size)
    index = data.draw(st.integers(0, size - 1))
    proof = list(tree.inclusion(index, size))
    at = data.draw(st.integers(0, len(proof) - 1))
    proof[at] = bytes([proof[at][0] ^ 1]) + proof[at][1:]
    with pytest.raises(VerificationError):
        verify_inclusion(index, size, tree.leaf(index), proof, tree.root(size))
    with pytest.raises(VerificationError):
        verify_inclusion(index, size, tree.leaf(index), proof[:-1], tree.root(size))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=50,
)
@given(st.lists(st.integers(0, 40), max_size=12))
def test_a_tree_grown_in_pieces_equals_one_grown_at_once(tmp_path: Path, pieces: list[int]) -> None:
    leaves, tree = hashes(sum(pieces)), Tree(tmp_path / "pieces")
    for piece in pieces:
        tree.add(grow(tree.range, leaves[tree.size : tree.size + piece]))
        again = Tree(tmp_path / "pieces", tree.size)
        assert again.range == tree.range
    whole = a_tree(tmp_path / "whole", len(leaves))
    assert tree.range == whole.range == grow(CompactRange(), leaves).after
    assert tree.nodes(0, 0, len(leaves)) == b"".join(leaves)
    for height in range(4):
        stop = len(leaves) >> height
        assert tree.nodes(height, 0, stop) == whole.nodes(height, 0, stop)


def test_what_a_killed_process_left_behind_the_end_is_written_over(tmp_path: Path) -> None:
    a_tree(tmp_path / "nodes", 20)
    tree = Tree(tmp_path / "nodes", 7)
    tree.add(grow(tree.range, hashes(20)[7:12]))
    assert [tree.root(size) for size in range(13)] == [
        root_by_definition(hashes(size)) for size in range(13)
    ]


def test_peaks_must_fit_the_size() -> None:
    with pytest.raises(VerificationError):
        CompactRange(3, (bytes(32),))
