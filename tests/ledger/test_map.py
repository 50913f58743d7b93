"""The map that a writer keeps is the map of the definition, and proves the same."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import EMPTY, Head
from ledger.map import StreamMap
from ledger.mapproof import format_map_proof, map_key, parse_map_proof
from tests.ledger import mapmodel

NAMES = [f"case/{number}" for number in range(40)]
ABSENT = [f"nobody/{number}" for number in range(5)]


def a_head(length: int, salt: str) -> Head:
    return Head(length, sha256(f"{salt} {length}".encode()).digest())


def close_names(count: int, bits: int) -> list[str]:
    """Streams whose keys begin with the same bits: they meet below the kept prefixes."""
    found, number, wanted = [], 0, map_key("close/0")[: bits // 8]
    while len(found) < count:
        name = f"close/{number}"
        if map_key(name).startswith(wanted):
            found.append(name)
        number += 1
    return found


# Two share 16 bits, three the first eight: every shape of a small tree.
CLOSE = close_names(2, 16) + close_names(4, 8)[1:]
rounds = st.lists(
    st.dictionaries(st.sampled_from(NAMES + CLOSE), st.integers(1, 5), max_size=6), max_size=6
)


@settings(max_examples=60, deadline=None)
@given(rounds)
def test_roots_and_proofs_are_those_of_the_definition(steps: list[dict[str, int]]) -> None:
    with TemporaryDirectory() as folder:
        stream_map, model = StreamMap(Path(folder) / "map"), dict[str, Head]()
        assert stream_map.root == bytes(32)
        for step in steps:
            heads = {name: a_head(length, name) for name, length in step.items()}
            stream_map.update(heads.items())
            model |= heads
            assert stream_map.root == mapmodel.root_of(model)
        for name in {*model, *NAMES[:4], *CLOSE, *ABSENT}:
            proof = stream_map.prove(name)
            assert proof == mapmodel.prove(model, name)
            assert proof.verify(stream_map.root) == model.get(name, EMPTY)
            assert parse_map_proof(format_map_proof(proof)) == proof
        stream_map.close()


def test_a_map_goes_on_where_it_was_closed(tmp_path: Path) -> None:
    model = {name: a_head(1, name) for name in NAMES + CLOSE}
    first = StreamMap(tmp_path / "map")
    first.update(model.items())
    root = first.root
    first.close()
    again = StreamMap(tmp_path / "map")
    assert again.root == root == mapmodel.root_of(model)
    again.update([("case/1", a_head(2, "x"))])
    assert again.root == mapmodel.root_of(model | {"case/1": a_head(2, "x")})
    again.close()


def test_what_was_not_asked_for_is_not_kept(tmp_path: Path) -> None:
    """A process that ends before it states the map says it again from the entries."""
    first = StreamMap(tmp_path / "map")
    first.update([("case/1", a_head(1, "x"))])
    first.close()
    again = StreamMap(tmp_path / "map")
    assert again.root == bytes(32)
    again.close()
