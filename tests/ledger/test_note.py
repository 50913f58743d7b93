"""Signed notes as C2SP and Go write them."""

from __future__ import annotations

import pytest

from ledger.errors import VerificationError
from ledger.note import Signature, Signer, open_note, parse_note, parse_vkey

# The example of the C2SP specification.
GOLDEN_VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
TEXT = "a text\nof two lines\n"

# The key pair and the note in the documentation of golang.org/x/mod/sumdb/note.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)


def a_signer(name: str = "signer.example") -> Signer:
    return Signer(name, name.encode().ljust(32, b"."))


def add_line(note: str, signer: Signer, signature: bytes) -> str:
    return note + str(Signature(signer.name, signer.verifier.key_id, signature))


def test_the_published_key_of_the_specification_is_read() -> None:
    verifier = parse_vkey(GOLDEN_VKEY)
    assert verifier.name == "example.com/foo"
    assert verifier.key_id.hex() == "530d903a"
    assert verifier.vkey == GOLDEN_VKEY


def test_a_note_signed_by_go_opens() -> None:
    note = open_note(GO_NOTE, [parse_vkey(GO_VKEY)])
    assert note.text.startswith("If you think cryptography")
    assert [each.name for each in note.signatures] == ["PeterNeumann"]


def test_a_signed_text_opens_and_a_changed_one_does_not() -> None:
    signer = a_signer()
    note = signer.sign(TEXT)
    assert open_note(note, [signer.verifier]).text == TEXT
    with pytest.raises(VerificationError):
        open_note(note.replace("two", "six"), [signer.verifier])


def test_the_same_text_is_signed_the_same_way_in_every_process() -> None:
    assert a_signer().sign(TEXT) == a_signer().sign(TEXT)


def test_lines_of_unknown_keys_are_ignored() -> None:
    signer, witness = a_signer(), a_signer("witness.example")
    note = add_line(signer.sign(TEXT), witness, b"whatever it means")
    assert [each.name for each in open_note(note, [signer.verifier]).signatures] == [signer.name]


def test_a_false_line_of_a_known_key_refuses_the_note() -> None:
    signer, witness = a_signer(), a_signer("witness.example")
    note = add_line(signer.sign(TEXT), witness, bytes(64))
    with pytest.raises(VerificationError):
        open_note(note, [signer.verifier, witness.verifier])


def test_a_note_without_an_expected_signature_is_refused() -> None:
    with pytest.raises(VerificationError):
        open_note(a_signer().sign(TEXT), [a_signer("other.example").verifier])


def test_a_key_is_known_by_its_id_not_by_its_name_alone() -> None:
    impostor = Signer("signer.example", b"x" * 32)
    with pytest.raises(VerificationError):
        open_note(impostor.sign(TEXT), [a_signer().verifier])


def test_text_and_signatures_part_at_the_last_empty_line() -> None:
    signer = a_signer()
    text = "one\n\ntwo\n\n— not.a.signature abc\n"
    assert open_note(signer.sign(text), [signer.verifier]).text == text


def test_sixteen_signatures_are_read() -> None:
    signers = [a_signer(f"witness-{number}.example") for number in range(16)]
    note = signers[0].sign(TEXT)
    for signer in signers[1:]:
        note += signer.sign(TEXT).rpartition("\n\n")[2]
    opened = open_note(note, [signer.verifier for signer in signers])
    assert len(opened.signatures) == 16


def test_more_than_a_hundred_signatures_are_not() -> None:
    note = add_line(a_signer().sign(TEXT), a_signer("w.example"), b"12345" * 3) + "".join(
        str(Signature(f"w{n}.example", b"abcd", b"x")) for n in range(99)
    )
    with pytest.raises(VerificationError):
        parse_note(note)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "no signature\n",
        "text\n\n",
        "text\n\n- hyphen.example AAAAAAAA\n",
        "text\n\n— name+plus AAAAAAAA\n",
        "text\n\n— short.example AAAAAA==\n",
        "text\n\n— loose.example AAAAAAB=\n",
        "text\n\n— open.example AAAAAAAA",
        "bell\a\n\n— a.example AAAAAAAA\n",
        "text\n\n—  AAAAAAAA\n",
        "text\n\n— a.example  AAAAAAAA\n",
        "text\n\n— a\u00a0b AAAAAAAA\n",
    ],
)
def test_what_is_not_a_note_is_refused(note: str) -> None:
    with pytest.raises(VerificationError):
        parse_note(note)
