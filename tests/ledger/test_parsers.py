"""Junk raises VerificationError in every parser, never anything else."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import VerificationError, canonical, disclosures_match, read_content
from ledger.bundles.multiproof import format_multiproof, parse_multiproof, prove_leaves
from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Level
from ledger.checkpoint import parse_checkpoint, read_checkpoint
from ledger.commit import parse_commit, parse_header
from ledger.encoding import from_base64, from_base64url, from_decimal, from_utf8
from ledger.entry import lines_of, parse_entry
from ledger.keys import parse_private_key, parse_vkey_file
from ledger.mapproof import format_map_proof, parse_map_proof, parse_map_root
from ledger.note import Note, parse_note, parse_signatures, parse_vkey
from ledger.receipt import parse_receipt
from ledger.seal import parse_disclosure
from ledger.tiles import parse_key, split_entries
from ledger.witnessing.policy import parse_policy
from tests.ledger.builders import SIGNER, a_busy_log, a_store
from tests.ledger.bundles import a_bundle

Parser = Callable[[bytes], Any]


def of_text(parse: Callable[[str], Any]) -> Parser:
    return lambda content: parse(content.decode("utf-8", "surrogateescape"))


PARSERS: dict[str, Parser] = {
    "entry": lambda content: parse_entry(0, content),
    "content": lambda content: read_content(parse_entry(0, content)),
    "lines": lambda content: lines_of(0, [content]),
    "tile": lambda content: parse_key(content.decode("utf-8", "surrogateescape")),
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
    "verified receipt": of_text(
        lambda text: parse_receipt(text).verify(b"an entry", [SIGNER.verifier])
    ),
    "map proof": of_text(parse_map_proof),
    "map proof of another root": of_text(lambda text: parse_map_proof(text).verify(bytes(32))),
    "map root": parse_map_root,
    "inclusion of many": parse_multiproof,
    "policy": parse_policy,
    "signatures": of_text(parse_signatures),
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
        "content": entry.raw,
        "lines": entry.raw,
        "json": entry.payload,
        "json text": entry.payload,
        "map proof": format_map_proof(log.prove_stream("case/0").proof).encode(),
        "map root": log.prove_stream("case/0").map_entry.payload,
        "inclusion of many": format_multiproof(prove_leaves([0, 3], log.size, log.node)).encode(),
        "policy": f"log {SIGNER.vkey}\nquorum none\n".encode(),
        "commit": commit,
        "header": commit,
        "bundle of entries": store.get("tile/entries/000.p/7"),
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
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
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


WRONG_PAYLOADS = {
    "a key more": (b'"type":', b'"x":1,"type":'),
    "a key twice": (b'"type":', b'"type":"x","type":'),
    "a key less": (b'"_sd_alg":"sha-256",', b""),
    "another digest": (b'"sha-256"', b'"sha-512"'),
    "a time in another zone": (b".000Z", b".000+"),
    "a type with a space": (b'"claim.filed"', b'"claim filed"'),
    "a blob that is a path": (b'"blobs":[]', b'"blobs":["../../x"]'),
    "a blob that is a number": (b'"blobs":[]', b'"blobs":[1]'),
    "fields that are no list": (b'"_sd":[', b'"_sd":["a",'),
    "a short seal": (b'"sealed":"', b'"sealed":"AAAA","x":"'),
    "a list": (b"{", b"[{"),
}


@pytest.mark.parametrize("what", WRONG_PAYLOADS)
def test_a_sealed_payload_has_exactly_its_form(samples: dict[str, bytes], what: str) -> None:
    old, new = WRONG_PAYLOADS[what]
    assert old in samples["entry"]
    with pytest.raises(VerificationError):
        read_content(parse_entry(0, samples["entry"].replace(old, new)))


def signed(text: str) -> str:
    return str(SIGNER.sign(text, 1_700_000_000))


def test_a_checkpoint_may_say_more_but_not_less() -> None:
    text = f"{SIGNER.name}\n7\n{'A' * 43}=\n"
    assert parse_checkpoint(signed(text)).size == 7
    assert read_checkpoint(signed(f"{text}an extension\n"), SIGNER.verifiers).size == 7
    for wrong in (f"{SIGNER.name}\n07\n{'A' * 43}=\n", f"{SIGNER.name}\n7\n{'A' * 42}==\n"):
        with pytest.raises(VerificationError):
            parse_checkpoint(str(Note(wrong, parse_note(signed(text)).signatures)))
