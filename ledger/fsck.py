"""Checking a whole store: everything recomputed from the commits, everything compared.

    names          no key that a ledger does not know
    commits        gapless, each continuing the one before: links, roots, compact ranges
    entries        well-formed, streams without gap or fork, commands recorded once and whole
    checkpoints    signature, root, one for each published size, the pointer among the newest
    tiles          every byte of tiles and entry bundles equal to what the entries give
    blobs          each one that an entry names is there, each has the digest of its name

Needs no secret: nothing is decrypted, and without the log's public key the store's own is
used and named as such. Reads every object once and writes none; others may write meanwhile.
Memory: about 500 bytes for each entry, and the list of keys.

Two changes nobody can see, because nothing was signed that speaks of them: another nonce in
the very last commit, and the loss of the last commits if they were never published. A lost
old checkpoint looks like a publication that was interrupted: its tiles are noted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256

from ledger.blob import blob_key
from ledger.checkpoint import Checkpoint, read_checkpoint
from ledger.commit import Tip, commit_key, follow, parse_commit
from ledger.encoding import from_utf8
from ledger.entry import Entry, is_blob_name, is_kid, parse_entry
from ledger.errors import NotStored, VerificationError
from ledger.finding import Finding, Level, broken, note, passed
from ledger.index import Index
from ledger.keys import VKEY, parse_vkey_file
from ledger.merkle import leaf_digest
from ledger.note import Verifier, parse_vkey
from ledger.publisher import CHECKPOINTS, POINTER, checkpoint_key, checkpoint_size
from ledger.store import Store
from ledger.tiles import Bundle, Tile, new_bundles, new_tiles, parse_key, split_entries
from ledger.tree import Tree

COMMITS, TILES, BLOBS, KEYS, PROBES = "commit/", "tile/", "blob/", "keys/", "probe/"
_CHUNK_BYTES = 4 << 20


def fsck(store: Store, vkey: str | None) -> Iterator[Finding]:
    """Yield every finding; the store is sound if none of them is broken.

    StoreUnavailable if the store does not answer: then nothing is known.
    """
    yield from _Check(store, vkey).findings()


def is_sound(findings: Iterable[Finding]) -> bool:
    return all(finding.level is not Level.BROKEN for finding in findings)


class _Check:
    """One pass over a store; each step uses what the steps before it found sound."""

    def __init__(self, store: Store, vkey: str | None) -> None:
        self._store = store
        self._vkey = vkey
        # In this order, so that what a writer adds meanwhile cannot look inconsistent:
        # the pointer, then the names, then the commits that they rest on.
        self._pointer = self._stored(POINTER)
        self._keys = list(store.keys(""))
        self._tree = Tree()
        self._sizes: set[int] = {0}  # at which a commit ended
        self._blobs: dict[str, int] = {}  # name -> the first entry that names it
        self._kids: set[str] = set()
        self._published: list[int] = []  # sizes whose checkpoint is sound
        self._whole = True  # all commits could be followed

    def findings(self) -> Iterator[Finding]:
        yield from self._check_names()
        yield from self._check_commits()
        yield from self._check_checkpoints()
        yield from self._check_tiles()
        yield from self._check_blobs()
        yield self._count_keys()

    def _check_names(self) -> Iterator[Finding]:
        for key in self._keys:
            if not _is_known(key):
                yield broken(f"{key}: a ledger has no such key")
            elif key.startswith(PROBES):
                yield note(f"{key}: left by a writer that tested the store")

    def _check_commits(self) -> Iterator[Finding]:
        tip, index = Tip(), Index()
        try:
            while (content := self._stored(commit_key(tip.number))) is not None:
                tip = self._follow(tip, content, index)
        except VerificationError as error:
            self._whole = False
            yield broken(_at(commit_key(tip.number), error))
        yield from self._conclude_commits(tip)

    def _follow(self, tip: Tip, content: bytes, index: Index) -> Tip:
        commit = parse_commit(content)
        after = follow(tip, commit)
        entries = [parse_entry(tip.range.size + at, raw) for at, raw in enumerate(commit.entries)]
        for entry in entries:
            index.add(entry)
        index.check_complete()
        for entry in entries:
            self._take(entry)
        self._sizes.add(after.range.size)
        return after

    def _take(self, entry: Entry) -> None:
        self._tree.append(entry.leaf_hash)
        self._kids.add(entry.kid)
        for name in entry.blobs:
            self._blobs.setdefault(name, entry.index)

    def _conclude_commits(self, tip: Tip) -> Iterator[Finding]:
        later = [key for key in self._under(COMMITS) if key > commit_key(tip.number)]
        if self._whole and later:
            self._whole = False
            yield broken(f"{commit_key(tip.number)}: missing, though {later[0]} is there")
        if self._whole:
            yield passed(f"{COMMITS}: {tip.number} commits, {tip.range.size} entries, no gap")
        else:
            yield note(f"{COMMITS}: nothing from entry {tip.range.size} on could be compared")

    def _check_checkpoints(self) -> Iterator[Finding]:
        try:
            verifier = self._verifier()
        except (VerificationError, NotStored) as error:
            yield broken(_at(VKEY, error))
            return
        yield self._key_finding(verifier)
        for key in self._under(CHECKPOINTS):
            try:
                self._published.append(self._check_checkpoint(key, verifier))
            except VerificationError as error:
                yield broken(_at(key, error))
        yield passed(f"{CHECKPOINTS}: {len(self._published)} signed, with the roots of the commits")
        yield self._pointer_finding(verifier)

    def _verifier(self) -> Verifier:
        own = parse_vkey_file(self._store.get(VKEY))
        if self._vkey is not None and parse_vkey(self._vkey) != own:
            raise VerificationError(f"the store names {own.vkey}, not the given key")
        return own

    def _key_finding(self, verifier: Verifier) -> Finding:
        if self._vkey is None:
            return note(f"{VKEY}: {verifier.vkey} is only the store's own claim; give one by --key")
        return passed(f"{VKEY}: the given key {verifier.vkey}")

    def _check_checkpoint(self, key: str, verifier: Verifier) -> int:
        checkpoint = read_checkpoint(from_utf8(self._stored(key) or b""), [verifier])
        if checkpoint.size != checkpoint_size(key):
            raise VerificationError(f"holds the checkpoint of {checkpoint.size} entries")
        self._compare_root(checkpoint)
        return checkpoint.size

    def _compare_root(self, checkpoint: Checkpoint) -> None:
        if checkpoint.size > self._tree.size and not self._whole:
            return
        if checkpoint.size not in self._sizes:
            raise VerificationError(f"no commit ends at {checkpoint.size} entries")
        if checkpoint.root != self._tree.root(checkpoint.size):
            raise VerificationError("the signed root is not the root of the commits")

    def _pointer_finding(self, verifier: Verifier) -> Finding:
        # One checkpoint may be newer: its writer died before it moved the pointer.
        if self._pointer is None:
            if len(self._published) > 1:
                return broken(f"{POINTER}: missing, though checkpoints are published")
            return note(f"{POINTER}: nothing is published")
        try:
            newest = read_checkpoint(from_utf8(self._pointer), [verifier])
        except VerificationError as error:
            return broken(_at(POINTER, error))
        if self._pointer != self._stored(checkpoint_key(newest.size)):
            return broken(f"{POINTER}: differs from {checkpoint_key(newest.size)}")
        if sum(size > newest.size for size in self._published) > 1:
            return broken(f"{POINTER}: shows {newest.size} entries, newer ones are published")
        return passed(f"{POINTER}: {newest.size} entries")

    def _check_tiles(self) -> Iterator[Finding]:
        expected = {tile.key: tile for tile in self._expected_tiles()}
        present = {key: tile for key in self._under(TILES) if (tile := parse_key(key))}
        for key, tile in expected.items():
            # A partial tile may go once the full one is there.
            if key not in present and tile.full.key not in present:
                yield broken(f"{key}: missing")
        for key, tile in present.items():
            finding = self._tile_finding(tile, key in expected)
            if finding is not None:
                yield finding
        yield passed(f"{TILES}: {len(present)} tiles and entry bundles were looked at")

    def _expected_tiles(self) -> Iterator[Tile | Bundle]:
        old = 0
        for size in sorted(self._published):
            yield from new_tiles(old, size)
            yield from new_bundles(old, size)
            old = size

    def _tile_finding(self, tile: Tile | Bundle, expected: bool) -> Finding | None:
        if tile.stop << tile.height > self._tree.size:
            return None if not self._whole else broken(f"{tile.key}: beyond the last entry")
        if not self._is_right(tile, self._stored(tile.key) or b""):
            return broken(f"{tile.key}: differs from what the entries give")
        return None if expected else note(f"{tile.key}: of a size that was not published")

    def _is_right(self, tile: Tile | Bundle, content: bytes) -> bool:
        hashes = self._tree.nodes(tile.height, tile.first, tile.stop)
        if isinstance(tile, Tile):
            return content == hashes
        try:
            return b"".join(map(leaf_digest, split_entries(content))) == hashes
        except VerificationError:
            return False

    def _check_blobs(self) -> Iterator[Finding]:
        present = {key.removeprefix(BLOBS) for key in self._under(BLOBS)}
        for name in sorted(present | self._blobs.keys()):
            finding = self._blob_finding(name)
            if finding is not None:
                yield finding
        yield passed(f"{BLOBS}: {len(self._blobs)} files are named by entries")

    def _blob_finding(self, name: str) -> Finding | None:
        key, index = blob_key(name), self._blobs.get(name)
        try:
            if self._digest(key) != name:
                return broken(f"{key}: its content has another digest")
        except NotStored:
            return broken(f"{key}: missing, entry {index} names it")
        # Perhaps uploaded and never sent, perhaps about to be.
        return note(f"{key}: no entry names it") if index is None else None

    def _digest(self, key: str) -> str:
        digest, position, size = sha256(), 0, self._store.size(key)
        while position < size:
            digest.update(chunk := self._store.read(key, position, _CHUNK_BYTES))
            position += len(chunk) or _CHUNK_BYTES  # shorter than it said: another digest
        return digest.hexdigest()

    def _count_keys(self) -> Finding:
        present = {key.removeprefix(KEYS) for key in self._under(KEYS)}
        return note(
            f"{KEYS}: {len(present)} data keys, {len(present - self._kids)} of them unused; "
            f"{len(self._kids - present)} that entries name are destroyed or kept elsewhere"
        )

    def _under(self, prefix: str) -> list[str]:
        return [key for key in self._keys if key.startswith(prefix) and _is_known(key)]

    def _stored(self, key: str) -> bytes | None:
        try:
            return self._store.get(key)
        except NotStored:
            return None


def _is_known(key: str) -> bool:
    folder, _, name = key.rpartition("/")
    match folder:
        case "":
            return name in (POINTER, VKEY)
        case "commit" | "checkpoints":
            return len(name) == 20 and name.isascii() and name.isdigit()
        case "blob":
            return is_blob_name(name)
        case "keys":
            return is_kid(name)
        case "probe":
            return True
        case _:
            return parse_key(key) is not None


def _at(key: str, error: Exception) -> str:
    text = str(error)
    return text if text.startswith(key) else f"{key}: {text}"
