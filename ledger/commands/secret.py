"""Where the command line keeps what must not lie in the store, and what it may forget.

    <secrets>/log.key        the two private keys of the log (keys.py)
    <secrets>/master.key     64 hexadecimal digits: wraps the data keys (datakeys.py)
    <secrets>/streams/...    which data key a stream has; may be lost

<secrets> is --secrets, or a folder named like the origin (`/` as `_`) in $MINGAN_LEDGER_HOME,
which is ~/.config/mingan-ledger unless set. All of it is mode 0700 and 0600. Local indexes are
in ~/.cache/mingan-ledger, or where $XDG_CACHE_HOME says; they may be deleted at any time.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ledger import keys
from ledger.commands.report import CannotDo
from ledger.note import Signer
from ledger.witnessing.durable import sync_folder

_MASTER_BYTES = 32


@dataclass(frozen=True)
class Secrets:
    """The private folder of one log."""

    folder: Path

    @property
    def log_key(self) -> Path:
        return self.folder / "log.key"

    @property
    def signed(self) -> Path:
        """What the keys have signed."""
        return self.folder / "signed"

    @property
    def master_key(self) -> Path:
        return self.folder / "master.key"

    @property
    def streams(self) -> Path:
        return self.folder / "streams"

    @property
    def exist(self) -> bool:
        return self.log_key.is_file()

    def signer(self) -> Signer:
        """The keys of the log; CannotDo if they are not here."""
        if not self.exist:
            raise CannotDo(
                f"the private keys of this log are not in {self.folder}",
                "name their folder with --secrets; only who ran `init` has them",
            )
        return keys.load(self.log_key)

    def master(self) -> bytes | None:
        """The master key, if it is here; CannotDo if others may read it or it is none."""
        path = self.master_key
        if not path.is_file():
            return None
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise CannotDo(f"others may read {path}", f"chmod 600 {path}")
        try:
            return _parse_master(path.read_text("ascii"))
        except ValueError:
            raise CannotDo(f"{path} is not a master key", "restore it from a copy") from None

    def make(self, origin: str) -> Signer:
        """The keys of the log, made where they are missing."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.exist:
            keys.save(keys.generate(origin), self.log_key)
        if not self.master_key.exists():
            _write_private(self.master_key, secrets.token_hex(_MASTER_BYTES) + "\n")
        return keys.load(self.log_key)


def secrets_of(origin: str, chosen: Path | None) -> Secrets:
    """The folder for the log of this name."""
    if chosen is not None:
        return Secrets(chosen.absolute())
    home = os.environ.get("MINGAN_LEDGER_HOME")
    root = Path(home).absolute() if home else Path.home() / ".config" / "mingan-ledger"
    name = origin.replace("/", "_")
    return Secrets(root / (name if name.strip(".") else sha256(name.encode()).hexdigest()))


def index_folder(url: str, vkey: str) -> Path | None:
    """Where to keep the local index of a store; None if there is no place for one."""
    try:
        cache = os.environ.get("XDG_CACHE_HOME")
        root = Path(cache).absolute() if cache else Path.home() / ".cache"
    except RuntimeError:  # a user without a home
        return None
    folder = root / "mingan-ledger" / sha256(f"{url}\n{vkey}".encode()).hexdigest()[:32]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder


def _parse_master(text: str) -> bytes:
    master = bytes.fromhex(text)
    if len(master) != _MASTER_BYTES:
        raise ValueError
    return master


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    sync_folder(path.parent)
