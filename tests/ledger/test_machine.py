"""Any order of appending, publishing, crashing, reopening, erasing, checking keeps every promise.

Two writers share a store; hypothesis decides who does what, and which call of the store fails.
The model is what the writers were told.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ledger import EMPTY, Entry, Log, NotStored, StoreUnavailable, StreamMoved, Unconfirmed
from ledger.checking.fsck import fsck, is_sound
from ledger.checkpoint import Checkpoint
from ledger.mapproof import parse_map_root
from ledger.merkle import verify_consistency
from tests.ledger import mapmodel
from tests.ledger.builders import DATA_KEY, SIGNER, a_draft
from tests.ledger.fakes import Crash, FailingStore
from tests.ledger.memory import MemoryStore

writers = st.integers(0, 1)
streams = st.sampled_from(["case/1", "case/2", "case/3"])
keys = st.integers(0, 30).map("press {}".format)


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="machine-"))
        self.real = MemoryStore()
        self.stores = [FailingStore(self.real), FailingStore(self.real)]
        self.logs: list[Log | None] = [None, None]
        self.told: dict[str, tuple[Entry, ...]] = {}
        self.tried: set[str] = set()
        self.newest: Checkpoint | None = None
        self.real.create(f"keys/{DATA_KEY.kid}", b"wrapped")

    def teardown(self) -> None:
        for log in self.logs:
            if log is not None:
                log.close()
        rmtree(self.folder, ignore_errors=True)

    def attempt(self, writer: int, action: Callable[[Log], Any]) -> Any:
        """What the action gives; None if it was not confirmed, or the process ended in it."""
        try:
            self.logs[writer] = self.logs[writer] or self._open(writer)
            return action(self.logs[writer])
        except (Unconfirmed, StoreUnavailable):
            return None
        except Crash:
            self.logs[writer] = None
            return None

    def _open(self, writer: int) -> Log:
        return Log.open(self.stores[writer], SIGNER, index=self.folder / f"{writer}")

    @rule(writer=writers, call=st.integers(1, 12), after=st.booleans(), crash=st.booleans())
    def a_call_will_fail(self, writer: int, call: int, after: bool, crash: bool) -> None:
        failure = Crash if crash else StoreUnavailable
        self.stores[writer].fail_at_call(call, "after" if after else "before", failure)

    @rule(writer=writers, stream=streams, key=keys, count=st.integers(1, 3), sealed=st.booleans())
    def append(self, writer: int, stream: str, key: str, count: int, sealed: bool) -> None:
        self.tried.add(key)

        def action(log: Log) -> tuple[Entry, ...]:
            head = log.head(stream)
            if sealed:
                drafts = [a_draft()] * count
                return log.append_sealed(stream, head, drafts, key=key, data_key=DATA_KEY)
            return log.append(stream, head, [key.encode()] * count, key=key)

        try:
            entries = self.attempt(writer, action)
        except StreamMoved:
            return
        if entries is not None:
            assert self.told.setdefault(key, entries) == entries, "told differently before"

    @rule(writer=writers)
    def publish(self, writer: int) -> None:
        checkpoint = self.attempt(writer, Log.publish)
        if checkpoint is None:
            return
        if self.newest is not None:
            old, new = sorted((self.newest, checkpoint), key=lambda each: each.size)
            log = self._reader()
            proof = log.consistency(old.size, new.size)
            verify_consistency(old.size, new.size, old.root, new.root, proof)
        self.newest = checkpoint

    @rule(writer=writers)
    def reopen(self, writer: int) -> None:
        log, self.logs[writer] = self.logs[writer], None
        if log is not None:
            log.close()

    @rule(writer=writers)
    def leave_without_closing(self, writer: int) -> None:
        self.logs[writer] = None

    @rule(writer=writers, stream=streams)
    def erase(self, writer: int, stream: str) -> None:
        try:
            self.attempt(writer, lambda log: log.erase(stream))
        except (NotStored, StreamMoved):
            return

    @rule(writer=writers, stream=streams)
    def prove(self, writer: int, stream: str) -> None:
        found = self.attempt(writer, lambda log: log.prove_stream(stream))
        if found is None:
            return
        log = self._reader()
        before = log.entries(0, found.map_entry.index)
        heads = {entry.stream: entry.head for entry in before}
        root = parse_map_root(found.map_entry.payload)
        assert root == mapmodel.root_of(heads)
        assert found.proof.verify(root) == heads.get(stream, EMPTY)

    @precondition(lambda self: self.told)
    @rule()
    def check(self) -> None:
        """As a stranger who comes along."""
        findings = list(fsck(self.real, SIGNER.vkey))
        erasing = [each for each in findings if "its erasure is recorded" in each.text]
        assert is_sound(set(findings) - set(erasing)), "\n".join(map(str, findings))

    @invariant()
    def everything_told_is_there_once(self) -> None:
        if len(self.told) % 4 == 3:
            self._assert_told(self._reader())

    def _assert_told(self, log: Log) -> None:
        for key, entries in self.told.items():
            assert log.recorded(key) == entries
        commands = [entry for entry in log.entries(0, log.size) if entry.part[0] == 1]
        assert len({entry.command for entry in commands}) == len(commands)

    def _reader(self) -> Log:
        return Log.open(self.real, SIGNER)


TestLedger = LedgerMachine.TestCase
TestLedger.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
