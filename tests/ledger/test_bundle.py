"""A bundle convinces whoever has the public key, and says where it was tampered with."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest

from ledger import EMPTY, Log, NotStored, open_entry, write_bundle
from ledger.bundle import pack
from ledger.finding import Level
from ledger.keys import generate
from ledger.verify import verify_bundle
from tests.ledger.builders import DATA_KEY, SIGNER, a_busy_log, a_draft, a_log, a_store, append

PICTURE = b"the picture that a field vouches for"
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Log:
    log = a_busy_log(a_store(tmp_path_factory.mktemp("bundle")))
    draft = a_draft("evidence.shown", {"sha256": sha256(PICTURE).hexdigest(), "who": "buyer"})
    head = log.head("case/1")
    log.append("case/1", head, [draft, a_draft()], key="shown", data_key=DATA_KEY)
    return log


def a_bundle(log: Log, stream: str = "case/1") -> bytes:
    shown = {
        entry.index: [each.text for each in open_entry(entry, DATA_KEY)[:1]]
        for entry in log.stream_entries(stream)
    }
    target = BytesIO()
    extras = {"picture.webp": PICTURE, "letter.txt": b"a letter nobody vouches for"}
    write_bundle(target, log, stream, shown, extras)
    return target.getvalue()


@pytest.fixture
def files(log: Log) -> Files:
    with zipfile.ZipFile(BytesIO(a_bundle(log))) as archive:
        return {each.filename: archive.read(each) for each in archive.infolist()}


def packed(files: Mapping[str, bytes]) -> BytesIO:
    target = BytesIO()
    pack(target, files)
    return target


def broken(source: BytesIO, vkey: str | None = SIGNER.vkey) -> list[str]:
    findings = verify_bundle(source, vkey)
    return [each.text for each in findings if each.level is Level.BROKEN]


def test_a_bundle_holds_with_the_key_of_the_log(log: Log) -> None:
    findings = list(verify_bundle(BytesIO(a_bundle(log)), SIGNER.vkey))
    assert [each.text for each in findings if each.level is Level.BROKEN] == []
    notes = [each.text for each in findings if each.level is Level.NOTE]
    assert notes == ["extras/letter.txt: no shown field vouches for it"]
    assert any("extras/picture.webp: stated in field sha256" in each.text for each in findings)


def test_without_a_key_it_is_said_that_the_key_is_its_own(log: Log) -> None:
    findings = list(verify_bundle(BytesIO(a_bundle(log)), None))
    assert all(each.level is not Level.BROKEN for each in findings)
    assert any("only the bundle's own claim" in each.text for each in findings)


def test_the_same_state_gives_the_same_bytes(log: Log) -> None:
    assert a_bundle(log) == a_bundle(log)


def test_only_what_was_shown_can_be_read(log: Log) -> None:
    assert b'"who","buyer"' not in a_bundle(log)


def test_what_is_not_published_yet_is_published_for_the_bundle(tmp_path: Path) -> None:
    log = a_log(a_store(tmp_path))
    append(log, "case/1", 3)
    assert broken(BytesIO(a_bundle(log))) == []


def test_an_empty_stream_has_no_bundle(log: Log) -> None:
    with pytest.raises(NotStored):
        write_bundle(BytesIO(), log, "case/99", {}, {})


@pytest.mark.parametrize(
    ("shown", "extras"), [({0: ["x"]}, {}), ({}, {"../up": b""}), ({}, {"/root": b""})]
)
def test_a_bundle_is_about_its_stream_and_its_folder(
    log: Log, shown: dict[int, list[str]], extras: dict[str, bytes]
) -> None:
    with pytest.raises(ValueError, match=r"stream|key"):
        write_bundle(BytesIO(), log, "case/1", shown, extras)


def names(files: Files, folder: str) -> list[str]:
    return sorted(name for name in files if name.startswith(folder))


# One file of each kind, found by its folder.
KINDS = ("checkpoint", "log.vkey", "entries/", "proofs/", "disclosures/")


def flip_first(content: bytes) -> bytes:
    return bytes([content[0] ^ 1]) + content[1:]


def flip_middle(content: bytes) -> bytes:
    at = len(content) // 2
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def cut(content: bytes) -> bytes:
    return content[:-1]


def empty(_: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("change", [flip_first, flip_middle, cut, empty])
@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_file_is_named(files: Files, kind: str, change: Callable[[bytes], bytes]) -> None:
    name = names(files, kind)[-1]
    files[name] = change(files[name])
    if (kind, change) == ("disclosures/", empty):
        assert broken(packed(files)) == [], "showing less is no forgery"
        return
    assert name in "".join(broken(packed(files)))


@pytest.mark.parametrize("kind", ["checkpoint", "log.vkey", "proofs/"])
def test_a_missing_file_is_named(files: Files, kind: str) -> None:
    name = names(files, kind)[-1]
    del files[name]
    assert broken(packed(files)) == [f"{name} is missing"]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_left_out_entry_is_noticed(files: Files, which: int) -> None:
    index = sorted(int(Path(name).stem) for name in names(files, "entries/"))[which]
    for name in (f"entries/{index}.json", f"proofs/{index}.tlog-proof"):
        del files[name]
    files.pop(f"disclosures/{index}.jsonl", None)
    found = "".join(broken(packed(files)))
    assert "does not continue stream case/1" in found or "breaks one apart" in found


def test_an_entry_of_another_stream_is_noticed(log: Log, files: Files) -> None:
    with zipfile.ZipFile(BytesIO(a_bundle(log, "case/2"))) as archive:
        others = {each: archive.read(each) for each in archive.namelist()}
    files |= {name: others[name] for name in names(others, "entries/") + names(others, "proofs/")}
    assert "one stream, not 2" in "".join(broken(packed(files)))


@pytest.mark.parametrize(
    "name",
    [
        "evil.sh", "../up", "entries/", "entries/1.json/x", "entries/01.json", "entries/99.json",
        "proofs/99.tlog-proof", "disclosures/99.jsonl", "extras/", "checkpoint2",
    ],
)  # fmt: skip
def test_an_added_file_is_named(files: Files, name: str) -> None:
    files[name] = files[names(files, "entries/")[0]]
    found = "".join(broken(packed(files)))
    assert name in found or "99" in found or "not a number: '01'" in found


def test_a_field_of_another_entry_is_noticed(files: Files) -> None:
    first, *_, last = names(files, "disclosures/")
    files[first], files[last] = files[last], files[first]
    assert first in "".join(broken(packed(files)))


def test_a_field_with_another_value_is_noticed(files: Files) -> None:
    name = names(files, "disclosures/")[0]
    files[name] = files[name].replace(b'"number",', b'"number",1')
    assert "a field that is not in the entry" in "".join(broken(packed(files)))


def test_a_bundle_of_another_log_is_not_taken_for_this_one(tmp_path: Path) -> None:
    log = Log.open(a_store(tmp_path), generate(SIGNER.name))
    log.append("case/1", EMPTY, [a_draft()], key="forged", data_key=DATA_KEY)
    assert "names another key" in "".join(broken(BytesIO(a_bundle(log))))
    assert broken(BytesIO(a_bundle(log)), None) == []


def test_a_forger_who_writes_our_key_into_it_has_no_signature(tmp_path: Path) -> None:
    log = Log.open(a_store(tmp_path), generate(SIGNER.name))
    log.append("case/1", EMPTY, [a_draft()], key="forged", data_key=DATA_KEY)
    with zipfile.ZipFile(BytesIO(a_bundle(log))) as archive:
        files = {each: archive.read(each) for each in archive.namelist()}
    files["log.vkey"] = f"{SIGNER.vkey}\n".encode()
    assert "checkpoint" in "".join(broken(packed(files)))


@pytest.mark.parametrize("at", range(0, 100, 3))
def test_a_flipped_byte_in_the_container_never_passes_unnoticed(log: Log, at: int) -> None:
    content = bytearray(a_bundle(log))
    where = len(content) * at // 100
    content[where] ^= 0x55
    source = BytesIO(bytes(content))
    assert broken(source)


def test_a_changed_date_of_the_container_is_named(log: Log) -> None:
    content = bytearray(a_bundle(log))
    content[10] ^= 1  # the time of the first file, which no checksum covers
    assert "changed at byte 10:" in "".join(broken(BytesIO(bytes(content))))


def test_a_compressed_or_doubled_file_does_not_belong_in_a_bundle(files: Files) -> None:
    squeezed, doubled = packed(files), packed(files)
    with zipfile.ZipFile(squeezed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("extras/bomb", bytes(1000))
    assert "compressed" in "".join(broken(squeezed))
    with zipfile.ZipFile(doubled, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("checkpoint", b"another")
    assert "checkpoint" in "".join(broken(doubled))
