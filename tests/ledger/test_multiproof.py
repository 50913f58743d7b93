"""One proof for many leaves: it holds for them, for no others, and has one form."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.bundles.multiproof import Multiproof, format_multiproof, parse_multiproof, prove_leaves
from ledger.errors import VerificationError
from ledger.merkle import EMPTY_ROOT, leaf_digest, node_digest, split_point

LEAVES = [leaf_digest(b"%d" % number) for number in range(300)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = split_point(len(leaves))
    return node_digest(root_of(leaves[:middle]), root_of(leaves[middle:]))


def node(height: int, number: int) -> bytes:
    return root_of(LEAVES[number << height : (number + 1) << height])


def a_proof(indices: Sequence[int], size: int) -> Multiproof:
    return prove_leaves(indices, size, node)


def holds(proof: Multiproof, leaves: dict[int, bytes], size: int) -> bool:
    try:
        proof.verify(leaves, root_of(LEAVES[:size]))
    except VerificationError:
        return False
    return True


some = st.integers(1, 300).flatmap(
    lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1), max_size=12))
)


@given(some)
def test_it_holds_for_any_leaves_of_any_tree(drawn: tuple[int, set[int]]) -> None:
    size, indices = drawn
    proof = parse_multiproof(format_multiproof(a_proof(sorted(indices), size)).encode())
    assert holds(proof, {index: LEAVES[index] for index in indices}, size)


@given(some, st.integers(0, 299))
def test_it_holds_for_no_other_leaf(drawn: tuple[int, set[int]], other: int) -> None:
    size, indices = drawn
    proof, leaves = a_proof(sorted(indices), size), {index: LEAVES[index] for index in indices}
    for index in indices:
        assert not holds(proof, leaves | {index: LEAVES[other]}, size) or index == other
        rest = {each: leaf for each, leaf in leaves.items() if each != index}
        assert not holds(proof, rest, size)


def test_each_node_is_listed_once_and_none_that_is_not_needed() -> None:
    assert a_proof(range(300), 300).nodes == {}
    assert list(a_proof([0], 8).nodes) == [(0, 1), (1, 1), (2, 1)]
    assert list(a_proof([0, 1], 8).nodes) == [(1, 1), (2, 1)]
    assert list(a_proof([6], 7).nodes) == [(1, 2), (2, 0)]


def test_a_node_too_many_too_few_or_another_is_refused() -> None:
    proof, leaves = a_proof([3, 77], 299), {3: LEAVES[3], 77: LEAVES[77]}
    assert holds(proof, leaves, 299)
    for place in proof.nodes:
        rest = {key: value for key, value in proof.nodes.items() if key != place}
        assert not holds(Multiproof(299, rest), leaves, 299)
        assert not holds(Multiproof(299, {**rest, place: bytes(32)}), leaves, 299)
    for place in ((0, 3), (0, 5), (8, 0), (20, 0), (0, -1)):
        assert not holds(Multiproof(299, {**proof.nodes, place: bytes(32)}), leaves, 299)


@pytest.mark.parametrize("index", [-1, 300, 2**70])
def test_a_leaf_beyond_the_tree_is_refused(index: int) -> None:
    with pytest.raises(VerificationError):
        a_proof([index], 300)
    with pytest.raises(VerificationError):
        a_proof([3], 300).verify({3: LEAVES[3], index: LEAVES[0]}, root_of(LEAVES))


@settings(max_examples=300)
@given(st.data())
def test_a_changed_text_is_refused(data: st.DataObject) -> None:
    content = format_multiproof(a_proof([3, 77, 200], 299)).encode()
    at = data.draw(st.integers(0, len(content)))
    until = data.draw(st.integers(at, min(len(content), at + 20)))
    changed = content[:at] + data.draw(st.binary(max_size=20)) + content[until:]
    try:
        proof = parse_multiproof(changed)
    except VerificationError:
        return
    assert holds(proof, {each: LEAVES[each] for each in (3, 77, 200)}, 299) == (changed == content)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n0 ", b"\n00 "),
        (b"\n0 ", b"\n+0 "),
        (b"\n0 ", b"\n 0 "),
        (b"\n299\n", b"\n0299\n"),
        (b"\n299\n", b"\n299 \n"),
        (b"\n", b"\r\n"),
        (b"=\n", b"\n"),
        (b"v1", b"v2"),
    ],
)
def test_a_proof_has_one_spelling(old: bytes, new: bytes) -> None:
    content = format_multiproof(a_proof([3], 299)).encode()
    assert old in content
    with pytest.raises(VerificationError):
        parse_multiproof(content.replace(old, new))


def test_lines_out_of_order_or_repeated_are_refused() -> None:
    lines = format_multiproof(a_proof([3], 299)).encode().splitlines(keepends=True)
    for wrong in ([*lines[:2], lines[3], lines[2], *lines[4:]], [*lines[:3], lines[2], *lines[3:]]):
        with pytest.raises(VerificationError):
            parse_multiproof(b"".join(wrong))


def test_ten_thousand_neighbours_need_few_nodes() -> None:
    size, first = 1 << 20, 77_777
    asked = []

    def hash_of(height: int, number: int) -> bytes:
        asked.append((height, number))
        return sha256(b"%d %d" % (height, number)).digest()

    prove_leaves(range(first, first + 10_000), size, hash_of)
    assert len(asked) < 2 * 20
