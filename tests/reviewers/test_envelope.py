"""A sealed ballot: any two of three open it, nobody alone, and only for its own seat."""

from __future__ import annotations

import base64
import json
import os
from itertools import combinations
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from reviewers.ballot import Ballot, decode, encode
from reviewers.envelope import (
    Context,
    check_envelope,
    finish,
    open_envelope,
    peel,
    read,
    seal,
    slip,
)
from reviewers.errors import EnvelopeRefused

NAMES = ("a", "b", "c")
KEYS = {name: X25519PrivateKey.generate() for name in NAMES}
PRIVATE = {name: key.private_bytes_raw() for name, key in KEYS.items()}
TRUSTEES = [(name, key.public_key().public_bytes_raw()) for name, key in KEYS.items()]
CONTEXT = Context("MA-2026-000001", 1, 3, "2026-12")
PLAIN = b"a ballot".ljust(8192)
VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "envelope" / "v1.json").read_text())


def an_envelope(key: bytes = b"k" * 32, context: Context = CONTEXT) -> bytes:
    return seal(PLAIN, context, TRUSTEES, key, os.urandom(12))


def changed(content: bytes, **parts: object) -> bytes:
    fields = json.loads(content) | parts
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def code_of(content: bytes) -> str:
    with pytest.raises(EnvelopeRefused) as refused:
        check_envelope(content, CONTEXT, NAMES)
    return refused.value.code


@pytest.mark.parametrize(("outer", "inner"), list(combinations(NAMES, 2)))
def test_any_two_trustees_open_a_ballot(outer: str, inner: str) -> None:
    content = an_envelope()
    left = peel(content, PRIVATE[outer], outer, inner)
    key = finish(content, PRIVATE[inner], inner, outer, left)
    assert open_envelope(content, key) == PLAIN


@pytest.mark.parametrize("alone", NAMES)
def test_no_trustee_opens_a_ballot_alone(alone: str) -> None:
    content, own = an_envelope(), PRIVATE[alone]
    for outer, inner in combinations(NAMES, 2):
        held = [read(content).wrap(outer, inner).sealed]
        if outer == alone:
            held.append(peel(content, own, outer, inner))
        for layer in held:
            with pytest.raises(EnvelopeRefused, match="DOES_NOT_OPEN"):
                finish(content, own, inner, outer, layer)


def test_the_three_wraps_hold_what_the_vector_says() -> None:
    content = VECTOR["envelope"].encode()
    private = {each["name"]: bytes.fromhex(each["private"]) for each in VECTOR["trustees"]}
    for pair in VECTOR["pairs"]:
        left = peel(content, private[pair["outer"]], pair["outer"], pair["inner"])
        assert base64.b64encode(left).decode() == pair["peeled"]
        key = finish(content, private[pair["inner"]], pair["inner"], pair["outer"], left)
        assert key.hex() == VECTOR["key"]
    assert slip(content) == VECTOR["slip"]
    assert decode(open_envelope(content, key)) == Ballot.from_fields(VECTOR["ballot"])


def test_what_is_sealed_is_the_vector_but_for_the_fresh_wraps() -> None:
    trustees = [(t["name"], base64.b64decode(t["public"])) for t in VECTOR["trustees"]]
    plain = encode(Ballot.from_fields(VECTOR["ballot"]))
    key, nonce = bytes.fromhex(VECTOR["key"]), bytes.fromhex(VECTOR["nonce"])
    ours = json.loads(seal(plain, Context(**VECTOR["context"]), trustees, key, nonce))
    theirs = json.loads(VECTOR["envelope"])
    assert {**ours, "wraps": []} == {**theirs, "wraps": []}


def test_a_voter_cannot_hide_two_ballots_behind_two_keys() -> None:
    # The wraps of a second envelope hold another key, which opens another ballot.
    one, other = an_envelope(b"k" * 32), an_envelope(b"z" * 32)
    mixed = changed(one, wraps=[*json.loads(one)["wraps"][:2], json.loads(other)["wraps"][2]])
    check_envelope(mixed, CONTEXT, NAMES)  # nothing can be told from outside
    left = peel(mixed, PRIVATE["b"], "b", "c")
    with pytest.raises(EnvelopeRefused):
        finish(mixed, PRIVATE["c"], "c", "b", left)
    with pytest.raises(EnvelopeRefused):
        open_envelope(mixed, b"z" * 32)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"context": {"case_no": "MA-2026-000002", "round": 1, "seat": 3, "rules": "2026-12"}},
         "OTHER_CONTEXT"),
        ({"context": {"case_no": "MA-2026-000001", "round": 2, "seat": 3, "rules": "2026-12"}},
         "OTHER_CONTEXT"),
        ({"context": {"case_no": "MA-2026-000001", "round": 1, "seat": 4, "rules": "2026-12"}},
         "OTHER_CONTEXT"),
        ({"context": {"case_no": "MA-2026-000001", "round": 1, "seat": True, "rules": "2026-12"}},
         "UNREADABLE"),
        ({"context": {}}, "UNREADABLE"),
        ({"wraps": []}, "UNREADABLE"),
        ({"nonce": "AAAA"}, "UNREADABLE"),
        ({"ciphertext": base64.b64encode(bytes(100)).decode()}, "UNREADABLE"),
        ({"key_digest": "x" * 64}, "UNREADABLE"),
        ({"v": "mingan/envelope/v2"}, "UNREADABLE"),
        ({"more": 1}, "UNREADABLE"),
    ],
)  # fmt: skip
def test_an_envelope_of_another_seat_or_form_is_refused(
    change: dict[str, object], code: str
) -> None:
    assert code_of(changed(an_envelope(), **change)) == code


def test_an_envelope_has_one_spelling() -> None:
    content = an_envelope()
    assert code_of(content + b" ") == "UNREADABLE"
    assert code_of(json.dumps(json.loads(content)).encode()) == "UNREADABLE"
    assert code_of(b"x" * 70_000) == "TOO_LARGE"
    for nonsense in (b"", b"[]", b"null", b"{}", b"\xff", b"[" * 60_000):
        assert code_of(nonsense) == "UNREADABLE"


def test_an_envelope_to_other_trustees_is_refused() -> None:
    content = seal(PLAIN, CONTEXT, [*TRUSTEES[:2], ("d", TRUSTEES[2][1])], b"k" * 32, bytes(12))
    assert code_of(content) == "OTHER_TRUSTEES"


def test_a_moved_context_does_not_open() -> None:
    moved = {"case_no": "MA-2026-000002", "round": 1, "seat": 3, "rules": "2026-12"}
    content = changed(an_envelope(), context=moved)
    with pytest.raises(EnvelopeRefused, match="DOES_NOT_OPEN"):
        peel(content, PRIVATE["a"], "a", "b")
    with pytest.raises(EnvelopeRefused, match="SPOILT"):
        open_envelope(content, b"k" * 32)


def test_a_wrong_argument_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="three trustees"):
        seal(PLAIN, CONTEXT, TRUSTEES[:2], b"k" * 32, bytes(12))
