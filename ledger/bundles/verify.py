"""Checking a bundle (bundle.py) or a receipt (receipt.py) with nothing but it and a public key.

A bundle, in this order; what follows a broken step is not looked at, it would prove nothing:

    1. names: no file but those that a bundle has
    2. keys: given from outside, or the bundle's own claim
    3. the checkpoint: signed by the log; by which witnesses; stamped at what time
    4. inclusion: each entry and the map's, byte for byte, lead to the checkpoint's root
    5. the stream: numbered from 0 without a gap, each entry naming the one before
    6. completeness: the map has this stream with this length and end, or has no such stream
    7. each disclosure: its digest stands in its entry
    8. extras: which of them a shown field vouches for
    9. the container: no byte of the zip file, not even a date, was changed after it was written

Keys, policy, time stamp and program that lie in a bundle are claims of whoever made it; findings
that rest on them alone say so. standalone.py repeats all steps without this package.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from cryptography.x509 import Certificate

from ledger.bundles.bundle import (
    CHECKPOINT,
    DISCLOSURES,
    ENTRIES,
    EXTRAS,
    MAP,
    MAP_PROOF,
    POLICY,
    PROOF,
    README,
    STREAM,
    TIMESTAMP,
    VERIFIER,
    disclosures_name,
    entry_name,
    read_bundle,
    readme,
    verifier_program,
)
from ledger.bundles.container import Container
from ledger.bundles.endorsed import (
    parse_given_keys,
    signed_finding,
    stamp_finding,
    witness_findings,
)
from ledger.bundles.multiproof import parse_multiproof
from ledger.bundles.shown import Shown, read_shown, vouched_digests
from ledger.bundles.streamcheck import check_stream, erased_keys
from ledger.checking.finding import Finding, broken, note, passed
from ledger.checkpoint import Checkpoint, read_checkpoint
from ledger.encoding import from_decimal, from_utf8
from ledger.entry import PLAIN, Entry, Head, parse_entry
from ledger.errors import VerificationError
from ledger.keys import VKEY, parse_vkey_file
from ledger.mapproof import MAP_STREAM, parse_map_proof, parse_map_root
from ledger.note import Verifier
from ledger.receipt import parse_receipt
from ledger.witnessing.policy import Policy, parse_policy


def verify_bundle(
    source: BinaryIO,
    vkey: str | None,
    *,
    policy: Policy | None = None,
    roots: Iterable[Certificate] = (),
) -> Iterator[Finding]:
    """Yield what was checked, in order; the last finding is the broken one, if any is.

    `vkey` is the log's public key (or both, parted by a blank) from a source the reader trusts,
    or None to take the bundle's own, which proves no more than that the bundle agrees with
    itself. `policy` and `roots` say likewise which witnesses and time-stamping authorities count.
    """
    try:
        container = read_bundle(source)
        for finding in _Check(container.files, policy, tuple(roots)).findings(vkey):
            yield finding
            if finding.is_broken:
                return
        yield _container_finding(container)
    except VerificationError as error:
        yield broken(str(error))


def verify_receipt(
    text: str, raw_entry: bytes | None, vkey: str, *, policy: Policy | None = None
) -> Iterator[Finding]:
    """Yield what was checked of a receipt; the last finding is the broken one, if any is.

    Without the entry's bytes only the checkpoint and the place can be checked, and that is said.
    """
    try:
        receipt, keys = parse_receipt(text), parse_given_keys(vkey)
        if raw_entry is None:
            checkpoint = receipt.verify_place(keys)
        else:
            checkpoint = receipt.verify(raw_entry, keys)
        yield signed_finding(checkpoint, keys)
        yield _receipt_finding(receipt.index, raw_entry)
        yield from witness_findings(checkpoint, policy, None)
    except VerificationError as error:
        yield broken(str(error))


@dataclass(frozen=True)
class _Check:
    """The files of one bundle, and whom beside the log the reader trusts."""

    files: Mapping[str, bytes]
    policy: Policy | None
    roots: tuple[Certificate, ...]

    def findings(self, vkey: str | None) -> Iterator[Finding]:
        yield passed(f"{len(self.files)} files, each one that a bundle has")
        given = parse_given_keys(vkey) if vkey else ()
        keys = self._keys(given)
        yield _key_finding(keys, given)
        checkpoint = self._checkpoint(keys, given or keys)
        yield signed_finding(checkpoint, keys)
        yield from self._endorsements(checkpoint)
        yield from self._contents(checkpoint)
        yield from self._explanations()

    def _contents(self, checkpoint: Checkpoint) -> Iterator[Finding]:
        entries, map_entry = self._entries(), self._map_entry()
        self._check_inclusion((*entries, map_entry), checkpoint)
        yield passed(f"{ENTRIES}: {len(entries)} entries lead to the root of the checkpoint")
        stream = self._stream()
        yield self._complete(stream, check_stream(stream, entries), entries, map_entry)
        yield from _erasures(entries)
        shown = [field for entry in entries for field in self._shown(entry)]
        yield passed(f"{DISCLOSURES}: {len(shown)} shown fields belong to their entries")
        yield from self._extras(entries, shown)

    def _keys(self, given: Sequence[Verifier]) -> tuple[Verifier, ...]:
        with _in(VKEY):
            own = parse_vkey_file(self._file(VKEY))
            if not set(given) <= set(own):
                raise VerificationError("the bundle names another key than the one given")
            return own

    def _checkpoint(self, keys: Sequence[Verifier], trusted: Sequence[Verifier]) -> Checkpoint:
        """Signed by a trusted key of the log, with no false line of any key it names."""
        with _in(CHECKPOINT):
            text = from_utf8(self._file(CHECKPOINT))
            read_checkpoint(text, keys)
            return read_checkpoint(text, trusted)

    def _endorsements(self, checkpoint: Checkpoint) -> Iterator[Finding]:
        with _in(CHECKPOINT):
            yield from witness_findings(checkpoint, self.policy, self._claimed_policy())
        if TIMESTAMP in self.files:
            with _in(TIMESTAMP):
                content, response = self.files[CHECKPOINT], self.files[TIMESTAMP]
                yield stamp_finding(content, response, self.roots)

    def _claimed_policy(self) -> Policy | None:
        with _in(POLICY):
            return parse_policy(self.files[POLICY]) if POLICY in self.files else None

    def _entries(self) -> tuple[Entry, ...]:
        indices = self._indices(ENTRIES)
        strays = set(self._indices(DISCLOSURES)) - set(indices)
        if strays:
            raise VerificationError(f"{DISCLOSURES}: there is no entry {min(strays)}")
        return tuple(self._entry(entry_name(index), index) for index in indices)

    def _map_entry(self) -> Entry:
        """The one entry of the map; it states its root."""
        names = [name for name in self.files if name.startswith(MAP) and name != MAP_PROOF]
        if len(names) != 1:
            raise VerificationError(f"{MAP}: a bundle has one entry of the map, not {len(names)}")
        entry = self._entry(names[0], from_decimal(names[0].removeprefix(MAP)))
        if entry.stream != MAP_STREAM or entry.kid != PLAIN:
            raise VerificationError(f"{names[0]}: not an entry of stream {MAP_STREAM}")
        return entry

    def _entry(self, name: str, index: int) -> Entry:
        with _in(name):
            return parse_entry(index, self.files[name])

    def _check_inclusion(self, entries: Sequence[Entry], checkpoint: Checkpoint) -> None:
        with _in(PROOF):
            proof = parse_multiproof(self._file(PROOF))
            if proof.size != checkpoint.size:
                raise VerificationError("for another size than that of the checkpoint")
            proof.verify({each.index: each.leaf_hash for each in entries}, checkpoint.root)

    def _stream(self) -> str:
        with _in(STREAM):
            text = from_utf8(self._file(STREAM))
            if not text.endswith("\n") or "\n" in text[:-1]:
                raise VerificationError("not one line with the name of a stream")
            return text[:-1]

    def _complete(self, stream: str, head: Head, entries: Sequence[Entry], top: Entry) -> Finding:
        """That the map whose root the entry `top` states has this stream with this end."""
        with _in(MAP_PROOF):
            proof = parse_map_proof(from_utf8(self._file(MAP_PROOF)))
            ends = proof.verify(parse_map_root(top.payload))
            if proof.stream != stream:
                raise VerificationError(f"is about stream {proof.stream}")
            if ends != head or any(each.index >= top.index for each in entries):
                raise VerificationError(f"the stream has {ends.length} entries, not these")
        if not entries:
            return passed(f"{STREAM} {stream}: there is none among the first {top.index} entries")
        return passed(
            f"{STREAM} {stream}: no gap, and these are all {len(entries)} entries of it at size "
            f"{top.index} (what came later, a bundle cannot show)"
        )

    def _shown(self, entry: Entry) -> tuple[Shown, ...]:
        name = disclosures_name(entry.index)
        with _in(name):
            return read_shown(entry, self.files.get(name, b""))

    def _extras(self, entries: Sequence[Entry], shown: Sequence[Shown]) -> Iterator[Finding]:
        names = sorted(name for name in self.files if name.startswith(EXTRAS))
        vouched = vouched_digests(entries, shown) if names else {}
        for name in names:
            words = vouched.get(sha256(self.files[name]).hexdigest())
            found = passed if words else note
            yield found(f"{name}: {words or 'no shown field vouches for it'}")

    def _explanations(self) -> Iterator[Finding]:
        """Nothing proves what explains: who would run the bundle's own program should know."""
        if self.files.get(VERIFIER) != verifier_program():
            yield note(f"{VERIFIER}: is not the program of this version; do not trust what it says")
        if self.files.get(README) != readme():
            yield note(f"{README}: is not the text of this version; nothing vouches for it")

    def _file(self, name: str) -> bytes:
        if name not in self.files:
            raise VerificationError(f"{name} is missing")
        return self.files[name]

    def _indices(self, folder: str) -> list[int]:
        names = (name.removeprefix(folder) for name in self.files if name.startswith(folder))
        return sorted(from_decimal(name.partition(".")[0]) for name in names)


