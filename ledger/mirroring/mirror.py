"""A full copy of somebody's log, kept by an association: `python -m ledger mirror CONFIG`.

    <folder>/store/        what serve shows: checkpoint, checkpoints/, tile/, commit/, log.vkey
    <folder>/accepted      the newest checkpoint that continues all before it
    <folder>/evidence/     two signed checkpoints that contradict each other, if it came to that

A look at the source goes like this:

    1. its checkpoint is signed by the log, or it is nothing
    2. the tree under its root begins with the tree that was accepted before, hash by hash
    3. it is written to `accepted`: from here on nothing else will be
    4. each entry bundle hashes to the tree, or it is not kept; then tiles, then `checkpoint`
    5. the commits that hold the same entries, where the source shows them

Killed at any point, the next look goes on: what is in the store was verified before it was
written, and what is there already is not asked for again.

Threats. The server or the network may send anything: only what the signed root vouches for is
kept, bounded in size and time. The log itself may rewrite its history: its own signatures on two
trees that do not fit are the proof, and both are kept; the mirror then keeps what it has, says
so and ends with status 1, now and at each later start. No data keys are fetched or kept. A
log that withholds entries can only be noticed, not convicted.
"""

from __future__ import annotations

import fcntl
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread

from ledger.checkpoint import Checkpoint, read_checkpoint
from ledger.encoding import from_utf8
from ledger.errors import LedgerError, NotStored, StoreUnavailable, Unreachable, VerificationError
from ledger.keys import VKEY, format_vkey_file
from ledger.mirroring.fetched import Fetched
from ledger.mirroring.http_get import Website
from ledger.mirroring.mirror_config import MirrorConfig, load_config
from ledger.mirroring.mirrored_commits import copy_commits, last_tip
from ledger.mirroring.server import LogServer
from ledger.mirroring.tilereader import TileReader
from ledger.publisher import POINTER, checkpoint_key, timestamp_key
from ledger.stores.folder import FolderStore
from ledger.tiles import WIDTH, Bundle, Tile, grown
from ledger.witnessing.durable import replace_file

Say = Callable[[str], None]

_LONGEST_NOTE = 1_000_000
_LONGEST_STAMP = 65_536


class Rewritten(VerificationError):
    """The log signed two histories; both checkpoints are in the evidence folder."""


class Mirror:
    """One copy in one folder; belongs to this process while it is open (see `open_mirror`)."""

    def __init__(self, config: MirrorConfig) -> None:
        self.store = FolderStore(config.folder / "store")
        self._folder = config.folder
        self._verifiers = config.verifiers
        self._source = config.source
        self._tip = last_tip(self.store)
        if not self.store.create(VKEY, format_vkey_file(config.verifiers)):
            raise VerificationError(f"{config.folder} is the copy of a log with other keys")

    @property
    def origin(self) -> str:
        return self._verifiers[0].name

    @property
    def evidence(self) -> Path:
        return self._folder / "evidence"

    def update(self) -> Checkpoint | None:
        """Fetch what is new; the newest checkpoint that is held in full, None if there is none.

        Unreachable, NotStored or VerificationError if the source is of no use now; Rewritten if
        it contradicts what it signed before.
        """
        self.expect_no_evidence()
        with Website(self._source) as site:
            offered = self._read(site.get(POINTER, _LONGEST_NOTE))
            self._weigh(offered, site)
            accepted, held = self._accepted(), self.held()
            if accepted is not None and (held is None or held.size < accepted.size):
                self._copy(held, accepted, site)
            self._copy_commits(site)
        return self.held()

    def held(self) -> Checkpoint | None:
        """The newest checkpoint of which every entry is here."""
        try:
            return self._read(self.store.get(POINTER))
        except NotStored:
            return None

    def expect_no_evidence(self) -> None:
        """Rewritten if the log was convicted before."""
        if self.evidence.exists():
            raise Rewritten(f"{self.origin} HAS REWRITTEN ITS HISTORY: see {self.evidence}")

    def _accepted(self) -> Checkpoint | None:
        path = self._folder / "accepted"
        return self._read(path.read_bytes()) if path.exists() else None

    def _weigh(self, offered: Checkpoint, site: Website) -> None:
        """Accept a larger tree that continues ours; Rewritten if there is a contradiction."""
        accepted, held = self._accepted(), self.held()
        if accepted is None or offered.size > accepted.size:
            tree = Fetched(site, offered).tree
            if accepted is not None and tree.root(accepted.size) != accepted.root:
                self._convict(accepted, offered)
            replace_file(self._folder / "accepted", offered.text.encode("utf-8"))
        elif offered.size == accepted.size:
            if offered.root != accepted.root:
                self._convict(accepted, offered)
        elif held is not None and not _continues(self.store, offered, held):
            self._convict(held, offered)

    def _convict(self, accepted: Checkpoint, offered: Checkpoint) -> None:
        """Keep both: the log's signatures on two trees that do not fit."""
        self.evidence.mkdir(exist_ok=True)
        for name, one in (("accepted", accepted), ("contradicting", offered)):
            replace_file(self.evidence / f"{name}-{one.size}", one.text.encode("utf-8"))
        self.expect_no_evidence()

    def _copy(self, held: Checkpoint | None, target: Checkpoint, site: Website) -> None:
        """Everything between two sizes, verified, then the checkpoint that says so."""
        fetched = Fetched(site, target)
        new = list(grown(held.size if held else 0, target.size))
        full = (each for each in new if each.width == WIDTH and not self._has(each))
        self._keep(fetched.contents(full))
        self._keep(fetched.contents(each for each in new if each.width < WIDTH))
        content = target.text.encode("utf-8")
        self._keep([(checkpoint_key(target.size), content)])
        self._copy_stamp(target, site)
        self.store.replace(POINTER, content, held.text.encode("utf-8") if held else None)

    def _copy_commits(self, site: Website) -> None:
        held = self.held()
        if held is not None and self._tip.range.size < held.size:
            self._tip = copy_commits(self.store, _kept_tree(self.store, held), self._tip, site)

    def _copy_stamp(self, target: Checkpoint, site: Website) -> None:
        key = timestamp_key(target.size)
        try:
            self.store.create(key, site.get(key, _LONGEST_STAMP))
        except (NotStored, Unreachable):
            return  # it has none; nothing here rests on it

    def _has(self, each: Tile | Bundle) -> bool:
        try:
            return self.store.size(each.key) >= 0
        except NotStored:
            return False

    def _keep(self, objects: Iterable[tuple[str, bytes]]) -> None:
        if refused := self.store.create_all(objects):
            raise VerificationError(f"{self._folder}/store/{refused[0]} was changed: remove it")

    def _read(self, content: bytes) -> Checkpoint:
        return read_checkpoint(from_utf8(content), self._verifiers)


