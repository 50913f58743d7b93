"""What a checkpoint's signatures cover, to the byte, and who may sign one."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.checkpoint import (
    Checkpoint,
    add_signatures,
    parse_checkpoint,
    read_checkpoint,
    read_cosignatures,
    sign_checkpoint,
)
from ledger.errors import VerificationError
from ledger.note import Signature, Verifier, parse_note
from ledger.scheme import MLDSA44, verify_bytes
from tests.ledger.notary import AT, ORIGIN, a_checkpoint, a_cosigner, a_signer, seeds

ROOT = sha256(b"a root").digest()
TEXT = f"{ORIGIN}\n7\n{base64.b64encode(ROOT).decode()}\n"


def the_checkpoint() -> Checkpoint:
    return sign_checkpoint(a_signer(), 7, ROOT, AT)


def blobs(note: str) -> list[bytes]:
    """The decoded signature lines, read without our own parser."""
    lines = note.rpartition("\n\n")[2].splitlines()
    return [base64.b64decode(line.split(" ")[2], validate=True) for line in lines]


def cosigned(checkpoint: Checkpoint, at: int = AT) -> Checkpoint:
    note = parse_note(checkpoint.text)
    return add_signatures(checkpoint, a_cosigner().sign(note.text, at).signatures)


def test_a_log_signs_the_three_lines_with_ed25519_first_and_ml_dsa_44_second() -> None:
    note = the_checkpoint().text
    ed25519, mldsa = blobs(note)
    first, second = a_signer().verifiers
    assert note.startswith(f"{TEXT}\n— {ORIGIN} ")
    assert (len(ed25519), len(mldsa)) == (4 + 64, 4 + 8 + 2420)
    Ed25519PublicKey.from_public_bytes(first.public_key).verify(ed25519[4:], TEXT.encode())
    message = (
        b"subtree/v1\n\0"
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + AT.to_bytes(8, "big")
        + bytes([len(ORIGIN)])
        + ORIGIN.encode()
        + bytes(8)
        + (7).to_bytes(8, "big")
        + ROOT
    )
    assert mldsa[4:12] == AT.to_bytes(8, "big")
    MLDSA44PublicKey.from_public_bytes(second.public_key).verify(mldsa[12:], message)


def test_a_key_id_is_four_bytes_of_the_digest_of_name_type_and_key() -> None:
    lines = blobs(cosigned(the_checkpoint()).text)
    keys = (*a_signer().verifiers, *a_cosigner().verifiers)
    for line, key, kind in zip(lines, keys, (b"\1", b"\6", b"\4", b"\6"), strict=True):
        named = key.name.encode() + b"\n" + kind + key.public_key
        assert line[:4] == sha256(named).digest()[:4]


def test_a_cosignature_of_type_04_covers_its_time_and_the_whole_text() -> None:
    text = f"{TEXT}an extension line\n"
    note = a_cosigner().sign(text, AT)
    blob = blobs(str(note))[0]
    message = f"cosignature/v1\ntime {AT}\n{text}".encode()
    assert len(blob) == 76
    key = Ed25519PublicKey.from_public_bytes(a_cosigner().verifier.public_key)
    key.verify(blob[12:], message)


@pytest.mark.parametrize("kept", [0, 1])
def test_one_of_the_two_signatures_of_the_log_is_enough(kept: int) -> None:
    checkpoint, keys = the_checkpoint(), a_signer().verifiers
    line = parse_note(checkpoint.text).signatures[kept]
    assert read_checkpoint(f"{TEXT}\n{line}", keys).root == ROOT
    with pytest.raises(VerificationError):
        read_checkpoint(f"{TEXT}\n{line}", [keys[1 - kept]])


@pytest.mark.parametrize("spoiled", [0, 1])
def test_a_good_signature_does_not_make_up_for_a_false_one(spoiled: int) -> None:
    lines = list(parse_note(the_checkpoint().text).signatures)
    line = lines[spoiled]
    broken = line.signature[:-1] + bytes([line.signature[-1] ^ 1])
    lines[spoiled] = Signature(line.name, line.key_id, broken)
    with pytest.raises(VerificationError):
        read_checkpoint(f"{TEXT}\n{lines[0]}{lines[1]}", a_signer().verifiers)


def test_the_time_in_a_signature_cannot_be_changed() -> None:
    line = parse_note(the_checkpoint().text).signatures[1]
    later = (AT + 1).to_bytes(8, "big") + line.signature[8:]
    with pytest.raises(VerificationError):
        read_checkpoint(f"{TEXT}\n{Signature(line.name, line.key_id, later)}", a_signer().verifiers)


def test_a_time_beyond_63_bits_is_no_time() -> None:
    line = parse_note(the_checkpoint().text).signatures[1]
    beyond = (2**63).to_bytes(8, "big") + line.signature[8:]
    with pytest.raises(VerificationError, match="time"):
        read_checkpoint(
            f"{TEXT}\n{Signature(line.name, line.key_id, beyond)}", a_signer().verifiers
        )


def test_a_witness_cannot_sign_in_place_of_the_log() -> None:
    witness = a_cosigner(ORIGIN)  # even under the log's own name, with its Ed25519 key
    note = f"{TEXT}\n{witness.sign(TEXT, AT).signatures[0]}"
    with pytest.raises(VerificationError, match="not signed by its log"):
        read_checkpoint(note, witness.verifiers)


def test_a_key_of_another_name_does_not_make_a_log() -> None:
    other = a_signer("other.example/log")
    note = str(other.sign(TEXT, AT))
    with pytest.raises(VerificationError):
        read_checkpoint(note, other.verifiers)


def test_cosignatures_are_read_with_their_times() -> None:
    checkpoint = cosigned(a_checkpoint(5), at=AT + 3)
    keys = a_cosigner().verifiers
    found = read_cosignatures(checkpoint.text, (*a_signer().verifiers[:1], *keys))
    assert [(each.verifier, each.at) for each in found] == [(key, AT + 3) for key in keys]


def test_a_cosignature_without_a_time_counts_for_nothing() -> None:
    checkpoint = cosigned(a_checkpoint(5), at=0)
    assert read_cosignatures(checkpoint.text, a_cosigner().verifiers) == ()


def test_a_false_cosignature_of_a_known_witness_is_refused() -> None:
    verifier = a_cosigner().verifier
    line = Signature(verifier.name, verifier.key_id, AT.to_bytes(8, "big") + bytes(64))
    with pytest.raises(VerificationError):
        read_cosignatures(f"{the_checkpoint().text}{line}", [verifier])


def test_a_cosignature_of_one_checkpoint_does_not_fit_another() -> None:
    line = parse_note(cosigned(a_checkpoint(5)).text).signatures[-1]
    moved = add_signatures(a_checkpoint(6), [line])
    with pytest.raises(VerificationError):
        read_cosignatures(moved.text, a_cosigner().verifiers)


def test_no_line_is_added_twice() -> None:
    bare = the_checkpoint()
    once = cosigned(bare)
    lines = parse_note(once.text).signatures
    assert add_signatures(once, (*lines, *lines)) == once
    assert add_signatures(bare, (*lines, *lines)) == once


def test_what_an_ml_dsa_key_signs_for_one_origin_is_nothing_for_another() -> None:
    other = TEXT.replace(ORIGIN, "other.example/log")
    line = a_cosigner().sign(TEXT, AT).signatures[1]
    assert read_cosignatures(f"{TEXT}\n{line}", a_cosigner().verifiers)
    with pytest.raises(VerificationError):
        read_cosignatures(f"{other}\n{line}", a_cosigner().verifiers)


def test_a_signature_over_other_entries_of_the_tree_is_no_cosignature_of_it() -> None:
    """A subtree 3..7 may be signed with the same key; its message is another."""
    key = a_cosigner().verifiers[1]
    blob = a_cosigner().sign(TEXT, AT).signatures[1].signature
    message = b"subtree/v1\n\0\x12witness.example/w1" + AT.to_bytes(8, "big")
    tail = bytes([len(ORIGIN)]) + ORIGIN.encode() + bytes(8) + (7).to_bytes(8, "big") + ROOT
    verify_bytes(MLDSA44, key.public_key, message + tail, blob[8:])
    three = tail.replace(bytes(8), (3).to_bytes(8, "big"), 1)
    with pytest.raises(VerificationError):
        verify_bytes(MLDSA44, key.public_key, message + three, blob[8:])


def test_a_checkpoint_may_say_more_but_not_less() -> None:
    signer = a_signer()
    more = f"{TEXT}an extension\n"
    assert read_checkpoint(str(signer.sign(more, AT)), signer.verifiers).size == 7
    for wrong in (
        TEXT.replace("\n7\n", "\n07\n"),
        TEXT.replace("\n7\n", f"\n{2**63}\n"),
        f"{ORIGIN}\n7\n{base64.b64encode(ROOT[:31]).decode()}\n",
        f"{ORIGIN}\n7\n",
        TEXT.replace(ORIGIN, ""),
        f"{TEXT}\nafter an empty line\n",
    ):
        with pytest.raises(VerificationError):
            parse_checkpoint(f"{wrong}\n— a.example AAAAAAAA\n")


def test_a_name_too_long_for_the_message_is_refused_before_it_signs() -> None:
    name = "a" * 256
    with pytest.raises(VerificationError, match="256 bytes"):
        Verifier(name, a_signer().verifiers[1].public_key, MLDSA44)
    with pytest.raises(VerificationError, match="256 bytes"):
        a_signer(name)


def test_seeds_of_the_wrong_length_make_no_signer() -> None:
    first, second = seeds("x")
    for wrong in ((first[:-1], second), (first, second + b"\0")):
        with pytest.raises(ValueError, match="32"):
            type(a_signer())("x.example", *wrong)
