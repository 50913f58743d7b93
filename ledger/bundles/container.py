"""The zip file of a bundle: nothing compressed, and for the same files always the same bytes.

    each file       PKZIP local header (APPNOTE 4.3.7), name, content
    directory       one central header (4.3.12) for each, in the same order
    end             4.3.16; from 65,536 files on with the zip64 records (4.3.14, 4.3.15) before it

Every field that says nothing about the content is fixed: version 2.0, Unix, mode 0644, time
1980-01-01, no comment, no extra field. Any tool opens it.

Threat: no checksum covers dates, attributes and gaps of a zip file, and two tools may read two
different files from one archive. So a container is read by writing it anew and comparing; what
differs is opened by the standard library, so that its contents can be looked at all the same, and
the difference is told. Somebody who packs an unpacked bundle again changes every header; a byte
that was damaged or forged leaves the others as they were.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO

from ledger.errors import VerificationError

# Opened by people on ordinary machines; evidence videos do not go into a bundle.
MAX_BYTES = 1 << 30
MAX_FILES = 1 << 20
# Text does not shrink more; a small file that unpacks to gigabytes is an attack.
_MOST_SHRUNK = 100

_UNIX_2_0, _VERSION, _ZIP64 = 3 << 8 | 20, 20, 45
_NEW_YEAR_1980, _MODE = 0x21, 0o644 << 16
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q4sLQL")
_END = struct.Struct("<4s4H2LH")
# What zipfile raises when it is fed with junk, as far as its code shows.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,  # also NotImplementedError: encryption, unknown compression
)


@dataclass(frozen=True)
class Container:
    """The files of a zip by name, and in what the zip differs from the one this module writes.

    `changed_at` is the first byte that differs, None if none does; `repacked` says that not one
    file header is as it was written, as after packing by another program.
    """

    files: Mapping[str, bytes]
    changed_at: int | None = None
    repacked: bool = False


def write_container(files: Mapping[str, bytes]) -> bytes:
    """The zip file of these files, in this order. ValueError beyond what a bundle may be."""
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_BYTES:
        raise ValueError(f"a bundle has at most {MAX_FILES} files and {MAX_BYTES} bytes")
    return b"".join(_records(files))


def read_container(content: bytes) -> Container:
    """What is in a zip file; VerificationError if it is none or cannot be read for certain."""
    if len(content) > MAX_BYTES + (MAX_BYTES >> 3):
        raise VerificationError("larger than any bundle")
    files = _read_own(content)
    if files is not None and write_container(files) == content:
        return Container(files)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            files = _contents(archive, len(content))
            return Container(files, _differs_at(files, content), _is_foreign(archive, content))
    except _DAMAGE as error:
        raise VerificationError(f"the zip file is damaged: {error}") from None


def _records(files: Mapping[str, bytes]) -> Iterator[bytes]:
    central, offset = [], 0
    for name, content in files.items():
        encoded = name.encode("utf-8")  # ASCII in a bundle
        about = _about(encoded, content)
        yield (local := _LOCAL.pack(b"PK\3\4", *about, 0) + encoded)
        yield content
        more = (0, 0, 0, 0, _MODE, offset)
        central.append(_CENTRAL.pack(b"PK\1\2", _UNIX_2_0, *about, *more) + encoded)
        offset += len(local) + len(content)
    directory = b"".join(central)
    yield directory
    yield _end(len(central), len(directory), offset)


def _about(name: bytes, content: bytes) -> tuple[int, ...]:
    """What both headers of a file say of it, from the version to the length of its name."""
    size = len(content)
    return _VERSION, 0, 0, 0, _NEW_YEAR_1980, zlib.crc32(content), size, size, len(name)


def _end(count: int, size: int, offset: int) -> bytes:
    shown = min(count, 0xFFFF)
    end = _END.pack(b"PK\5\6", 0, 0, shown, shown, size, offset, 0)
    if count <= 0xFFFF:
        return end
    record = (b"PK\6\6", 44, _ZIP64, _ZIP64, 0, 0, count, count, size, offset)
    return _END64.pack(*record, b"PK\6\7", 0, offset + size, 1) + end


def _read_own(content: bytes) -> dict[str, bytes] | None:
    """The files as their headers follow each other; None where a header is not one of ours."""
    files: dict[str, bytes] = {}
    at = 0
    while content.startswith(b"PK\3\4", at) and at + _LOCAL.size <= len(content):
        *_, size, _, name_length, _ = _LOCAL.unpack_from(content, at)
        start = at + _LOCAL.size + name_length
        name = content[start - name_length : start].decode("utf-8", "replace")
        if name in files:
            return None
        at = start + size
        files[name] = content[start:at]
    return files if content.startswith(b"PK\1\2", at) else None


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in an archive; some programs list folders too, which hold nothing."""
    return [each for each in archive.infolist() if each.file_size or not each.is_dir()]


def _contents(archive: zipfile.ZipFile, packed: int) -> dict[str, bytes]:
    members = _members(archive)
    total = sum(each.file_size for each in members)
    if len(members) > MAX_FILES or total > min(MAX_BYTES, packed * _MOST_SHRUNK):
        raise VerificationError("unpacks to more than any bundle")
    files = {each.filename: archive.read(each) for each in members}
    if len(files) != len(members):
        raise VerificationError("two files of the zip file have one name")
    return files


def _differs_at(files: Mapping[str, bytes], content: bytes) -> int:
    own = write_container(files)
    pairs = enumerate(zip(content, own, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(content), len(own)))


def _is_foreign(archive: zipfile.ZipFile, content: bytes) -> bool:
    """Whether no file has the header that this module writes before it."""
    for each in _members(archive):
        about = _about(each.filename.encode("utf-8"), archive.read(each))
        header = _LOCAL.pack(b"PK\3\4", *about, 0)
        if content.startswith(header, each.header_offset):
            return False
    return True
