"""A witness and its memory: the last checkpoint it signed for each log, on disk before it answers.

    <state>/lock                             held by the one process that may use this folder
    <state>/<hex SHA-256 of origin>.checkpoint    the note it signed last, its own lines included
    <state>/<hex ...>.contradiction-<size>   a checkpoint that proves the log signed two roots

Threats. A witness that forgets can be led to sign a second history. So: the folder is locked
against a second process; each file is replaced whole and synced before its signature leaves; a
stored note that does not carry this witness's signatures stops the start; and so does a key
whose folder is gone, because that key has a past nobody remembers.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from ledger import keys
from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.encoding import from_utf8
from ledger.errors import NotStored, StoreUnavailable, VerificationError
from ledger.note import Cosigner, open_note
from ledger.witnessing.durable import replace_file, sync_folder
from ledger.witnessing.witness import (
    AddCheckpoint,
    Reply,
    WatchedLog,
    contradicts,
    cosign,
    decide,
    parse_request,
)

Clock = Callable[[], float]


class Witness:
    """Answers for its logs. Safe for threads; `open_witness` keeps other processes out."""

    def __init__(
        self, cosigner: Cosigner, logs: Iterable[WatchedLog], state: Path, clock: Clock
    ) -> None:
        """Reads what was signed before; VerificationError if that is not this witness's."""
        self.cosigner = cosigner
        self.logs = tuple(logs)
        self._state = state
        self._clock = clock
        self._by_origin = {log.origin: log for log in self.logs}
        self._locks = {log.origin: Lock() for log in self.logs}
        self._signed = {log.origin: self._load(log) for log in self.logs}

    def add_checkpoint(self, body: bytes) -> Reply:
        """The answer to a POST; StoreUnavailable if what it says could not be kept."""
        try:
            request = parse_request(body)
        except VerificationError as error:
            return Reply(400, f"{error}\n")
        log = self._by_origin.get(request.checkpoint.origin)
        with self._locks[log.origin] if log else Lock():
            return self._decide(log, request)

    def latest(self, log: WatchedLog) -> Checkpoint | None:
        """The checkpoint signed last, with the log's lines and the witness's."""
        return self._signed[log.origin]

    def _decide(self, log: WatchedLog | None, request: AddCheckpoint) -> Reply:
        signed = self._signed[log.origin] if log else None
        decision = decide(log, signed, request)
        if isinstance(decision, Reply):
            if log and decision.status == 422 and contradicts(signed, request):
                self._keep_contradiction(log, request.checkpoint)
            return decision
        assert log is not None, "only a watched log is signed"
        cosigned, lines = cosign(self.cosigner, decision, max(1, int(self._clock())))
        self._write(self._path(log), cosigned.text)
        self._signed[log.origin] = cosigned
        return Reply(200, "".join(map(str, lines)))

    def _keep_contradiction(self, log: WatchedLog, checkpoint: Checkpoint) -> None:
        path = self._state / f"{log.digest}.contradiction-{checkpoint.size}"
        if not path.exists():
            self._write(path, checkpoint.text)
            print(f"{log.origin} signed two roots for {checkpoint.size}: {path}", file=sys.stderr)

    def _path(self, log: WatchedLog) -> Path:
        return self._state / f"{log.digest}.checkpoint"

    def _write(self, path: Path, text: str) -> None:
        try:
            replace_file(path, text.encode("utf-8"))
        except OSError as error:
            raise StoreUnavailable(f"cannot write {path}: {error.strerror}") from None

    def _load(self, log: WatchedLog) -> Checkpoint | None:
        path = self._path(log)
        try:
            text = from_utf8(path.read_bytes())
        except FileNotFoundError:
            return None
        checkpoint = parse_checkpoint(text)
        ours = open_note(text, self.cosigner.verifiers).signatures
        if checkpoint.origin != log.origin or len(ours) != len(self.cosigner.verifiers):
            raise VerificationError(f"{path} is not what this witness signed for {log.origin}")
        return checkpoint


@contextmanager
def open_witness(
    name: str, key: Path, state: Path, logs: Iterable[WatchedLog], clock: Clock
) -> Iterator[Witness]:
    """A witness whose state folder is locked while the context lasts.

    At the first start the folder and the key file are made. StoreUnavailable if another process
    has the folder, NotStored if the folder of an old key is gone.
    """
    _make_folder(state, key)
    with _locked(state):
        if not key.exists():
            keys.save(keys.generate_as(Cosigner, name), key)
        cosigner = keys.load_as(Cosigner, key)
        if cosigner.name != name:
            raise VerificationError(f"{key} holds the key of {cosigner.name}, not of {name}")
        yield Witness(cosigner, logs, state, clock)


def _make_folder(state: Path, key: Path) -> None:
    if state.is_dir():
        return
    if key.exists():
        raise NotStored(
            f"the key {key} is there, but what it has signed ({state}) is gone: "
            "restore the folder, or begin anew with another key"
        )
    state.mkdir(mode=0o700, parents=True)
    sync_folder(state.parent)


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    descriptor = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise StoreUnavailable(f"another process is the witness of {state}") from None
    finally:
        os.close(descriptor)
