"""Checking a bundle (see bundle.py) with nothing but the file and a public key.

In this order; what follows a broken step is not looked at, because it would prove nothing:

    1. the container: a plain zip, every file one that a bundle has, each once
    2. the key: given from outside, or the bundle's own claim
    3. the checkpoint: signed by that key
    4. each entry: its bytes, through its proof, lead to the checkpoint
    5. the stream: numbered from 0 without a gap, each entry naming the one before
    6. each disclosure: its digest stands in its entry
    7. extras: which of them a shown field vouches for
    8. the container again: no byte of it, not even a date, was changed after it was written
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from ledger.bundle import (
    EXTRAS,
    README,
    altered_at,
    disclosures_name,
    entry_name,
    proof_name,
    read_bundle,
)
from ledger.canonical import Json
from ledger.checkpoint import Checkpoint, read_checkpoint
from ledger.encoding import from_decimal, from_utf8
from ledger.entry import Entry, parse_entry
from ledger.errors import VerificationError
from ledger.finding import Finding, broken, note, passed
from ledger.index import Index
from ledger.keys import VKEY, parse_vkey_file
from ledger.note import Verifier, parse_vkey
from ledger.publisher import POINTER
from ledger.receipt import parse_receipt
from ledger.seal import Disclosure, disclosures_match, parse_disclosures

Files = Mapping[str, bytes]


def verify_bundle(source: BinaryIO, vkey: str | None) -> Iterator[Finding]:
    """Yield what was checked, in order; the last finding is the broken one, if any is.

    `vkey` is the log's public key from a source the reader trusts, or None to take the
    bundle's own, which proves no more than that the bundle agrees with itself.
    """
    try:
        files = read_bundle(source)
        yield from _verify(files, vkey)
        yield _container_finding(source, files)
    except VerificationError as error:
        yield broken(str(error))


def _verify(files: Files, vkey: str | None) -> Iterator[Finding]:
    yield passed(f"{len(files)} files, each one that a bundle has")
    verifier = parse_vkey(vkey) if vkey else _own_key(files)
    yield _key_finding(files, verifier, given=vkey is not None)
    checkpoint = _checkpoint(files, verifier)
    yield passed(f"{POINTER}: {checkpoint.origin}, {checkpoint.size} entries, signature holds")
    entries = _entries(files, verifier, checkpoint)
    yield passed(f"entries/: {len(entries)} entries lead to the root of the checkpoint")
    yield _stream_finding(entries)
    shown = tuple(_shown(files, entries))
    yield passed(f"disclosures/: {len(shown)} shown fields belong to their entries")
    yield from _extras(files, entries, shown)


def _container_finding(source: BinaryIO, files: Files) -> Finding:
    at = altered_at(source, files)
    if at is not None:
        raise VerificationError(
            f"the zip file was changed at byte {at}: a date or an attribute, not the contents"
        )
    return passed("the zip file is as it was written, to the byte")


def _own_key(files: Files) -> Verifier:
    with _in(VKEY):
        return parse_vkey_file(_file(files, VKEY))


def _key_finding(files: Files, verifier: Verifier, *, given: bool) -> Finding:
    if not given:
        return note(
            f"{VKEY}: {verifier.vkey} is only the bundle's own claim; "
            "compare it with a published key, or give one with --key"
        )
    if _own_key(files) != verifier:
        raise VerificationError(f"{VKEY}: the bundle names another key than the one given")
    return passed(f"{VKEY}: the given key {verifier.vkey}")


def _checkpoint(files: Files, verifier: Verifier) -> Checkpoint:
    with _in(POINTER):
        return read_checkpoint(from_utf8(_file(files, POINTER)), [verifier])


def _entries(files: Files, verifier: Verifier, checkpoint: Checkpoint) -> tuple[Entry, ...]:
    indices = _indices(files, "entries/")
    for folder in ("proofs/", "disclosures/"):
        stray = set(_indices(files, folder)) - set(indices)
        if stray:
            raise VerificationError(f"{folder}: there is no entry {min(stray)}")
    return tuple(_entry(files, index, verifier, checkpoint) for index in indices)


def _entry(files: Files, index: int, verifier: Verifier, checkpoint: Checkpoint) -> Entry:
    raw = _file(files, entry_name(index))
    with _in(proof_name(index)):
        receipt = parse_receipt(from_utf8(_file(files, proof_name(index))))
        if receipt.index != index or receipt.note != checkpoint.text:
            raise VerificationError("the proof is for another index or another checkpoint")
    with _in(f"{entry_name(index)} with its proof"):
        receipt.verify(raw, [verifier])
    with _in(entry_name(index)):
        return parse_entry(index, raw)


def _stream_finding(entries: tuple[Entry, ...]) -> Finding:
    streams = {entry.stream for entry in entries}
    if len(streams) != 1:
        raise VerificationError(f"entries/: a bundle is about one stream, not {len(streams)}")
    index = Index()
    for entry in entries:
        with _in(entry_name(entry.index)):
            index.add(entry)
    with _in("entries/"):
        index.check_complete()
    return passed(
        f"stream {streams.pop()}: numbers 0 to {len(entries) - 1} without a gap "
        "(whether it went on later, a bundle cannot show)"
    )


@dataclass(frozen=True)
class _Shown:
    """A disclosed field and the entry it belongs to."""

    index: int
    field: Disclosure


def _shown(files: Files, entries: tuple[Entry, ...]) -> Iterator[_Shown]:
    for entry in entries:
        content = files.get(disclosures_name(entry.index), b"")
        with _in(disclosures_name(entry.index)):
            if content and not content.endswith(b"\n"):
                raise VerificationError("the last line is cut off")
            texts = from_utf8(content).split("\n")[:-1]
            if not disclosures_match(entry.raw, texts):
                raise VerificationError("a field that is not in the entry")
            fields = parse_disclosures(texts)
        yield from (_Shown(entry.index, field) for field in fields)


def _extras(
    files: Files, entries: tuple[Entry, ...], shown: tuple[_Shown, ...]
) -> Iterator[Finding]:
    vouched = {blob: f"the encrypted file of entry {e.index}" for e in entries for blob in e.blobs}
    for each in shown:
        for text in _texts(each.field.value):
            vouched[text] = f"stated in field {each.field.name} of entry {each.index}"
    for name in sorted(name for name in files if name.startswith(EXTRAS)):
        proof = vouched.get(sha256(files[name]).hexdigest())
        yield (
            passed(f"{name}: {proof}") if proof else note(f"{name}: no shown field vouches for it")
        )
    if README not in files:
        yield note(f"{README} is missing")


def _texts(value: Json) -> Iterator[str]:
    """Every text in a value at any depth; without recursion, for values can be deep."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, list):
            waiting.extend(each)


def _file(files: Files, name: str) -> bytes:
    if name not in files:
        raise VerificationError(f"{name} is missing")
    return files[name]


def _indices(files: Files, folder: str) -> list[int]:
    """The numbers in the names of a folder's files, each in its only spelling."""
    names = (name.removeprefix(folder) for name in files if name.startswith(folder))
    return sorted(from_decimal(name.partition(".")[0]) for name in names)


@contextmanager
def _in(name: str) -> Iterator[None]:
    """Put the file's name before what is wrong with it."""
    try:
        yield
    except VerificationError as error:
        text = str(error)
        raise VerificationError(text if name in text else f"{name}: {text}") from None
