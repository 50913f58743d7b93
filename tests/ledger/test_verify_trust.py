"""Whom a bundle is believed: keys, witnesses, an authority, and the zip file itself."""

from __future__ import annotations

import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import EMPTY, Log, Signer
from ledger.bundles.verify import verify_bundle
from ledger.checkpoint import add_signatures, parse_checkpoint
from ledger.encoding import to_base64
from ledger.keys import format_vkey_file, generate
from ledger.note import Cosigner, parse_note
from ledger.timestamp import Stamper
from ledger.witnessing.policy import Policy, parse_policy
from ledger.witnessing.witnesses import Witnesses
from tests.ledger.authority import Authority, serving
from tests.ledger.builders import DATA_KEY, SIGNER, a_draft, a_store
from tests.ledger.bundles import (
    Files,
    a_plain_bundle,
    add,
    broken,
    bundle,
    files,
    log,
    names,
    packed,
    said,
    unpacked,
)

__all__ = ["bundle", "files", "log"]

WITNESS = Cosigner("association.example", b"w" * 32, b"v" * 32)
SILENT = Cosigner("silent.example", b"s" * 32, b"t" * 32)
AT = 1_790_000_000


# ---- keys ------------------------------------------------------------------------------------


def a_forged_bundle(folder: Path, signer: Signer) -> bytes:
    with closing(Log.open(a_store(folder), signer)) as log:
        log.append_sealed("case/1", EMPTY, [a_draft()], key="forged", data_key=DATA_KEY)
        return a_plain_bundle(log, "case/1")


def test_a_bundle_of_another_log_is_not_taken_for_this_one(tmp_path: Path) -> None:
    forged = a_forged_bundle(tmp_path, generate(SIGNER.name))
    assert "names another key" in broken(forged)[0]
    assert broken(forged, None) == []


def test_a_forger_who_writes_our_key_into_it_has_no_signature(tmp_path: Path) -> None:
    forged = unpacked(a_forged_bundle(tmp_path, generate(SIGNER.name)))
    forged["log.vkey"] = format_vkey_file(SIGNER.verifiers)
    assert "checkpoint" in broken(packed(forged))[0]


def test_the_key_of_a_witness_is_not_that_of_a_log(bundle: bytes) -> None:
    assert broken(bundle, WITNESS.vkey) == ["not the public key of a log"]


@pytest.mark.parametrize("number", [0, 1])
def test_one_false_signature_of_the_log_spoils_the_other(files: Files, number: int) -> None:
    lines = files["checkpoint"].split(b"\n")
    at = lines.index(b"") + 1 + number
    lines[at] = lines[at][:-9] + (b"A" if lines[at][-9:-8] != b"A" else b"B") + lines[at][-8:]
    files["checkpoint"] = b"\n".join(lines)
    assert "checkpoint" in broken(packed(files))[0]


def test_one_signature_of_the_log_is_enough_if_its_key_is_the_given_one(files: Files) -> None:
    note = parse_note(files["checkpoint"].decode())
    files["checkpoint"] = f"{note.text}\n{note.signatures[1]}".encode()  # ML-DSA-44 alone
    assert broken(packed(files), SIGNER.verifiers[1].vkey) == []
    assert "not signed by its log" in broken(packed(files), SIGNER.vkey)[0]


# ---- witnesses and time ----------------------------------------------------------------------


def a_policy(*witnesses: Cosigner, quorum: str = "all") -> Policy:
    lines = [
        f"witness {key.name}-{number} {key.verifiers[number].vkey}"
        for key in witnesses
        for number in (0, 1)
    ]
    members = " ".join(line.split()[1] for line in lines)
    text = "\n".join([*lines, f"group q {quorum} {members}", "quorum q", ""])
    return parse_policy(text.encode())


def cosigned(files: Files, witness: Cosigner = WITNESS) -> Files:
    checkpoint = parse_checkpoint(files["checkpoint"].decode())
    text = parse_note(checkpoint.text).text
    signed = add_signatures(checkpoint, witness.sign(text, AT).signatures)
    return files | {"checkpoint": signed.text.encode()}


def by_policy(files: Files, policy: Policy | None) -> list[str]:
    source = BytesIO(packed(files))
    return list(map(str, verify_bundle(source, SIGNER.vkey, policy=policy)))


def test_witnesses_are_named_with_the_time_they_signed_at(files: Files) -> None:
    found = by_policy(cosigned(files), a_policy(WITNESS))
    assert (
        sum("cosigned at 2026-09-21T14:13:20Z by witness association" in each for each in found)
        == 2
    )
    assert not any("BROKEN" in each or "as in policy.txt" in each for each in found)


