"""What goes into a bundle, and that its bytes follow from the log."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from itertools import count
from pathlib import Path
from threading import Event

import pytest

from ledger import EMPTY, Log
from ledger.bundles.bundle import read_bundle, verifier_program
from ledger.bundles.container import MAX_BYTES, read_container, write_container
from ledger.errors import VerificationError
from ledger.mapproof import parse_map_proof
from tests.ledger.builders import SIGNER, a_log, a_store
from tests.ledger.bundles import (
    PICTURE,
    a_bundle,
    a_plain_bundle,
    add,
    broken,
    log,
    unpacked,
)

__all__ = ["log"]


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Log]:
    with closing(a_log(a_store(tmp_path))) as log:
        yield log


def test_a_bundle_holds_every_entry_of_its_stream_and_no_other(log: Log) -> None:
    files = unpacked(a_bundle(log))
    entries = log.stream_entries("case/1")
    assert len(entries) == 5
    held = {name: content for name, content in files.items() if name.startswith("entries/")}
    assert held == {f"entries/{entry.index}": entry.raw for entry in entries}


def test_a_bundle_brings_all_that_a_check_needs(log: Log) -> None:
    files = unpacked(a_bundle(log))
    assert {name for name in files if "/" not in name} == {
        "README.txt", "verify.py", "log.vkey", "checkpoint", "stream", "proof",
    }  # fmt: skip
    assert files["verify.py"] == verifier_program()
    assert files["stream"] == b"case/1\n"
    assert files["log.vkey"] == "".join(f"{key.vkey}\n" for key in SIGNER.verifiers).encode()
    assert files["extras/picture.webp"] == PICTURE
    assert "核对" in files["README.txt"].decode()


def test_the_same_state_gives_the_same_bytes(log: Log) -> None:
    assert a_bundle(log) == a_bundle(log)


def test_only_what_was_shown_can_be_read(log: Log) -> None:
    assert b'"sha256"' in a_bundle(log)
    assert b'"who","buyer"' not in a_bundle(log)


def test_what_is_not_published_yet_is_published_for_the_bundle(fresh: Log) -> None:
    add(fresh, "case/1", 3)
    assert fresh.latest() is None
    assert broken(a_bundle(fresh)) == []


def test_a_stream_that_goes_on_gets_a_new_bundle_with_all_of_it(fresh: Log) -> None:
    add(fresh, "case/1")
    before = unpacked(a_plain_bundle(fresh, "case/1"))
    add(fresh, "case/1")
    after = unpacked(a_plain_bundle(fresh, "case/1"))
    assert sum(name.startswith("entries/") for name in after) == 2
    assert before["map/proof"] != after["map/proof"]


def test_the_bundle_of_a_stream_that_does_not_exist_proves_that(log: Log) -> None:
    files = unpacked(a_plain_bundle(log, "case/99"))
    assert not any(name.startswith("entries/") for name in files)
    proof = parse_map_proof(files["map/proof"].decode())
    assert proof.stream == "case/99"


def test_an_empty_log_proves_that_it_has_no_case(fresh: Log) -> None:
    assert broken(a_plain_bundle(fresh, "case/1")) == []


def test_the_ledgers_own_streams_have_bundles_too(log: Log) -> None:
    assert broken(a_plain_bundle(log, "ledger/map")) == []


def test_asking_twice_adds_nothing_to_the_log(log: Log) -> None:
    a_bundle(log)
    size = log.size
    a_bundle(log)
    a_plain_bundle(log, "case/99")
    assert log.size == size


def test_a_bundle_made_while_others_append_and_publish_holds(fresh: Log) -> None:
    """The map moves on under the hands of whoever proves something by it."""
    add(fresh, "case/1")
    done = Event()

    def work(writer: int) -> None:
        for number in count():
            fresh.append(f"other/{writer}/{number}", EMPTY, [b"x"], key=f"{writer} {number}")
            if number % 3 == 2:
                fresh.publish()
            if done.is_set():
                return

    with ThreadPoolExecutor(4) as pool:
        work_done = [pool.submit(work, writer) for writer in range(4)]
        try:
            found = [broken(a_plain_bundle(fresh, "case/1")) for _ in range(20)]
        finally:
            done.set()
        assert [each.result() for each in work_done] == [None] * 4
    assert found == [[]] * 20


@pytest.mark.parametrize(
    ("shown", "extras"),
    [
        ({0: ["x"]}, {}),
        ({999: ["x"]}, {}),
        ({}, {"../up": b""}),
        ({}, {"/root": b""}),
        ({}, {"": b""}),
    ],
)
def test_a_bundle_is_about_its_stream_and_its_folder(
    log: Log, shown: dict[int, list[str]], extras: dict[str, bytes]
) -> None:
    with pytest.raises(ValueError, match=r"stream|key|belong"):
        a_plain_bundle(log, "case/1", shown, extras)


@pytest.mark.parametrize(
    "name",
    [
        "evil.sh", "../up", "entries/", "entries/1/x", "entries/01", "entries/-1", "entries/1.json",
        "extras/", "extras/..", "extras/../up", "extras/a/../../up", "extras/c:evil", "extras//x",
        "extras/a\\b", "checkpoint2", "map/", "map/x", "map/proof2", "disclosures/1",
        "extras/x\n", "extras/\u202ey", "extras/.x", "__pycache__/verify.pyc", "json.py",
    ],
)  # fmt: skip
def test_no_other_file_belongs_in_a_bundle(name: str) -> None:
    """Among them those that would land elsewhere, or be imported by verify.py beside them."""
    with pytest.raises(VerificationError, match="belong"):
        read_bundle(BytesIO(write_container({"checkpoint": b"", name: b""})))


def test_any_tool_opens_a_bundle(log: Log) -> None:
    bundle = a_bundle(log)
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        assert archive.testzip() is None
        assert {each: archive.read(each) for each in archive.namelist()} == unpacked(bundle)


def test_a_container_is_what_the_standard_library_writes_with_the_same_settings() -> None:
    """Another writer than ours confirms the bytes, the records beyond 65,535 files included."""
    for files in (
        {},
        {"a": b"", "extras/b.txt": b"x" * 5000},
        {f"entries/{number}": b"%d" % number for number in range(65_536)},
    ):
        target = BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name, content in files.items():
                member = zipfile.ZipInfo(name)
                member.create_system, member.external_attr = 3, 0o644 << 16
                archive.writestr(member, content)
        assert write_container(files) == target.getvalue()
        assert read_container(target.getvalue()).files == files


def test_a_container_has_an_end() -> None:
    class Long(bytes):
        def __len__(self) -> int:
            return MAX_BYTES + 1

    with pytest.raises(ValueError, match="at most"):
        write_container({"a": Long()})


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("extras/bomb", bytes(10_000_000))
    with pytest.raises(VerificationError, match="more than any bundle"):
        read_container(target.getvalue())
