"""A demo's association: a witness in a process of its own, on the loopback address.

    witness/witness.toml    what it is run from: python -m ledger witness witness/witness.toml
    witness/witness.key     its keys; witness/state  what it has signed
    witness/policy.txt      whom the portal asks (C2SP tlog-policy), written at each start

A real association runs the same program on a machine of its own, and the portal is told of it by
MINGAN_WITNESS_POLICY. Whatever happens to the witness, the portal goes on without its signature.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from portal.config import Config
from portal.keyfile import make_private_folder
from portal.logkey import read_or_make_log_key
from portal.speech import say
from portal.witnessing import read_policy

NAME = "association.example/witness"
STOP_SECONDS = 5.0
_LISTENING = "listening on "
_PR_SET_PDEATHSIG = 1  # prctl(2)

_SETTINGS = """# The association's witness of this demo.
name = "{name}"
listen = "127.0.0.1:0"
state = "state"
key = "witness.key"

[[log]]
vkeys = [{vkeys}]
"""


def prepare_witness(config: Config) -> None:
    """Write what the witness is run from, unless it is there; it knows the log by its keys."""
    path = _folder(config) / "witness.toml"
    if path.exists() or not config.rehearsal:
        return
    make_private_folder(path.parent)
    signer = read_or_make_log_key(config.keys_folder / "log.key", config.origin)
    vkeys = ", ".join(f'"{verifier.vkey}"' for verifier in signer.verifiers)
    path.write_text(_SETTINGS.format(name=NAME, vkeys=vkeys))


@contextmanager
def demo_witness(config: Config) -> Iterator[Config]:
    """The witness runs while the block lasts; gives the settings of a portal that asks it.

    Nothing is started, and the settings stay, where no demo was made or a policy is named.
    """
    folder = _folder(config)
    if config.witness_policy is not None or not (folder / "witness.toml").exists():
        yield config
        return
    owner, process = os.getpid(), _start(folder)
    try:
        yield _asking(config, folder, process)
    finally:
        if os.getpid() == owner:  # a worker that was forked unwinds through here as well
            _stop(process)


def _folder(config: Config) -> Path:
    return config.folder / "witness"


def _start(folder: Path) -> subprocess.Popen[str]:
    with (folder / "witness.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ledger", "witness", str(folder / "witness.toml")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # Ctrl+C is for the portal, which ends its witness
            preexec_fn=_ends_with_parent(),
        )


def _asking(config: Config, folder: Path, process: subprocess.Popen[str]) -> Config:
    """The settings with the witness's policy; without it if it never came to listen."""
    policy = folder / "policy.txt"
    if text := _policy(process):
        policy.write_text(text)
    elif not policy.exists():
        say("见证人没有启动", "the witness did not start")
        return config
    # One that runs already keeps the second out; then its address is the one written before.
    return replace(config, witness_policy=read_policy(str(policy)))


def _policy(process: subprocess.Popen[str]) -> str:
    """What it says of itself at its start, as a policy; empty if it ended instead."""
    assert process.stdout is not None, "it was started with a pipe"
    keys: list[str] = []
    for line in process.stdout:
        if line.startswith(_LISTENING):
            return _format(keys, line.removeprefix(_LISTENING).strip())
        keys.append(line.strip())
    return ""


def _format(keys: list[str], url: str) -> str:
    names = [f"key-{number}" for number, _ in enumerate(keys, 1)]
    lines = [f"witness {name} {key} {url}\n" for name, key in zip(names, keys, strict=True)]
    return "".join([*lines, f"group association any {' '.join(names)}\n", "quorum association\n"])


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _ends_with_parent() -> Callable[[], None] | None:
    """Also when the portal is killed; known to Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    with suppress(OSError):
        prctl = ctypes.CDLL(None).prctl
        return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    return None
