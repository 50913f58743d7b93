"""The one-file verifier: by itself, on any Python, and with the same verdict as the package."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from base64 import b64encode
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import Log
from ledger.bundles import standalone
from ledger.curve import check_public_key
from ledger.errors import VerificationError
from ledger.note import parse_note
from tests.ledger.builders import SIGNER, a_log, a_store
from tests.ledger.bundles import (
    a_bundle,
    a_plain_bundle,
    add,
    broken,
    log,
    packed,
    unpacked,
)
from tests.ledger.test_verify_trust import WITNESS, a_policy, cosigned

__all__ = ["log"]

PROGRAM = Path(standalone.__file__)
VECTORS = Path(__file__).parents[1] / "vectors" / "wycheproof"


@pytest.fixture(scope="module")
def bundle(log: Log) -> bytes:
    """Cosigned, and with a policy, so that every kind of file is in it."""
    files = cosigned(unpacked(a_bundle(log)))
    policy = {"policy.txt": a_policy(WITNESS).text}
    return packed({**policy, **files})


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("place") / "bundle.zip"


def lines_of(place: Path, bundle: bytes, vkey: str | None = SIGNER.vkey) -> list[standalone.Line]:
    place.write_bytes(bundle)
    return list(standalone.verify(place, vkey))


def refuses(place: Path, bundle: bytes, vkey: str | None = SIGNER.vkey) -> bool:
    return any("BROKEN" in line.level for line in lines_of(place, bundle, vkey))


def run(*arguments: object, at: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *map(str, arguments)]
    return subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=60)


# ---- by itself -------------------------------------------------------------------------------


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(PROGRAM.read_text("utf-8"), feature_version=(3, 8))
    found = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert found <= sys.stdlib_module_names


def test_it_checks_a_zip_file(tmp_path: Path, bundle: bytes) -> None:
    (tmp_path / "case.zip").write_bytes(bundle)
    done = run(PROGRAM, "case.zip", "--vkey", SIGNER.vkey, at=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "全部在此" in done.stdout
    assert "these are all 5 entries of it" in done.stdout
    assert done.stdout.endswith("结论：完好 sound\n")


def test_it_checks_the_folder_it_was_unpacked_into(tmp_path: Path, bundle: bytes) -> None:
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    (tmp_path / ".DS_Store").write_bytes(b"what systems add")
    assert run("verify.py", at=tmp_path).returncode == 0
    entry = tmp_path / "entries" / "2"
    entry.write_bytes(entry.read_bytes() + b" ")
    done = run("verify.py", at=tmp_path)
    assert done.returncode == 1
    assert done.stdout.endswith("结论：不符 NOT sound\n")


def test_it_runs_nothing_that_lies_beside_it(tmp_path: Path, bundle: bytes) -> None:
    """A copy one trusts, put into the folder of a bundle one does not."""
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        archive.extractall(tmp_path)
    for module in ("json", "hashlib", "zipfile", "re"):
        (tmp_path / f"{module}.py").write_text("raise SystemExit('not ours')")
    done = run("verify.py", at=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"no zip"])
def test_junk_is_refused_without_a_traceback(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "junk.zip").write_bytes(content)
    done = run(PROGRAM, "junk.zip", at=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert run(PROGRAM, "no-such-file.zip", at=tmp_path).returncode == 1


# ---- what it says ----------------------------------------------------------------------------


def test_it_says_what_it_does_not_check(place: Path, bundle: bytes, log: Log) -> None:
    stamped = packed(unpacked(bundle) | {"checkpoint.tsr": b"whatever"})
    said = " ".join(line.english for line in lines_of(place, stamped))
    assert "ML-DSA-44 signatures are not checked here" in said
    assert "openssl ts -verify -data checkpoint -in checkpoint.tsr" in said


def test_it_names_the_witnesses(place: Path, bundle: bytes) -> None:
    said = [line.english for line in lines_of(place, bundle)]
    assert any("witness association.example cosigned it at 2026-09-21T14:13:20Z" in s for s in said)


def test_it_says_that_there_is_no_such_case(place: Path, log: Log) -> None:
    nothing = a_plain_bundle(log, "case/99")
    assert not refuses(place, nothing)
    assert any("no such stream" in line.english for line in lines_of(place, nothing))


def test_it_says_that_content_was_erased(place: Path, tmp_path: Path) -> None:
    with closing(a_log(a_store(tmp_path))) as log:
        add(log, "case/1", 3)
        log.erase("case/1")
        said = [line.english for line in lines_of(place, a_plain_bundle(log, "case/1"))]
    assert any("the content of 3 entries is erased" in each for each in said)


def test_another_key_than_the_given_one_is_refused(place: Path, bundle: bytes) -> None:
    assert not refuses(place, bundle, None)
    assert refuses(place, bundle, WITNESS.vkey)
    assert refuses(place, bundle, "nonsense")


# ---- the same verdict ------------------------------------------------------------------------

COVERED = (
    "log.vkey", "checkpoint", "stream", "entries/", "proof", "map/", "disclosures/", "extras/",
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_both_verifiers_judge_every_changed_file_alike(
    place: Path, bundle: bytes, data: st.DataObject
) -> None:
    files = unpacked(bundle)
    folder = data.draw(st.sampled_from(COVERED))
    name = data.draw(st.sampled_from([name for name in files if name.startswith(folder)]))
    content = files[name]
    at = data.draw(st.integers(0, len(content)))
    until = data.draw(st.integers(at, min(len(content), at + 3)))
    files[name] = content[:at] + data.draw(st.binary(max_size=3)) + content[until:]
    if name == "checkpoint" and _without_mldsa(files[name]) == _without_mldsa(content):
        return  # what it says that it does not check
    assert refuses(place, packed(files)) == bool(broken(packed(files)))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_both_verifiers_refuse_every_changed_byte_of_the_zip(
    place: Path, bundle: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(bundle) - 1))
    changed = bytearray(bundle)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert broken(bytes(changed))
    assert refuses(place, bytes(changed))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_both_verifiers_judge_missing_and_exchanged_files_alike(
    place: Path, bundle: bytes, data: st.DataObject
) -> None:
    files = unpacked(bundle)
    some = st.sampled_from([name for name in files if name.startswith(COVERED)])
    first, second = data.draw(some), data.draw(some)
    files[first], files[second] = files[second], files[first]
    if data.draw(st.booleans()):
        del files[first]
    assert refuses(place, packed(files)) == bool(broken(packed(files)))


def test_both_verifiers_take_a_bundle_that_was_packed_again(place: Path, bundle: bytes) -> None:
    again = BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("entries")
        for name, content in unpacked(bundle).items():
            archive.writestr(name, content)
    assert not refuses(place, again.getvalue())
    assert broken(again.getvalue()) == []
    assert any("packed the zip file again" in e.english for e in lines_of(place, again.getvalue()))


def _without_mldsa(checkpoint: bytes) -> list[str] | None:
    """The lines of a note but those whose signatures only the package can check."""
    try:
        note = parse_note(checkpoint.decode())
    except (VerificationError, ValueError):
        return None
    ids = {key.key_id for key in (SIGNER.verifiers[1], WITNESS.verifiers[1])}
    return [note.text, *(str(line) for line in note.signatures if line.key_id not in ids)]


# ---- Ed25519 ---------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=200), at=st.integers(0))
def test_signatures_are_judged_as_by_openssl(seed: bytes, message: bytes, at: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert standalone.is_signed(public, message, signature)
    assert not standalone.is_signed(public, message + b"x", signature)
    changed = bytearray(signature)
    changed[at % 64] ^= 1 + at % 255
    assert not standalone.is_signed(public, message, bytes(changed))
    longer = (int.from_bytes(signature[32:], "little") + standalone.L).to_bytes(33, "little")
    assert not standalone.is_signed(public, message, signature[:32] + longer[:32])


@settings(max_examples=60, deadline=None)
@given(key=st.binary(min_size=32, max_size=32))
def test_the_same_bytes_are_keys_here_and_there(key: bytes) -> None:
    assert _refused(standalone.read_key, _vkey(key)) == _refused(check_public_key, key)


P = standalone.P
WEAK = [
    y.to_bytes(32, "little")
    for y in (0, 1, P - 1, P, P + 1, 2**255 - 1, 1 | 1 << 255, P - 1 | 1 << 255)
] + [
    bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
]


@pytest.mark.parametrize("key", WEAK, ids=bytes.hex)
def test_a_key_that_proves_nothing_is_refused(key: bytes) -> None:
    """Points of low order, and coordinates that are a second spelling."""
    vkey = _vkey(key)
    with pytest.raises(standalone.Refused):
        standalone.read_key(vkey)
    with pytest.raises(VerificationError):
        check_public_key(key)


def test_it_passes_project_wycheproof() -> None:
    groups = json.loads((VECTORS / "ed25519_test.json").read_text())["testGroups"]
    for group in groups:
        key = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            message, signature = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            holds = standalone.is_signed(key, message, signature)
            assert holds == (case["result"] == "valid"), case


def _vkey(key: bytes) -> str:
    shown = standalone.Key("log.example", 1, key, "").id.hex()
    return f"log.example+{shown}+{b64encode(bytes([1]) + key).decode()}"


def _refused(check: Callable[[Any], object], key: object) -> bool:
    try:
        check(key)
    except (standalone.Refused, VerificationError):
        return True
    return False
