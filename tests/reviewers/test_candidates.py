from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.candidates import Fixed, decode, encode
from reviewers.errors import PoolRefused

A_FILE = (
    b'{"excluded":{"r_d":"PRIOR_BUYER"},"strata":{"BUYER_SIDE":[["r_a",1],["r_b",2]],"EXPERT":[]}}'
)
A_POOL = Fixed({"BUYER_SIDE": (("r_a", 1), ("r_b", 2)), "EXPERT": ()}, {"r_d": "PRIOR_BUYER"})
IDS = st.text(alphabet=st.characters(codec="ascii"), max_size=4)


def test_the_file_is_the_published_form() -> None:
    assert encode(A_POOL) == A_FILE
    assert decode(A_FILE) == A_POOL


def test_the_order_of_the_candidates_does_not_show_in_the_file() -> None:
    backwards = Fixed({"EXPERT": (), "BUYER_SIDE": (("r_b", 2), ("r_a", 1))}, A_POOL.excluded)

    assert encode(backwards) == A_FILE


def test_counts_are_those_of_the_file() -> None:
    assert A_POOL.counts == {"BUYER_SIDE": 2, "EXPERT": 0}
    assert A_POOL.exclusions == {"PRIOR_BUYER": 1}


@given(
    st.dictionaries(IDS, st.tuples(st.sampled_from("ABC"), st.integers(1, 2**32 - 1))),
    st.dictionaries(IDS, st.sampled_from(["WORKLOAD", "OTHER"])),
)
def test_every_pool_reads_as_it_was_written(
    pool: dict[str, tuple[str, int]], excluded: dict[str, str]
) -> None:
    left = {id_: code for id_, code in excluded.items() if id_ not in pool}
    strata = {
        name: tuple(sorted((id_, w) for id_, (s, w) in pool.items() if s == name)) for name in "ABC"
    }

    assert decode(encode(Fixed(strata, left))) == Fixed(strata, left)


def file(strata: Any, excluded: Any = None, **more: Any) -> bytes:
    fields = {"excluded": excluded or {}, "strata": strata} | more
    return json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "UNREADABLE"),
        (b"[]", "UNREADABLE"),
        (b"[" * 100_000, "UNREADABLE"),
        (A_FILE + b"\n", "UNREADABLE"),
        (A_FILE.replace(b",2", b", 2"), "UNREADABLE"),
        (A_FILE.replace(b"r_a", b"\xff"), "UNREADABLE"),
        (file({"A": [["r_b", 1], ["r_a", 1]]}), "UNREADABLE"),
        (file({"A": [["r_b", 1, 1]]}), "UNREADABLE"),
        (file({"A": ["r1"]}), "UNREADABLE"),
        (file({"A": [[1, 1]]}), "UNREADABLE"),
        (file({"A": 7}), "UNREADABLE"),
        (file([]), "UNREADABLE"),
        (file({"A": []}, ["r_a"]), "UNREADABLE"),
        (file({"A": []}, {"r_a": 1}), "UNREADABLE"),
        (file({"A": []}, more=1), "UNREADABLE"),
        (file({"A": [["r_a", 0]]}), "BAD_WEIGHT"),
        (file({"A": [["r_a", True]]}), "BAD_WEIGHT"),
        (file({"A": [["r_a", 1.0]]}), "BAD_WEIGHT"),
        (file({"A": [["r_a", 2**32]]}), "BAD_WEIGHT"),
        (file({"A": [["r_a", 1]], "B": [["r_a", 1]]}), "DUPLICATE_ID"),
        (file({"A": [["r_a", 1]]}, {"r_a": "OTHER"}), "DUPLICATE_ID"),
        (A_FILE.replace(b"r_b", "r_评".encode()), "BAD_ID"),
    ],
)
def test_another_file_is_refused_with_its_fault(content: bytes, code: str) -> None:
    with pytest.raises(PoolRefused) as refused:
        decode(content)

    assert refused.value.code == code


def test_two_keys_of_one_name_are_refused() -> None:
    with pytest.raises(PoolRefused, match="UNREADABLE"):
        decode(A_FILE.replace(b'"EXPERT"', b'"BUYER_SIDE"'))
