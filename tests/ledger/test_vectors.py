"""Bytes that were written once must be read for ever.

tests/vectors/ledger/ holds a small store and a bundle as the first release wrote them, under
the keys of builders.py, and what they mean. Files there are added, never changed.
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

from ledger import BlobReader, Log, open_entry, write_bundle
from ledger.bundle import README
from ledger.checkpoint import parse_checkpoint, sign_checkpoint
from ledger.commit import Tip, follow, parse_commit, write_commit
from ledger.finding import Level
from ledger.folder import FolderStore
from ledger.fsck import fsck, is_sound
from ledger.verify import verify_bundle
from tests.ledger.builders import DATA_KEY, SIGNER, a_log

FROZEN = Path(__file__).parents[1] / "vectors" / "ledger"
FACTS: dict[str, Any] = json.loads((FROZEN / "facts.json").read_text())


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """A copy: opening a log may write."""
    return FolderStore(Path(shutil.copytree(FROZEN / "store", tmp_path / "store")))


@pytest.fixture
def log(store: FolderStore) -> Log:
    return a_log(store)


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
    assert entry.leaf_hash.hex() == fact["leaf"]
    assert sha256(b"\x00" + entry.raw).hexdigest() == fact["leaf"]
    assert {each.name: each.value for each in open_entry(entry, DATA_KEY)} == fact["fields"]
    for key in ("stream", "seq", "type", "at"):
        assert getattr(entry, key) == fact[key]
    assert list(entry.part) == fact["part"]


def test_frozen_commits_would_be_written_the_same_today(store: FolderStore) -> None:
    tip = Tip()
    for key in store.keys("commit/"):
        commit = parse_commit(store.get(key))
        assert write_commit(tip, commit.entries, commit.header.nonce) == commit
        tip = follow(tip, commit)
    assert tip.range.root.hex() == FACTS["root"]


def test_frozen_checkpoints_would_be_signed_the_same_today(store: FolderStore) -> None:
    for key in store.keys("checkpoint"):
        text = store.get(key).decode()
        old = parse_checkpoint(text)
        assert sign_checkpoint(SIGNER, old.size, old.root).text == text


def test_frozen_proofs_would_be_given_the_same_today(log: Log) -> None:
    assert [each.hex() for each in log.inclusion(6, 8)] == FACTS["inclusion_of_6"]
    assert [each.hex() for each in log.consistency(6, 8)] == FACTS["consistency_6_8"]


def test_the_frozen_blob_opens(log: Log, store: FolderStore) -> None:
    name = next(blob for entry in log.entries(0, log.size) for blob in entry.blobs)
    plain = FACTS["blob_plaintext"].encode()
    assert BlobReader(store, name, DATA_KEY).read(0, 100) == plain


def test_the_frozen_bundle_holds() -> None:
    with (FROZEN / "bundle.zip").open("rb") as file:
        findings = list(verify_bundle(file, FACTS["vkey"]))
    assert [str(each) for each in findings if each.level is Level.BROKEN] == []


def test_the_frozen_bundle_would_be_written_the_same_today(log: Log) -> None:
    entries = log.stream_entries("case/1")
    shown = {e.index: [each.text for each in open_entry(e, DATA_KEY)] for e in entries}
    target = BytesIO()
    write_bundle(target, log, "case/1", shown, {"letter.txt": b"a letter\n"})
    assert _files(target.getvalue()) == _files((FROZEN / "bundle.zip").read_bytes())


def _files(content: bytes) -> dict[str, bytes]:
    """Without the explanation, whose words may improve."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != README}