def test_a_quorum_that_the_reader_asks_for_must_be_there(files: Files) -> None:
    assert "BROKEN" in by_policy(files, a_policy(WITNESS))[-1]
    assert "BROKEN" in by_policy(cosigned(files), a_policy(WITNESS, SILENT))[-1]
    assert "BROKEN" not in by_policy(cosigned(files), a_policy(WITNESS, SILENT, quorum="any"))[-1]


def test_a_policy_in_the_bundle_is_a_claim_and_demands_nothing(files: Files) -> None:
    found = by_policy(cosigned(files) | {"policy.txt": a_policy(WITNESS, SILENT).text}, None)
    assert any(
        "by witness association.example (Ed25519; its key as in policy.txt)" in f for f in found
    )
    assert any(each.startswith("note") and "no quorum" in each for each in found)
    assert "BROKEN" not in found[-1]


def test_a_false_cosignature_of_a_known_witness_spoils_the_bundle(files: Files) -> None:
    elsewhere = WITNESS.sign(f"{SIGNER.name}\n1\n{to_base64(bytes(32))}\n", AT).signatures
    changed = add_signatures(parse_checkpoint(files["checkpoint"].decode()), elsewhere)
    changed = files | {"checkpoint": changed.text.encode()}
    assert "BROKEN" in by_policy(changed, a_policy(WITNESS))[-1]
    assert "BROKEN" not in by_policy(changed, None)[-1], "nobody knows that witness"


def test_a_malformed_policy_is_named(files: Files) -> None:
    assert "policy.txt" in by_policy(files | {"policy.txt": b"quorum"}, None)[-1]


def test_a_stamped_bundle_says_when_and_openssl_agrees(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with serving(authority) as url:
        stamper = Stamper(url)
        with closing(Log.open(a_store(tmp_path), SIGNER, stamper=stamper)) as log:
            add(log, "case/1")
            stamped = a_plain_bundle(log, "case/1")
    held = unpacked(stamped)
    assert authority.verifies(held["checkpoint"], held["checkpoint.tsr"])
    assert said("whether an authority says so, and which, only its root certificate", stamped)
    trusted = verify_bundle(BytesIO(stamped), SIGNER.vkey, roots=[authority.root])
    assert any("an authority you trust saw the checkpoint at" in str(each) for each in trusted)
    other = Authority(tmp_path / "other")
    assert list(verify_bundle(BytesIO(stamped), SIGNER.vkey, roots=[other.root]))[-1].is_broken
    assert "other bytes" in broken(packed(cosigned(held)))[0]


def test_a_log_with_witnesses_brings_their_keys(tmp_path: Path) -> None:
    policy = a_policy(WITNESS)
    witnesses = Witnesses(policy, required=False)
    with closing(Log.open(a_store(tmp_path), SIGNER, witnesses=witnesses)) as log:
        add(log, "case/1")
        assert unpacked(a_plain_bundle(log, "case/1"))["policy.txt"] == policy.text


def test_a_time_stamp_that_is_none_is_named(files: Files) -> None:
    assert "checkpoint.tsr" in broken(packed(files | {"checkpoint.tsr": b"\x30\x00"}))[0]


# ---- the container ---------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_byte_anywhere_in_the_zip_never_passes(
    bundle: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(bundle) - 1))
    changed = bytearray(bundle)
    changed[at] ^= data.draw(st.integers(1, 255))
    assert broken(bytes(changed))


@pytest.mark.parametrize("junk", [b"\0", b"PK\3\4", b"a comment"])
def test_nothing_can_be_added_to_the_zip(bundle: bytes, junk: bytes) -> None:
    assert broken(bundle + junk)
    assert broken(junk + bundle)


def test_a_changed_date_of_the_container_is_named(bundle: bytes) -> None:
    changed = bytearray(bundle)
    changed[10] ^= 1  # the time of the first file, which no checksum covers
    assert "changed at byte 10:" in broken(bytes(changed))[0]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_bundle_that_somebody_packed_again_holds_and_says_so(files: Files, method: int) -> None:
    again = BytesIO()
    with zipfile.ZipFile(again, "w", method) as archive:
        archive.mkdir("entries")
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    assert broken(again.getvalue()) == []
    assert said("packed again by another program", again.getvalue())


def test_a_bundle_that_was_packed_again_is_checked_all_the_same(files: Files) -> None:
    files[names(files, "entries/")[0]] += b"x"
    again = BytesIO()
    with zipfile.ZipFile(again, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    assert broken(again.getvalue())


def test_two_files_of_one_name_are_refused(files: Files) -> None:
    doubled = BytesIO(packed(files))
    with zipfile.ZipFile(doubled, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("checkpoint", b"another")
    assert "one name" in broken(doubled.getvalue())[0]


def test_a_program_that_is_not_ours_is_pointed_out(files: Files) -> None:
    files["verify.py"] = b"print('sound')"
    assert broken(packed(files)) == []
    assert said("verify.py: is not the program of this version", packed(files))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_junk_is_no_bundle(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18)):
        assert broken(start + content)
