"""Junk raises VerificationError in every parser, never anything else."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import VerificationError, canonical, disclosures_match
from ledger.checkpoint import parse_checkpoint, read_checkpoint
from ledger.commit import parse_commit, parse_header
from ledger.encoding import from_base64, from_base64url, from_decimal, from_utf8
from ledger.entry import parse_entry
from ledger.finding import Level
from ledger.keys import parse_private_key, parse_vkey_file
from ledger.note import parse_note, parse_vkey
from ledger.receipt import parse_receipt
from ledger.seal import parse_disclosure
from ledger.tiles import split_entries
from ledger.verify import verify_bundle
from tests.ledger.builders import SIGNER, a_busy_log, a_store
from tests.ledger.test_bundle import a_bundle

Parser = Callable[[bytes], Any]


def of_text(parse: Callable[[str], Any]) -> Parser:
    return lambda content: parse(content.decode("utf-8", "surrogateescape"))


PARSERS: dict[str, Parser] = {
    "entry": lambda content: parse_entry(0, content),
    "commit": parse_commit,
    "header": parse_header,
    "bundle of entries": split_entries,
    "json": canonical.loads,
    "json text": of_text(canonical.loads),
    "utf-8": from_utf8,
    "vkey file": parse_vkey_file,
    "note": of_text(parse_note),
    "checkpoint": of_text(parse_checkpoint),
    "signed checkpoint": of_text(lambda text: read_checkpoint(text, [SIGNER.verifier])),
    "receipt": of_text(parse_receipt),
    "disclosure": of_text(parse_disclosure),
    "vkey": of_text(parse_vkey),
    "private key": of_text(parse_private_key),
    "base64": of_text(from_base64),
    "base64url": of_text(from_base64url),
    "decimal": of_text(from_decimal),
}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A sound input of each kind, to be spoiled."""
    store = a_store(tmp_path_factory.mktemp("samples"))
    log = a_busy_log(store)
    entry = next(log.entries(0, 1))
    commit = store.get("commit/00000000000000000000")
    text = b'["AAAAAAAAAAAAAAAAAAAAAA","name",[1,{"a":null}]]'
    return {
        "entry": entry.raw,
        "json": entry.raw,
        "json text": entry.raw,
        "commit": commit,
        "header": commit,
        "bundle of entries": store.get("tile/entries/000.p/6"),
        "note": store.get("checkpoint"),
        "checkpoint": store.get("checkpoint"),
        "signed checkpoint": store.get("checkpoint"),
        "receipt": log.receipt(0).encode(),
        "disclosure": text,
        "vkey file": store.get("log.vkey"),
        "vkey": SIGNER.vkey.encode(),
    }


def accepts(parse: Parser, content: bytes) -> bool:
    try:
        parse(content)
    except VerificationError:
        return False
    return True


@pytest.mark.parametrize("name", PARSERS)
@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_junk_is_refused_properly(name: str, content: bytes) -> None:
    accepts(PARSERS[name], content)


@pytest.mark.parametrize("name", PARSERS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_spoiled_input_is_refused_properly(
    samples: dict[str, bytes], name: str, data: st.DataObject
) -> None:
    sample = samples.get(name, b"AAAA")
    assert name not in samples or accepts(PARSERS[name], sample)
    start = data.draw(st.integers(0, len(sample)))
    stop = data.draw(st.integers(start, min(len(sample), start + 20)))
    accepts(PARSERS[name], sample[:start] + data.draw(st.binary(max_size=20)) + sample[stop:])


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=400))
def test_junk_is_no_bundle(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)):
        findings = list(verify_bundle(BytesIO(start + content), None))
        assert findings[-1].level is Level.BROKEN


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return a_bundle(a_busy_log(a_store(tmp_path_factory.mktemp("bundle"))))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_a_spoiled_bundle_ends_in_findings(bundle: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(bundle)))
    stop = data.draw(st.integers(start, min(len(bundle), start + 30)))
    spoiled = bundle[:start] + data.draw(st.binary(max_size=30)) + bundle[stop:]
    assert list(verify_bundle(BytesIO(spoiled), SIGNER.vkey))


@given(st.lists(st.text(max_size=50), max_size=3))
def test_junk_belongs_to_no_entry(samples: dict[str, bytes], texts: list[str]) -> None:
    if texts:
        assert not disclosures_match(samples["entry"], texts)


WRONG_ENTRIES = {
    "another version": (b'"v":1', b'"v":2'),
    "a version that is true": (b'"v":1', b'"v":true'),
    "a key more": (b'"v":1', b'"v":1,"w":1'),
    "a key twice": (b'"v":1', b'"v":1,"v":1'),
    "a key less": (b',"v":1', b""),
    "a first entry with a past": (b'"prev":""', b'"prev":"' + b"A" * 43 + b'"'),
    "a later entry without one": (b'"seq":0', b'"seq":1'),
    "a negative number": (b'"seq":0', b'"seq":-1'),
    "a fraction": (b'"seq":0', b'"seq":0.0'),
    "a part beyond the last": (b'"part":[1,2]', b'"part":[3,2]'),
    "a part that is none": (b'"part":[1,2]', b'"part":[0,2]'),
    "another digest": (b'"sha-256"', b'"sha-512"'),
    "a time in another zone": (b".000Z", b".000+"),
    "a stream with a space": (b'"case/0"', b'"case 0"'),
    "a blob that is a path": (b'"blobs":[]', b'"blobs":["../../x"]'),
    "a blob that is a number": (b'"blobs":[]', b'"blobs":[1]'),
    "fields that are no list": (b'"_sd":[', b'"_sd":["a",'),
    "a short seal": (b'"sealed":"', b'"sealed":"AAAA","x":"'),
}


@pytest.mark.parametrize("what", WRONG_ENTRIES)
def test_an_entry_has_exactly_its_form(samples: dict[str, bytes], what: str) -> None:
    old, new = WRONG_ENTRIES[what]
    assert old in samples["entry"]
    with pytest.raises(VerificationError):
        parse_entry(0, samples["entry"].replace(old, new))


def test_an_entry_spelled_differently_is_still_that_entry(samples: dict[str, bytes]) -> None:
    spaced = samples["entry"].replace(b'"v":1', b' "v" : 1 ')
    assert parse_entry(0, spaced).raw == spaced
    assert parse_entry(0, spaced).leaf_hash != parse_entry(0, samples["entry"]).leaf_hash


def test_a_checkpoint_may_say_more_but_not_less(tmp_path: Path) -> None:
    text = f"{SIGNER.name}\n7\n{'A' * 43}=\n"
    assert parse_checkpoint(SIGNER.sign(text)).size == 7
    assert read_checkpoint(SIGNER.sign(f"{text}an extension\n"), [SIGNER.verifier]).size == 7
    for wrong in (
        f"{SIGNER.name}\n07\n{'A' * 43}=\n",
        f"{SIGNER.name}\n7\n{'A' * 42}==\n",
        f"{SIGNER.name}\n7\n",
        f"\n7\n{'A' * 43}=\n",
        f"{text}\nafter an empty line\n",
    ):
        with pytest.raises(VerificationError):
            parse_checkpoint(SIGNER.sign(wrong))


def test_a_checkpoint_of_another_origin_is_not_ours() -> None:
    note = SIGNER.sign(f"other.example/log\n7\n{'A' * 43}=\n")
    with pytest.raises(VerificationError):
        read_checkpoint(note, [SIGNER.verifier])