def _continues(store: FolderStore, older: Checkpoint, held: Checkpoint) -> bool:
    """Whether the tree that is here begins with one that is shown late, perhaps by a cache."""
    if older.size > held.size:
        return True  # accepted and not copied yet: nothing to compare with
    return _kept_tree(store, held).root(older.size) == older.root


def _kept_tree(store: FolderStore, held: Checkpoint) -> TileReader:
    """The tree that is here, read from the copy."""
    return TileReader(held.size, held.root, lambda tile: store.get(tile.key))


@contextmanager
def open_mirror(config: MirrorConfig) -> Iterator[Mirror]:
    """The mirror in its folder; StoreUnavailable if another process has it."""
    config.folder.mkdir(parents=True, exist_ok=True)
    with (config.folder / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreUnavailable(f"another mirror works in {config.folder}") from None
        yield Mirror(config)


def run(path: Path, say: Say, *, once: bool = False) -> int:
    """Look, copy and serve until interrupted; the answer is the exit status.

    `once`: look once, serve nothing.
    """
    config = load_config(path)
    with open_mirror(config) as mirror, ExitStack() as stack:
        if config.listen is not None and not once:
            say(f"serving the copy at {stack.enter_context(_serving(mirror, *config.listen))}")
        try:
            return _look(mirror, say) if once else _look_again(mirror, config.every, say)
        except Rewritten as error:
            print(f"mirror: {error}\n{_WHAT_NOW}", file=sys.stderr, flush=True)
            return 1


_WHAT_NOW = (
    "        Both checkpoints carry the log's signature and cannot both be true. Nothing more is\n"
    "        copied. Hand the evidence folder on, and ask the operator; remove it to go on."
)


def _look(mirror: Mirror, say: Say) -> int:
    held = mirror.update()
    say(f"{mirror.origin}: {held.size if held else 0} entries are held, every one verified")
    return 0


def _look_again(mirror: Mirror, pause: int, say: Say) -> int:
    while True:
        try:
            _look(mirror, say)
        except Rewritten:
            raise
        except LedgerError as error:
            print(f"mirror: {error}", file=sys.stderr, flush=True)
        time.sleep(pause)


@contextmanager
def _serving(mirror: Mirror, host: str, port: int) -> Iterator[str]:
    with LogServer(host, port, mirror.store, mirror.origin) as server:
        Thread(target=server.serve_forever, name="serve", daemon=True).start()
        try:
            yield server.url
        finally:
            server.shutdown()