def _key_finding(own: Sequence[Verifier], given: Sequence[Verifier]) -> Finding:
    if given:
        return passed(f"{VKEY}: the given key {given[0].vkey[:200]}")
    return note(
        f"{VKEY}: {own[0].vkey} is only the bundle's own claim; "
        "compare it with a published key, or give one with --vkey"
    )


def _erasures(entries: Sequence[Entry]) -> Iterator[Finding]:
    sealed = Counter(entry.kid for entry in entries)
    for entry in entries:
        for kid in erased_keys(entry):
            yield note(
                f"{entry_name(entry.index)}: records that key {kid} was destroyed; the content of "
                f"{sealed[kid]} entries is erased, their place and the chain are intact"
            )


def _receipt_finding(index: int, raw_entry: bytes | None) -> Finding:
    if raw_entry is None:
        return note(
            f"entry {index}: the log has one, and the proof has the length that its place needs; "
            "what stands there only the entry's own bytes can show"
        )
    return passed(f"entry {index}: these {len(raw_entry)} bytes lead to the root of the checkpoint")


def _container_finding(container: Container) -> Finding:
    if container.changed_at is None:
        return passed("the zip file has the one form, to the byte, that these files give")
    if not container.repacked:
        raise VerificationError(
            f"the zip file was changed at byte {container.changed_at}: "
            "a date or an attribute, not the contents"
        )
    return note(
        "the zip file was packed again by another program; the contents of all files in it hold"
    )


@contextmanager
def _in(name: str) -> Iterator[None]:
    """Put the file's name before what is wrong with it."""
    try:
        yield
    except VerificationError as error:
        text = str(error)
        raise VerificationError(text if name in text else f"{name}: {text}") from None
