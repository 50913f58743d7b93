"""Two kinds of file that a process keeps beside a log, of any length in constant memory.

`Table` finds two numbers by a 16-byte key: open addressing in a mapped file, so that looking
up needs no call into the system. Pages that were touched are given back after a while: the
system keeps them, but not for this process. What is put is collected first and then written
in the order of its places. Keys are parts of SHA-256 digests; whoever chooses what is hashed
could still make them meet in one place, hence the secret factor. (SQLite takes several times
as long, which would be most of an append.)

`Numbers` is an array of 64-bit numbers that grows at its end.

Both live on the page cache of the system and are never flushed to the disk: see local.py.
"""

from __future__ import annotations

import mmap
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct

from ledger.places import Places

_HEADER = Struct("<QQQ")  # slots, entries, factor
_SLOT = Struct("<16sQQ")
_KEY_BYTES = 16
_FREE = bytes(_KEY_BYTES)
_FIRST_SLOTS = 1 << 15
_WORD = (1 << 64) - 1
# So many pairs wait in memory, and so many places are touched before pages are given back.
_MAX_PENDING = 1 << 15
_TOUCHED = 1 << 10
# Places behind the last one: whoever is pushed on from there need not begin at the front.
_SPILL_SLOTS = 1 << 12
_CHUNK_SLOTS = 1 << 16


class Table:
    """A dictionary from 16 bytes to a pair of numbers below 2^64. Nothing is ever removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pending: dict[bytes, tuple[int, int]] = {}
        self._touched = 0
        self._file = Places(path)
        header = self._file.read(_HEADER.size, 0)
        if header:
            self._read(header)
        else:
            self._factor = int.from_bytes(os.urandom(8), "little") | 1
            self._lay_out(_FIRST_SLOTS)
        self._mapped = mmap.mmap(self._file.descriptor, 0)

    def __len__(self) -> int:
        self.flush()
        return self._entries

    def get(self, key: bytes) -> tuple[int, int] | None:
        """The pair under a key of at least 16 bytes; only the first 16 count."""
        key = key[:_KEY_BYTES]
        pending = self._pending.get(key)
        if pending is not None or not self._entries:
            return pending
        place = self._find(key)
        self._touch()
        if self._mapped[place : place + _KEY_BYTES] != key:
            return None
        _, first, second = _SLOT.unpack_from(self._mapped, place)
        return first, second

    def put(self, key: bytes, first: int, second: int) -> None:
        """Set the pair under a key, whether or not there is one."""
        self._pending[key[:_KEY_BYTES]] = (first, second)
        if len(self._pending) >= _MAX_PENDING:
            self.flush()

    def flush(self) -> None:
        """Write what was put to the file."""
        if (self._entries + len(self._pending)) * 8 > self._slots * 5:
            self._grow()
        # Noted before they are there: whoever is killed now must not leave more than it says.
        self._note(len(self._pending))
        self._write(self._pending.items())
        self._pending = {}
        self._note()

    def close(self) -> None:
        self.flush()
        self._mapped.close()
        self._file.close()

    def _read(self, header: bytes) -> None:
        """OSError if the file is not whole: whoever looks beyond its end would look for ever."""
        found = _HEADER.unpack(header.ljust(_HEADER.size))
        self._slots, self._entries, self._factor = map(int, found)
        length = _HEADER.size + (self._slots + _SPILL_SLOTS) * _SLOT.size
        if self._path.stat().st_size != length or self._entries * 8 > self._slots * 5:
            raise OSError(f"{self._path} is damaged")

    def _find(self, key: bytes) -> int:
        """Where a key is, or the free place where it belongs."""
        mixed = int.from_bytes(key[:8], "little") * self._factor & _WORD
        place = _HEADER.size + (mixed * self._slots >> 64) * _SLOT.size
        while (found := self._mapped[place : place + _KEY_BYTES]) != key and found != _FREE:
            place += _SLOT.size
        return place

    def _write(self, pairs: Iterable[tuple[bytes, tuple[int, int]]]) -> None:
        for place, key, first, second in sorted((self._find(k), k, *pair) for k, pair in pairs):
            # Another key of these may have taken the place meanwhile.
            taken = self._mapped[place : place + _KEY_BYTES] not in (key, _FREE)
            place = self._find(key) if taken else place
            self._entries += self._mapped[place : place + _KEY_BYTES] == _FREE
            _SLOT.pack_into(self._mapped, place, key, first, second)
            self._touch()

    def _touch(self) -> None:
        self._touched += 1
        if self._touched % _TOUCHED == 0:
            self._mapped.madvise(mmap.MADV_DONTNEED)

    def _lay_out(self, slots: int) -> None:
        self._slots, self._entries = slots, 0
        self._file.resize(_HEADER.size + (slots + _SPILL_SLOTS) * _SLOT.size)
        self._note()

    def _note(self, coming: int = 0) -> None:
        header = _HEADER.pack(self._slots, self._entries + coming, self._factor)
        self._file.write(header, 0)

    def _grow(self) -> None:
        """Move everything to a file with four times as many places, in the same order."""
        old, slots = self._file, self._slots
        larger = self._path.with_suffix(".new")
        larger.unlink(missing_ok=True)
        self._file = Places(larger)
        self._lay_out(slots * 4)
        self._mapped.close()
        self._mapped = mmap.mmap(self._file.descriptor, 0)
        for chunk in _held(old, slots):
            self._write(chunk)
        self._note()
        larger.replace(self._path)
        old.close()


class Numbers:
    """Numbers below 2^64 by position. What lies behind `length` may be read, but not relied on."""

    def __init__(self, path: Path, length: int = 0) -> None:
        self._file = Places(path)
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, position: int) -> int:
        return int.from_bytes(self._file.read(8, position * 8), "little")

    def check_whole(self) -> None:
        """OSError if the file is shorter than it should be."""
        if self._length and len(self._file.read(8, 8 * (self._length - 1))) < 8:
            raise OSError("a file of numbers was cut off")

    def find(self, number: int) -> bool:
        """Whether a number is there; they must be in order."""
        at = bisect_left(self, number)
        return at < len(self) and self[at] == number

    def extend(self, numbers: Iterable[int]) -> None:
        added = array("Q", numbers)
        self._file.write(added.tobytes(), self._length * 8)
        self._length += len(added)

    def close(self) -> None:
        self._file.close()


def _held(file: Places, slots: int) -> Iterator[list[tuple[bytes, tuple[int, int]]]]:
    for start in range(0, slots + _SPILL_SLOTS, _CHUNK_SLOTS):
        place = _HEADER.size + start * _SLOT.size
        chunk = file.read(_CHUNK_SLOTS * _SLOT.size, place)
        found = _SLOT.iter_unpack(chunk)
        yield [(key, (first, second)) for key, first, second in found if key != _FREE]
