"""Files that survive a power failure: what every small keeper of state here does the same way."""

from __future__ import annotations

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in place of another: after a crash at any point one of the two is there, whole.

    On return the new one is on disk. OSError if that fails; then it is unknown which is there.
    One writer at a time for each path: the temporary file has a fixed name, so that crashes
    leave at most one behind.
    """
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make names that were added to or moved in a folder survive a power failure."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
