"""Real witnesses for tests: in this process, and in processes of their own that can be killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from ledger.checkpoint import Checkpoint, sign_checkpoint
from ledger.note import Signer
from ledger.witnessing.http_post import Answer, post
from ledger.witnessing.witness import WatchedLog
from ledger.witnessing.witness_server import ADD_CHECKPOINT, WitnessServer
from ledger.witnessing.witness_state import Witness, open_witness
from ledger.witnessing.witnesses import format_request
from tests.ledger.notary import AT, ORIGIN, a_checkpoint, a_signer, prove, root_of, some_leaves

ROOT = Path(__file__).parents[2]
NAME = "witness.example/w1"
WATCHED = WatchedLog(ORIGIN, a_signer().verifiers)
SMALL, LARGE = a_checkpoint(3), a_checkpoint(8)
# A second history: the same first three entries, then others.
FORK_LEAVES = some_leaves(3) + some_leaves(8, "fork ")[3:]
FORK = sign_checkpoint(a_signer(), 8, root_of(FORK_LEAVES), AT)


@contextmanager
def a_witness(folder: Path, name: str = NAME, at: int = AT) -> Iterator[Witness]:
    """A witness of the one log of notary.py, without a server; its clock stands still."""
    folder.mkdir(exist_ok=True)
    with open_witness(name, folder / "key", folder / "state", [WATCHED], lambda: at) as witness:
        yield witness


@contextmanager
def a_server(witness: Witness) -> Iterator[WitnessServer]:
    with WitnessServer("127.0.0.1", 0, witness) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def a_config(folder: Path, *signers: Signer) -> Path:
    """A configuration file for a witness process."""
    logs = "".join(
        f"[[log]]\nvkeys = {[key.vkey for key in signer.verifiers]}\n"
        for signer in signers or (a_signer(),)
    )
    path = folder / "witness.toml"
    path.write_text(f'name = "{NAME}"\nlisten = "127.0.0.1:0"\n{logs}')
    return path


@dataclass(frozen=True)
class Running:
    """A witness process, where it listens, and what it printed before."""

    process: subprocess.Popen[str]
    url: str
    printed: tuple[str, ...]


@contextmanager
def a_process(config: Path, *arguments: str) -> Iterator[Running]:
    """`python -m tests.ledger.witness_killed CONFIG ...`, killed at the end if it still runs."""
    command = [sys.executable, "-W", "error", "-m", "tests.ledger.witness_killed", str(config)]
    with (config.parent / "stderr").open("a") as stderr:
        process = subprocess.Popen(
            [*command, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    try:
        yield _wait_until_it_listens(process)
    finally:
        process.kill()
        process.wait(120)
        assert process.stdout is not None
        process.stdout.close()


def _wait_until_it_listens(process: subprocess.Popen[str]) -> Running:
    assert process.stdout is not None
    printed = []
    for line in process.stdout:
        word, _, url = line.strip().rpartition(" ")
        if word == "listening on":
            return Running(process, url, tuple(printed))
        printed.append(line.strip())
    raise AssertionError(f"the witness ended with {process.wait(120)}")


def ask(url: str, old: int, checkpoint: Checkpoint, leaves: list[bytes] | None = None) -> Answer:
    """POST a checkpoint with the honest proof from `old`, or one made of other leaves."""
    leaves = some_leaves(checkpoint.size) if leaves is None else leaves
    body = format_request(old, prove(old, leaves), checkpoint.text)
    return post(url + ADD_CHECKPOINT, body, "text/plain", seconds=120, most=100_000)
