"""Bytes that were written once must be read for ever.

tests/vectors/ledger/ holds a small store and a bundle in the formats of version 2, under the
keys of builders.py, and what they mean. Files there are added, never changed.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ledger import PLAIN, BlobReader, Log, leaf_digest, open_entry, read_content, write_bundle
from ledger.bundles.bundle import README, VERIFIER
from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Level
from ledger.checking.fsck import fsck, is_sound
from ledger.checkpoint import read_checkpoint, sign_checkpoint
from ledger.commit import Tip, follow, parse_commit, write_commit
from ledger.mapproof import parse_map_root
from ledger.note import parse_note
from ledger.stores.folder import FolderStore
from tests.ledger.builders import DATA_KEY, SIGNER

FROZEN = Path(__file__).parents[1] / "vectors" / "ledger"
FACTS: dict[str, Any] = json.loads((FROZEN / "facts.json").read_text())


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A copy: opening a log may write."""
    return FolderStore(Path(shutil.copytree(FROZEN / "store", tmp_path / "store")))


def test_the_frozen_store_is_sound() -> None:
    findings = list(fsck(FolderStore(FROZEN / "store", writing=False), FACTS["vkey"]))
    assert is_sound(findings), "\n".join(map(str, findings))


def test_opening_the_frozen_store_changes_nothing(store: FolderStore, log: Log) -> None:
    frozen = FolderStore(FROZEN / "store", writing=False)
    assert {key: store.get(key) for key in store.keys("")} == {
        key: frozen.get(key) for key in frozen.keys("")
    }
    assert log.size == FACTS["size"]


@pytest.mark.parametrize("fact", FACTS["entries"], ids=lambda fact: f"entry {fact['index']}")
def test_a_frozen_entry_means_what_it_meant(log: Log, fact: dict[str, Any]) -> None:
    entry = next(log.entries(fact["index"], fact["index"] + 1))
    assert sha256(b"\x00" + entry.raw).hexdigest() == fact["leaf"] == entry.leaf_hash.hex()
    assert (entry.stream, entry.seq, list(entry.part), entry.kid) == (
        fact["stream"], fact["seq"], fact["part"], fact["kid"],
    )  # fmt: skip
    if entry.kid == PLAIN:
        assert entry.payload.decode() == fact["payload"]
    else:
        content = read_content(entry)
        assert (content.type, content.at) == (fact["type"], fact["at"])
        assert {each.name: each.value for each in open_entry(entry, DATA_KEY)} == fact["fields"]


def test_frozen_commits_would_be_written_the_same_today(store: FolderStore) -> None:
    tip = Tip()
    for key in store.keys("commit/"):
        commit = parse_commit(store.get(key))
        leaves = list(map(leaf_digest, commit.entries))
        written, growth = write_commit(tip, commit.entries, leaves, commit.header.nonce)
        assert written == commit
        assert follow(tip, commit, leaves) == growth
        tip = commit.tip
    assert tip.range.root.hex() == FACTS["root"]


def test_frozen_checkpoints_hold_and_the_first_line_would_be_the_same_today(
    store: FolderStore,
) -> None:
    """The second signature is by a scheme that may use chance."""
    for key in store.keys("checkpoint"):
        text = store.get(key).decode()
        old = read_checkpoint(text, SIGNER.verifiers)
        new = sign_checkpoint(SIGNER, old.size, old.root, 1_800_000_000)
        assert parse_note(new.text).signatures[0] == parse_note(text).signatures[0]


def test_frozen_proofs_would_be_given_the_same_today(log: Log) -> None:
    assert [each.hex() for each in log.inclusion(6, 10)] == FACTS["inclusion_of_6"]
    assert [each.hex() for each in log.consistency(7, 10)] == FACTS["consistency_7_10"]


def test_the_frozen_map_says_what_it_said(log: Log) -> None:
    for stream, length in FACTS["streams"].items():
        found = log.prove_stream(stream)
        assert found.map_entry.payload.decode() == FACTS["map_root"]
        assert found.proof.verify(parse_map_root(found.map_entry.payload)).length == length


def test_the_frozen_blob_opens(log: Log, store: FolderStore) -> None:
    sealed = (entry for entry in log.entries(0, log.size) if entry.kid != PLAIN)
    name = next(blob for entry in sealed for blob in read_content(entry).blobs)
    plain = FACTS["blob_plaintext"].encode()
    assert BlobReader(store, name, DATA_KEY).read(0, 100) == plain


def test_the_frozen_bundle_holds() -> None:
    with (FROZEN / "bundle.zip").open("rb") as file:
        findings = list(verify_bundle(file, FACTS["vkey"]))
    assert [str(each) for each in findings if each.level is Level.BROKEN] == []


def test_the_frozen_bundle_would_be_written_the_same_today(log: Log) -> None:
    sealed = (entry for entry in log.stream_entries("case/1") if entry.kid != PLAIN)
    shown = {e.index: [each.text for each in open_entry(e, DATA_KEY)] for e in sealed}
    target = BytesIO()
    write_bundle(target, log, "case/1", shown, {"letter.txt": b"a letter\n"})
    assert _files(target.getvalue()) == _files((FROZEN / "bundle.zip").read_bytes())


def _files(content: bytes) -> dict[str, bytes]:
    """Without the explanation and the program, which may improve."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        names = set(archive.namelist()) - {README, VERIFIER}
        return {name: archive.read(name) for name in names}
