"""A random key in a file that only its owner can read, made at first start."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyFileError(Exception):
    """The key file cannot be made, read or trusted."""


def make_private_folder(folder: Path) -> None:
    """Make the folder with mode 0700; an existing one keeps its owner and loses other readers."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise KeyFileError(f"{folder}: {error.strerror}") from error


def read_or_make_key(path: Path) -> str:
    """The key as hex text. Two processes that start together end up with the same one."""
    try:
        if not path.exists():
            _make_key(path)
        return _read_key(path)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from error


def _make_key(path: Path) -> None:
    # Written aside and linked, so that nobody ever reads half a key; the first link wins.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _read_key(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        raise KeyFileError(f"{path}: others may read it; chmod 600 it, or remove it for a new one")
    key = path.read_text().strip()
    if len(key) < 2 * KEY_BYTES:
        raise KeyFileError(f"{path}: too short to be a key; remove it for a new one")
    return key
