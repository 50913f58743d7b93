"""A demo's association: a witness in a process of its own, on the loopback address.

    witness/witness.toml    what it is run from: python -m ledger witness witness/witness.toml
    witness/witness.key     its keys; witness/state  what it has signed
    witness/policy.txt      whom the portal asks (C2SP tlog-policy), written at each start

A real association runs the same program on a machine of its own, and the portal is told of it by
MINGAN_WITNESS_POLICY. Whatever happens to the witness, the portal goes on without its signature.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from portal.companions import listen, start, stop
from portal.config import Config
from portal.keyfile import make_private_folder
from portal.logkey import read_or_make_log_key
from portal.speech import say
from portal.witnessing import read_policy

NAME = "association.example/witness"

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
    settings = str(folder / "witness.toml")
    owner, process = os.getpid(), start(["ledger", "witness", settings], folder / "witness.log")
    try:
        yield _asking(config, folder, process)
    finally:
        if os.getpid() == owner:  # a worker that was forked unwinds through here as well
            stop([process])


def _folder(config: Config) -> Path:
    return config.folder / "witness"


def _asking(config: Config, folder: Path, process: subprocess.Popen[str]) -> Config:
    """The settings with the witness's policy; without it if it never came to listen."""
    policy = folder / "policy.txt"
    if (said := listen(process)).url:
        policy.write_text(_format(said.lines, said.url))
    elif not policy.exists():
        say("见证人没有启动", "the witness did not start")
        return config
    # One that runs already keeps the second out; then its address is the one written before.
    return replace(config, witness_policy=read_policy(str(policy)))


def _format(keys: Sequence[str], url: str) -> str:
    names = [f"key-{number}" for number, _ in enumerate(keys, 1)]
    lines = [f"witness {name} {key} {url}\n" for name, key in zip(names, keys, strict=True)]
    return "".join([*lines, f"group association any {' '.join(names)}\n", "quorum association\n"])
