"""Evidence files: readable in parts, and only as they were encrypted."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO, RawIOBase
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import BlobReader, DataKey, NotStored, VerificationError, encrypt_file
from ledger.blob import SEGMENT_BYTES
from ledger.stores.folder import FolderStore
from tests.ledger.builders import DATA_KEY, add_blob

SIZES = (0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 200_000)


def content(size: int) -> bytes:
    return (b"0123456789abcdefghijklmnopqrstuvwxy" * (size // 35 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_comes_back_whole(store: FolderStore, size: int) -> None:
    target = BytesIO()
    sealed = encrypt_file(BytesIO(content(size)), target, DATA_KEY)
    assert sealed.sha256 == sha256(content(size)).hexdigest()
    assert sealed.blob == sha256(target.getvalue()).hexdigest()
    assert sealed.size == size
    store.create(sealed.key, target.getvalue())
    reader = BlobReader(store, sealed, DATA_KEY)
    assert reader.size == size
    assert reader.read(0, size + 10) == content(size)
    reader.verify()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=50,
)
@given(start=st.integers(0, 210_000), length=st.integers(0, 210_000))
def test_any_part_comes_back(store: FolderStore, start: int, length: int) -> None:
    reader = BlobReader(store, add_blob(store, content(200_000)), DATA_KEY)
    assert reader.read(start, length) == content(200_000)[start : start + length]


def test_a_part_needs_only_its_segments(store: FolderStore, tmp_path: Path) -> None:
    name = add_blob(store, content(5 * SEGMENT_BYTES))
    path = tmp_path / "store" / "blob" / name
    spoiled = bytearray(path.read_bytes())
    spoiled[-1] ^= 1
    path.write_bytes(bytes(spoiled))
    reader = BlobReader(store, name, DATA_KEY)
    assert reader.read(0, 100) == content(100)
    with pytest.raises(VerificationError, match="segment 4"):
        reader.read(4 * SEGMENT_BYTES, 1)


def spoil(store: FolderStore, tmp_path: Path, name: str, spoiled: bytes) -> BlobReader:
    (tmp_path / "store" / "blob" / name).write_bytes(spoiled)
    return BlobReader(store, name, DATA_KEY)


def test_no_segment_can_be_cut_off_moved_or_changed(store: FolderStore, tmp_path: Path) -> None:
    name = add_blob(store, content(3 * SEGMENT_BYTES))
    whole = (tmp_path / "store" / "blob" / name).read_bytes()
    head, step = 47, SEGMENT_BYTES + 16
    first, second, third = (whole[head + at * step : head + (at + 1) * step] for at in range(3))
    for spoiled in (
        whole[:head] + first + second,
        whole[:head] + second + first + third,
        whole[:head] + first + second + third + third,
        whole[:head] + first + third,
        whole[:-1],
        whole + b"x" * 17,
        whole[:20] + bytes([whole[20] ^ 1]) + whole[21:],
        bytes([whole[0] ^ 1]) + whole[1:],
        whole[:head],
        whole[: head + 15],
        b"",
    ):
        with pytest.raises(VerificationError):
            spoil(store, tmp_path, name, spoiled).verify()


def test_an_empty_last_segment_belongs_to_an_empty_file_alone(
    store: FolderStore, tmp_path: Path
) -> None:
    name = add_blob(store, content(SEGMENT_BYTES))
    whole = (tmp_path / "store" / "blob" / name).read_bytes()
    with pytest.raises(VerificationError, match="length"):
        _ = spoil(store, tmp_path, name, whole + bytes(16)).size


def test_another_key_reads_nothing(store: FolderStore) -> None:
    name = add_blob(store, b"what arrived")
    with pytest.raises(VerificationError):
        BlobReader(store, name, DataKey("other", b"x" * 32)).read(0, 5)


def test_the_same_file_is_encrypted_differently_each_time() -> None:
    names = {encrypt_file(BytesIO(b"same"), BytesIO(), DATA_KEY).blob for _ in range(3)}
    assert len(names) == 3


def test_a_missing_blob_is_said_to_be_missing(store: FolderStore) -> None:
    with pytest.raises(NotStored):
        BlobReader(store, "0" * 64, DATA_KEY).read(0, 1)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "F" * 64, "0" * 63])
def test_what_cannot_name_a_blob_is_refused(store: FolderStore, name: str) -> None:
    with pytest.raises(ValueError, match="not the name"):
        BlobReader(store, name, DATA_KEY)


class Dripping(RawIOBase):
    """A source that gives a few bytes at a time, as a socket does."""

    def __init__(self, whole: bytes) -> None:
        self._rest = BytesIO(whole)

    def read(self, size: int = -1) -> bytes:
        return self._rest.read(min(size, 1000))


def test_a_source_that_drips_is_read_to_its_end() -> None:
    whole = content(70_000)
    sealed = encrypt_file(Dripping(whole), BytesIO(), DATA_KEY)  # type: ignore[arg-type]
    assert sealed.sha256 == sha256(whole).hexdigest()
