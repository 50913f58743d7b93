"""Project Wycheproof's vectors: signatures that careless verifiers take, or refuse, by mistake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import VerificationError
from ledger.note import Verifier
from ledger.scheme import ED25519, MLDSA44, verify_bytes

VECTORS = Path(__file__).parents[1] / "vectors" / "wycheproof"


def cases(name: str) -> Iterator[Any]:
    for group in json.loads((VECTORS / name).read_text())["testGroups"]:
        key = group["publicKey"]
        public_key = bytes.fromhex(key if isinstance(key, str) else key["pk"])
        for test in group["tests"]:
            yield pytest.param(public_key, test, id=f"{test['tcId']} {test['comment']}")


def is_accepted(kind: bytes, public_key: bytes, test: dict[str, Any]) -> bool:
    try:
        key = Verifier("log.example", public_key, kind).public_key
        verify_bytes(kind, key, bytes.fromhex(test["msg"]), bytes.fromhex(test["sig"]))
    except VerificationError:
        return False
    return True


@pytest.mark.parametrize(("public_key", "test"), list(cases("ed25519_test.json")))
def test_ed25519(public_key: bytes, test: dict[str, Any]) -> None:
    assert is_accepted(ED25519, public_key, test) == (test["result"] == "valid")


@pytest.mark.parametrize(("public_key", "test"), list(cases("mldsa_44_verify_test.json")))
def test_ml_dsa_44(public_key: bytes, test: dict[str, Any]) -> None:
    # Notes are signed with the empty context; a signature made for another is none of ours.
    expected = test["result"] == "valid" and not test.get("ctx")
    assert is_accepted(MLDSA44, public_key, test) == expected


def test_all_vectors_are_there() -> None:
    assert len(list(cases("ed25519_test.json"))) == 151
    assert len(list(cases("mldsa_44_verify_test.json"))) == 180
