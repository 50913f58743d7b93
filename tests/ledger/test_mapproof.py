"""A map proof says how long a stream is, or that there is none, and can say nothing else."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.encoding import to_base64
from ledger.entry import EMPTY, Head
from ledger.errors import VerificationError
from ledger.mapproof import (
    EMPTY_SUBTREE,
    MapLeaf,
    MapProof,
    format_map_proof,
    format_map_root,
    map_key,
    map_leaf,
    parse_map_proof,
    parse_map_root,
)
from ledger.merkle import node_digest
from tests.ledger.mapmodel import prove, root_of


def a_head(text: str, length: int = 1) -> Head:
    return Head(length, sha256(text.encode()).digest())


STREAMS = {f"case/{number}": a_head(f"last of {number}", number + 1) for number in range(40)}
ROOT = root_of(STREAMS)

streams = st.dictionaries(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=8),
    st.builds(Head, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32)),
    max_size=30,
)


def refused(proof: MapProof, root: bytes = ROOT) -> bool:
    try:
        proof.verify(root)
    except VerificationError:
        return True
    return False


@given(streams, st.sampled_from(["case/1", "a", "~"]))
def test_every_stream_is_proven_with_its_end_and_every_other_one_absent(
    heads: dict[str, Head], other: str
) -> None:
    for stream in {*heads, other}:
        proof = parse_map_proof(format_map_proof(prove(heads, stream)))
        assert proof.verify(root_of(heads)) == heads.get(stream, EMPTY)


def test_an_empty_map_has_no_stream() -> None:
    assert root_of({}) == EMPTY_SUBTREE
    assert MapProof("case/1", None, ()).verify(EMPTY_SUBTREE) == EMPTY


def test_one_stream_is_the_root_itself() -> None:
    head = a_head("only")
    leaf = MapLeaf(map_key("a"), head)
    assert root_of({"a": head}) == leaf.digest == map_leaf(map_key("a"), 1, head.digest)
    assert MapProof("a", leaf, ()).verify(leaf.digest) == head
    assert MapProof("b", leaf, ()).verify(leaf.digest) == EMPTY


@pytest.mark.parametrize("stream", ["case/0", "case/7", "case/39"])
def test_absence_of_a_stream_that_exists_cannot_be_shown(stream: str) -> None:
    honest = prove(STREAMS, stream)
    others = [MapLeaf(map_key(name), head) for name, head in STREAMS.items() if name != stream]
    for depth in range(len(honest.siblings) + 1):
        siblings = honest.siblings[depth:]
        assert refused(MapProof(stream, None, siblings))
        for leaf in others:
            assert refused(MapProof(stream, leaf, siblings))


@pytest.mark.parametrize("stream", ["case/3", "case/39"])
def test_a_shorter_or_longer_stream_or_another_end_cannot_be_shown(stream: str) -> None:
    honest = prove(STREAMS, stream)
    assert honest.leaf
    for head in (
        Head(honest.leaf.head.length - 1, honest.leaf.head.digest),
        Head(honest.leaf.head.length + 1, honest.leaf.head.digest),
        a_head("another end", honest.leaf.head.length),
        Head(0, honest.leaf.head.digest),
        Head(2**63, honest.leaf.head.digest),
        EMPTY,
    ):
        assert refused(replace(honest, leaf=MapLeaf(honest.leaf.key, head)))


def test_a_stream_that_is_none_cannot_be_shown_as_one() -> None:
    proof = prove(STREAMS, "case/99")
    own = MapLeaf(map_key("case/99"), a_head("invented"))
    assert refused(replace(proof, leaf=own))
    assert refused(replace(proof, leaf=own, siblings=(EMPTY_SUBTREE, *proof.siblings)))


def test_the_neighbour_of_another_path_says_nothing_about_this_one() -> None:
    honest = prove(STREAMS, "case/0")
    for stream in ("case/1", "case/2", "case/3"):
        if map_key(stream)[0] >> 7 != map_key("case/0")[0] >> 7:
            assert refused(replace(honest, stream=stream))


def test_a_node_cannot_be_shown_as_the_leaf_of_another_stream() -> None:
    honest = prove(STREAMS, "case/0")
    # The children of an inner node, put in as if they were key and head of a stream.
    assert len(honest.siblings) > 1
    forged = MapLeaf(honest.siblings[0], Head(1, honest.siblings[1]))
    for depth in range(len(honest.siblings)):
        assert refused(MapProof("case/0", forged, honest.siblings[depth:]))


def test_a_map_that_goes_deeper_than_a_map_does_is_refused() -> None:
    """Else one map could be written with two roots, and one root with two proofs."""
    leaf = MapLeaf(map_key("a"), a_head("only"))
    bit = leaf.key[0] >> 7
    pair = (EMPTY_SUBTREE, leaf.digest) if bit else (leaf.digest, EMPTY_SUBTREE)
    assert refused(MapProof("a", leaf, (EMPTY_SUBTREE,)), node_digest(*pair))
    assert refused(MapProof("a", None, (EMPTY_SUBTREE,)), node_digest(EMPTY_SUBTREE, EMPTY_SUBTREE))


@pytest.mark.parametrize(
    "change",
    [
        {"siblings": (b"x" * 32,) * 257},
        {"siblings": (b"x" * 31,)},
        {"siblings": (b"x" * 33,)},
        {"stream": "case 0"},
        {"stream": ""},
        {"stream": "争"},
        {"stream": "x" * 201},
        {"leaf": MapLeaf(b"short", a_head("a"))},
        {"leaf": MapLeaf(map_key("case/0"), Head(1, b"short"))},
    ],
)
def test_what_cannot_be_a_proof_is_refused(change: dict[str, object]) -> None:
    assert refused(replace(prove(STREAMS, "case/0"), **change))  # type: ignore[arg-type]


@settings(max_examples=300)
@given(st.data())
def test_no_changed_text_proves_anything_else(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(["case/0", "case/20", "case/77", "nothing"]))
    text = format_map_proof(prove(STREAMS, stream))
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 50)))
    changed = text[:start] + data.draw(st.text(max_size=50)) + text[stop:]
    try:
        proof = parse_map_proof(changed)
        end = proof.verify(ROOT)
    except VerificationError:
        return
    assert end == STREAMS.get(proof.stream, EMPTY)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("found 1 ", "found 01 "),
        ("found 1 ", "found  1 "),
        ("found 1 ", "found +1 "),
        ("found 1 ", "found 0 "),
        ("found 1 ", f"found {2**63} "),
        ("found 1 ", "Found 1 "),
        ("found 1 ", "none "),
        ("stream case/0", "stream  case/0"),
        ("stream case/0", "case/0"),
        ("v1\n", "v1\r\n"),
        ("v1\n", "v1\n\n"),
        ("v1\n", "v2\n"),
    ],
)
def test_a_proof_has_one_spelling(old: str, new: str) -> None:
    text = format_map_proof(prove(STREAMS, "case/0"))
    assert text.count(old) == 1
    with pytest.raises(VerificationError):
        parse_map_proof(text.replace(old, new))
    for ending in ("\n", " ", "AAAA\n"):
        with pytest.raises(VerificationError):
            parse_map_proof(text + ending)
    with pytest.raises(VerificationError):
        parse_map_proof(text[:-1])


def test_a_stream_cannot_be_its_own_neighbour() -> None:
    proof = prove(STREAMS, "case/0")
    assert proof.leaf
    shown = sha256(b"case/0").digest()
    text = format_map_proof(proof).replace("found ", f"other {to_base64(shown)} ")
    with pytest.raises(VerificationError):
        parse_map_proof(text)


@given(st.binary(max_size=80))
def test_only_the_payload_of_a_root_is_read_as_one(junk: bytes) -> None:
    assert parse_map_root(format_map_root(ROOT)) == ROOT
    for wrong in (junk, format_map_root(ROOT) + junk + b"\n", b"mingan/map/v1\n" + junk):
        with pytest.raises(VerificationError):
            parse_map_root(wrong)
