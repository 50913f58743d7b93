"""A demo's three trustees, each in a process of its own beside the portal.

    trustees/trustees.toml         whom the portal asks, written at each start
    trustees/<name>/trustee.toml   what each is run from: python -m reviewers.trustee run ...

All three run on one machine here, which shows how it works and protects nobody; pages say so.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from portal.companions import listen, start, stop
from portal.config import Config
from portal.keyfile import make_private_folder
from portal.logkey import read_or_make_log_key
from portal.speech import say
from portal.trustees.settings import read_trustees
from reviewers.trustee.__main__ import SETTINGS, TOKEN, make

HOLDERS = {"operator": "OPERATOR", "association": "ASSOCIATION", "third": "THIRD"}
WITNESSED = "association"  # asks for its own witness's signature, as an association would
NOWHERE = "http://127.0.0.1:9"  # the discard port, until the trustee says where it listens

_ENTRY = """[[trustee]]
name = "{name}"
holder = "{holder}"
key = "{key}"
token_file = "{name}/{token}"
url = "{url}"
"""


def prepare_trustees(config: Config) -> None:
    """Make keys and settings of the three, unless they are there; they know the log by its keys."""
    folder = _folder(config)
    if folder.exists() or not config.rehearsal:
        return
    signer = read_or_make_log_key(config.keys_folder / "log.key", config.origin)
    vkeys = [verifier.vkey for verifier in signer.verifiers]
    policy = config.folder / "witness" / "policy.txt"
    make_private_folder(folder)
    entries = []
    for name, holder in HOLDERS.items():
        asked = str(policy) if name == WITNESSED and policy.exists() else ""
        key = make(folder / name, name, vkeys, "127.0.0.1:0", asked)
        entries.append(_ENTRY.format(name=name, holder=holder, key=key, token=TOKEN, url=NOWHERE))
    (folder / "trustees.toml").write_text("\n".join(entries))


@contextmanager
def demo_trustees(config: Config) -> Iterator[Config]:
    """The three run while the block lasts; gives the settings of a portal that asks them.

    Nothing is started, and the settings stay, where no demo was made or trustees are named.
    """
    folder = _folder(config)
    if config.trustees or not (folder / "trustees.toml").exists():
        yield config
        return
    owner = os.getpid()
    running = {name: _start(folder / name) for name in HOLDERS}
    try:
        yield replace(config, trustees=read_trustees(str(_addressed(folder, running))))
    finally:
        if os.getpid() == owner:  # a worker that was forked unwinds through here as well
            stop(running.values())


def _folder(config: Config) -> Path:
    return config.folder / "trustees"


def _start(folder: Path) -> subprocess.Popen[str]:
    return start(["reviewers.trustee", "run", str(folder / SETTINGS)], folder / "trustee.log")


def _addressed(folder: Path, running: dict[str, subprocess.Popen[str]]) -> Path:
    """The settings with the address of each that came to listen; one that runs already keeps the
    second out, and its address is the one written before."""
    path = folder / "trustees.toml"
    text = path.read_text()
    for name, process in running.items():
        if url := listen(process).url:
            entry = rf'(token_file = "{name}/[^"]+"\nurl = ")[^"]+'
            text = re.sub(entry, rf"\g<1>{url}", text)
        else:
            say(f"保管人 {name} 没有启动", f"the trustee {name} did not start")
    path.write_text(text)
    return path
