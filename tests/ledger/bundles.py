"""Bundles for tests: a log to make them of, and ways to take them apart and change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from hashlib import sha256
from io import BytesIO

import pytest

from ledger import Entry, Log, Store, open_entry, write_bundle
from ledger.bundles.bundle import pack
from ledger.bundles.container import read_container
from ledger.bundles.verify import verify_bundle
from ledger.checking.finding import Finding, Level
from tests.ledger.builders import DATA_KEY, SIGNER, a_draft, a_log, a_store

PICTURE = b"the picture that a field vouches for"
Files = dict[str, bytes]
Change = Callable[[bytes], bytes]


def a_log_of_cases(store: Store) -> Log:
    """Three cases among each other, sealed and plain entries, commands of several parts."""
    log = a_log(store)
    for number in range(3):
        add(log, f"case/{number}", 2)
    log.publish()
    shown = a_draft("evidence.shown", {"sha256": sha256(PICTURE).hexdigest(), "who": "buyer"})
    head = log.head("case/1")
    log.append_sealed("case/1", head, [shown, a_draft()], key="shown", data_key=DATA_KEY)
    add(log, "case/2")
    log.append("case/1", log.head("case/1"), [b"a plain payload"], key="plain")
    return log


def add(log: Log, stream: str, count: int = 1) -> tuple[Entry, ...]:
    """`count` sealed entries of one command at the end of a stream."""
    head = log.head(stream)
    drafts = [a_draft(fields={"number": head.length + at, "more": "x"}) for at in range(count)]
    key = f"{stream} at {head.length}"
    return log.append_sealed(stream, head, drafts, key=key, data_key=DATA_KEY)


def a_bundle(log: Log, stream: str = "case/1") -> bytes:
    """The first field of each sealed entry shown, and two extras, one of them vouched for."""
    sealed = [entry for entry in log.stream_entries(stream) if entry.kid == DATA_KEY.kid]
    shown = {
        each.index: [field.text for field in open_entry(each, DATA_KEY)[:1]] for each in sealed
    }
    extras = {"picture.webp": PICTURE, "letter.txt": b"a letter nobody vouches for"}
    return a_plain_bundle(log, stream, shown, extras)


def a_plain_bundle(
    log: Log,
    stream: str,
    shown: Mapping[int, list[str]] | None = None,
    extras: Mapping[str, bytes] | None = None,
) -> bytes:
    target = BytesIO()
    write_bundle(target, log, stream, shown or {}, extras or {})
    return target.getvalue()


def unpacked(bundle: bytes) -> Files:
    return dict(read_container(bundle).files)


def packed(files: Mapping[str, bytes]) -> bytes:
    target = BytesIO()
    pack(target, files)
    return target.getvalue()


def findings(
    bundle: bytes, vkey: str | None = SIGNER.vkey, level: Level | None = None
) -> list[str]:
    """The texts of what the check says, of one level or of all."""
    found: list[Finding] = list(verify_bundle(BytesIO(bundle), vkey))
    return [each.text for each in found if level in (None, each.level)]


def broken(bundle: bytes, vkey: str | None = SIGNER.vkey) -> list[str]:
    return findings(bundle, vkey, Level.BROKEN)


def names(files: Files, folder: str) -> list[str]:
    """The files of a folder, by the numbers in their names."""
    found = (name for name in files if name.startswith(folder))
    return sorted(found, key=lambda name: (len(name), name))


def flip_first(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def flip_middle(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def cut(content: bytes) -> bytes:
    return content[:-1]


def empty(_: bytes) -> bytes:
    return b""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    with closing(a_log_of_cases(a_store(tmp_path_factory.mktemp("verify")))) as log:
        yield log


@pytest.fixture(scope="module")
def bundle(log: Log) -> bytes:
    return a_bundle(log)


@pytest.fixture
def files(bundle: bytes) -> Files:
    return unpacked(bundle)


def said(text: str, bundle: bytes, vkey: str | None = SIGNER.vkey) -> bool:
    return any(text in each for each in findings(bundle, vkey))
