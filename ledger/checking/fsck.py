"""Checking a whole store: everything recomputed from the commits, everything compared.

    commits        gapless, each continuing the one before: links, roots, compact ranges
    entries        well-formed, streams without gap or fork, commands recorded once and whole
    map            each stated root is that of the streams before it
    checkpoints    signatures, root, one for each published size, the pointer among the newest
    tiles          every byte of tiles and entry bundles equal to what the entries give
    blobs          each one that an entry names is there, each has the digest of its name
    keys           which are destroyed, which erasure was interrupted
    names          no key that a ledger does not know; nothing behind the last commit
    versions       no immutable object was overwritten, hidden or stored a second time

Needs no secret: nothing is decrypted, and without the log's public key the store's own is
used and named as such. Others may write meanwhile. Memory does not grow with the log: what
is needed of it lies in temporary files, about 130 bytes for each entry.

Tiles and entry bundles follow from the commits; `repair` makes again what is missing or wrong
of them. Truth is never repaired.

Two changes nobody can see, because nothing was signed that speaks of them: another nonce in
the very last commit, and the loss of the last commits if they were never published.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.blob import blob_key
from ledger.checking.finding import Finding, broken, note, passed
from ledger.checking.tilecheck import TileCheck
from ledger.checking.walk import Step, Walk
from ledger.checkpoint import Checkpoint, read_checkpoint
from ledger.commit import commit_key
from ledger.content import is_blob_name
from ledger.encoding import from_utf8
from ledger.entry import is_kid
from ledger.errors import NotStored, VerificationError
from ledger.inbox import INBOX
from ledger.keys import VKEY, parse_vkey_file
from ledger.note import Verifier, parse_vkey
from ledger.publisher import CHECKPOINTS, POINTER, checkpoint_key, size_in
from ledger.stores.steps import is_step
from ledger.stores.store import Store
from ledger.table import Table
from ledger.tiles import WIDTH, Bundle, Tile, parse_key

COMMITS, TILES, BLOBS, KEYS, PROBES = "commit/", "tile/", "blob/", "keys/", "probe/"
_CHUNK_BYTES = 4 << 20
_ONCE = ("checkpoints", "commit", "blob", "tile", "timestamps", VKEY)

Progress = Callable[[int], None]


def fsck(
    store: Store,
    vkey: str | None,
    *,
    repair: bool = False,
    progress: Progress = lambda entries: None,
) -> Iterator[Finding]:
    """Yield every finding; the store is sound if none of them is broken.

    `progress` is told how many entries are checked. StoreUnavailable if the store does not
    answer: then nothing is known.
    """
    with TemporaryDirectory(prefix="mingan-fsck-") as folder:
        check = _Check(store, vkey, Path(folder), repair)
        try:
            yield from check.findings(progress)
        finally:
            check.close()


def is_sound(findings: Iterable[Finding]) -> bool:
    return not any(finding.is_broken for finding in findings)


class _Check:
    """One pass over a store; each step uses what the steps before it found sound."""

    def __init__(self, store: Store, vkey: str | None, folder: Path, repair: bool) -> None:
        self._store = store
        self._vkey = vkey
        # In this order, so that what a writer adds meanwhile cannot look inconsistent:
        # the pointer, then what is published, then the commits that it rests on.
        self._pointer = self._stored(POINTER)
        self._listed = array("Q", sorted(_sizes(store)))
        self._published = array("Q")  # sizes whose checkpoint is sound
        self._walk = Walk(store, folder)
        newest = self._listed[-1] if self._listed else 0
        self._tiles = TileCheck(store, self._walk, newest, repair)
        self._whole = True  # all commits could be followed
        self._blobs = Table(folder / "blobs")  # digest of the name -> the first entry
        self._named = (folder / "named").open("w+", encoding="ascii")
        self._kids = Table(folder / "kids")
        self._erased: set[str] = set()

    def findings(self, progress: Progress) -> Iterator[Finding]:
        yield from self._check_commits(progress)
        yield from self._check_checkpoints()
        yield from self._check_partials()
        yield from self._check_blobs()
        yield from self._check_keys()
        yield from self._check_names()
        yield from self._check_versions()

    def close(self) -> None:
        for each in (self._walk, self._blobs, self._kids, self._named):
            each.close()

    def _check_commits(self, progress: Progress) -> Iterator[Finding]:
        try:
            for step in self._walk.steps():
                self._take(step)
                yield from self._tiles.follow(step)
                progress(self._walk.tree.size)
            for digest in self._walk.repeated_commands():
                yield broken(f"{COMMITS}: the command {digest.hex()} is recorded twice")
        except VerificationError as error:
            self._whole = False
            yield broken(str(error))
        yield from self._conclude_commits()

    def _take(self, step: Step) -> None:
        for name, index in step.examined.blobs:
            if self._blobs.get(bytes.fromhex(name)) is None:
                self._blobs.put(bytes.fromhex(name), index, 0)
                self._named.write(f"{name} {index}\n")
        for kid in step.examined.kids:
            self._kids.put(sha256(kid.encode()).digest(), 0, 0)
        self._erased |= step.examined.erased

    def _conclude_commits(self) -> Iterator[Finding]:
        tip = self._walk.tip
        after = commit_key(tip.number)
        later = next((key for key in self._store.keys(COMMITS, after) if key > after), None)
        # Unless both were written after this had looked for the first.
        if self._whole and later is not None and self._stored(after) is None:
            self._whole = False
            yield broken(f"{after}: missing, though {later} is there")
        if self._whole:
            yield passed(f"{COMMITS}: {tip.number} commits, {tip.range.size} entries, no gap")
        else:
            yield note(f"{COMMITS}: nothing from entry {tip.range.size} on could be compared")

    def _check_checkpoints(self) -> Iterator[Finding]:
        try:
            verifiers = self._verifiers()
        except (VerificationError, NotStored) as error:
            yield broken(f"{VKEY}: {error}")
            return
        yield self._key_finding(verifiers)
        for size in self._listed:
            try:
                self._check_checkpoint(size, verifiers)
                self._published.append(size)
            except VerificationError as error:
                yield broken(f"{checkpoint_key(size)}: {error}")
        yield passed(f"{CHECKPOINTS}: {len(self._published)} signed, with the roots of the commits")
        yield self._pointer_finding(verifiers)

    def _verifiers(self) -> tuple[Verifier, ...]:
        own = parse_vkey_file(self._store.get(VKEY))
        if self._vkey is not None and parse_vkey(self._vkey) not in own:
            raise VerificationError(f"the store names {own[0].vkey}, not the given key")
        return own

    def _key_finding(self, verifiers: tuple[Verifier, ...]) -> Finding:
        if self._vkey is None:
            return note(f"{VKEY}: {verifiers[0].vkey} is only the store's own claim; give one")
        return passed(f"{VKEY}: the given key {self._vkey}")

    def _check_checkpoint(self, size: int, verifiers: tuple[Verifier, ...]) -> None:
        note_text = from_utf8(self._stored(checkpoint_key(size)) or b"")
        checkpoint = read_checkpoint(note_text, verifiers)
        if checkpoint.size != size:
            raise VerificationError(f"holds the checkpoint of {checkpoint.size} entries")
        self._compare_root(checkpoint)

    def _compare_root(self, checkpoint: Checkpoint) -> None:
        if checkpoint.size > self._walk.tree.size and not self._whole:
            return
        if not self._walk.is_end(checkpoint.size):
            raise VerificationError(f"no commit ends at {checkpoint.size} entries")
        if checkpoint.root != self._walk.tree.root(checkpoint.size):
            raise VerificationError("the signed root is not the root of the commits")

    def _pointer_finding(self, verifiers: tuple[Verifier, ...]) -> Finding:
        # One checkpoint may be newer: its writer died before it moved the pointer.
        if self._pointer is None:
            if len(self._published) > 1:
                return broken(f"{POINTER}: missing, though checkpoints are published")
            if self._published:  # its writer died before it was written, or it was removed
                return note(f"{POINTER}: missing, {self._published[-1]} entries are signed")
            return note(f"{POINTER}: nothing is published")
        try:
            newest = read_checkpoint(from_utf8(self._pointer), verifiers)
        except VerificationError as error:
            return broken(f"{POINTER}: {error}")
        if self._pointer != self._stored(checkpoint_key(newest.size)):
            return broken(f"{POINTER}: differs from {checkpoint_key(newest.size)}")
        if sum(size > newest.size for size in self._published) > 1:
            return broken(f"{POINTER}: shows {newest.size} entries, newer ones are published")
        later = self._walk.tree.size - newest.size
        unsigned = f"; {later} later ones stand under no signature yet" if later > 0 else ""
        return passed(f"{POINTER}: {newest.size} entries{unsigned}")

    def _check_partials(self) -> Iterator[Finding]:
        for size in self._published:
            if size <= self._walk.tree.size:
                yield from self._tiles.check_partials(size)
        yield passed(f"{TILES}: {self._tiles.checked} tiles and entry bundles were looked at")

    def _check_blobs(self) -> Iterator[Finding]:
        for key in self._store.keys(BLOBS):
            name = key.removeprefix(BLOBS)
            if not is_blob_name(name):
                continue  # a stray, reported as one
            if self._digest(key) != name:
                yield broken(f"{key}: its content has another digest")
            elif self._blobs.get(bytes.fromhex(name)) is None:
                # Perhaps uploaded and never sent, perhaps about to be.
                yield note(f"{key}: no entry names it")
        yield from self._missing_blobs()
        yield passed(f"{BLOBS}: {len(self._blobs)} files are named by entries")

    def _missing_blobs(self) -> Iterator[Finding]:
        self._named.seek(0)
        for line in self._named:
            name, index = line.split()
            try:
                self._store.size(blob_key(name))
            except NotStored:
                yield broken(f"{blob_key(name)}: missing, entry {index} names it")

    def _digest(self, key: str) -> str:
        digest, position, size = sha256(), 0, self._store.size(key)
        while position < size:
            digest.update(chunk := self._store.read(key, position, _CHUNK_BYTES))
            position += len(chunk) or _CHUNK_BYTES  # shorter than it said: another digest
        return digest.hexdigest()

    def _check_keys(self) -> Iterator[Finding]:
        present = used = 0
        for key in self._store.keys(KEYS):
            kid = key.removeprefix(KEYS)
            present += 1
            used += self._kids.get(sha256(kid.encode()).digest()) is not None
            if kid in self._erased:
                yield broken(f"{key}: its erasure is recorded, but the key is still there")
        gone = len(self._kids) - used
        yield note(f"{KEYS}: {present} data keys, {present - used} of them unused")
        if gone and self._whole:
            yield note(
                f"{KEYS}: {gone} that entries name are not here, {len(self._erased)} of them "
                "erased on record: content erased or elsewhere, place and chain intact"
            )

    def _check_names(self) -> Iterator[Finding]:
        for key in self._store.keys(""):
            if not _is_known(key):
                yield broken(f"{key}: a ledger has no such key")
            elif key.startswith(PROBES):
                yield note(f"{key}: left by a writer that tested the store")
            elif key.startswith(INBOX):
                yield note(f"{key}: handed over by a writer, to be committed by another")
            elif key.startswith(TILES) and self._whole:
                yield from self._stray_tile(key)

    def _stray_tile(self, key: str) -> Iterator[Finding]:
        tile = parse_key(key)
        if tile is None:
            return
        if tile.stop << tile.height > self._walk.tree.size:
            if self._is_end():
                yield broken(f"{key}: beyond the last entry")
        elif tile.width < WIDTH and not self._is_right(tile):
            yield broken(f"{key}: differs from what the entries give")

    def _is_end(self) -> bool:
        """Whether nobody has appended since the commits were followed."""
        return self._stored(commit_key(self._walk.tip.number)) is None

    def _is_right(self, tile: Tile | Bundle) -> bool:
        """Whether a partial tile is right, or was found wrong before."""
        named = tile.key in self._tiles.named
        return named or self._tiles.is_right(tile, self._stored(tile.key) or b"")

    def _check_versions(self) -> Iterator[Finding]:
        found = 0
        for each in self._store.irregular(""):
            tile = parse_key(each.key)
            if not each.key.startswith(_ONCE):
                continue
            if tile is not None and tile.width < WIDTH and each.versions <= 1:
                continue  # a partial tile may go once the full one is there
            found += 1
            hidden = " and is hidden by a delete marker" if each.hidden else ""
            yield broken(f"{each.key}: has {each.versions} versions{hidden}, tampered with")
        if not found:
            yield passed(
                "versions: the store remembers nothing that was overwritten, hidden or stored "
                "again (only a bucket with versions would)"
            )

    def _stored(self, key: str) -> bytes | None:
        try:
            return self._store.get(key)
        except NotStored:
            return None


def _sizes(store: Store) -> Iterator[int]:
    for key in store.keys(CHECKPOINTS):
        try:
            yield size_in(key)
        except VerificationError:
            continue  # a stray, reported as one


def _is_known(key: str) -> bool:
    folder, _, name = key.rpartition("/")
    match f"{folder}/":
        case "/":
            return name in (POINTER, VKEY)
        case "commit/" | "checkpoints/" | "timestamps/":
            return len(name) == 20 and name.isascii() and name.isdigit()
        case "blob/":
            return is_blob_name(name)
        case "keys/":
            return is_kid(name)
        case "probe/" | "inbox/":
            return True
        case _:
            return parse_key(key) is not None or is_step(key, POINTER)
