"""Signed notes as C2SP and Go write them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import VerificationError
from ledger.note import Note, Signature, Signer, Verifier, open_note, parse_note, parse_vkey
from ledger.scheme import COSIGNATURE, ED25519, MLDSA44, sign
from tests.ledger.notary import AT, a_checkpoint, a_cosigner, a_signer, seeds

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


def signed(text: str, *signers: Signer) -> str:
    """Any text, signed with the Ed25519 key of each."""
    return str(Note(text, tuple(line_of(signer, text) for signer in signers)))


def line_of(signer: Signer, text: str) -> Signature:
    key = signer.private_keys[0]
    return Signature(key.name, key.verifier.key_id, sign(key.name, key.kind, key.seed, text, AT))


def false_line(verifier: Verifier, signature: bytes) -> str:
    return str(Signature(verifier.name, verifier.key_id, signature))


def test_the_published_key_of_the_specification_is_read() -> None:
    verifier = parse_vkey(GOLDEN_VKEY)
    assert (verifier.name, verifier.kind) == ("example.com/foo", ED25519)
    assert verifier.key_id.hex() == "530d903a"
    assert verifier.vkey == GOLDEN_VKEY


def test_a_note_signed_by_go_opens() -> None:
    note = open_note(GO_NOTE, [parse_vkey(GO_VKEY)])
    assert note.text.startswith("If you think cryptography")
    assert [each.name for each in note.signatures] == ["PeterNeumann"]


def test_every_kind_of_key_is_published_and_read_back() -> None:
    keys = (*a_signer().verifiers, *a_cosigner().verifiers)
    assert [key.kind for key in keys] == [ED25519, MLDSA44, COSIGNATURE, MLDSA44]
    assert [parse_vkey(key.vkey) for key in keys] == list(keys)


def test_a_signed_text_opens_and_a_changed_one_does_not() -> None:
    signer = a_signer()
    note = signed(TEXT, signer)
    assert open_note(note, [signer.verifier]).text == TEXT
    with pytest.raises(VerificationError):
        open_note(note.replace("two", "six"), [signer.verifier])


def test_ed25519_signs_the_same_text_the_same_way_in_every_process() -> None:
    assert signed(TEXT, a_signer()) == signed(TEXT, a_signer())


def test_lines_of_unknown_keys_are_ignored() -> None:
    signer, witness = a_signer(), a_cosigner()
    note = signed(TEXT, signer) + false_line(witness.verifier, b"whatever it means")
    assert [each.name for each in open_note(note, [signer.verifier]).signatures] == [signer.name]


def test_a_false_line_of_a_known_key_refuses_the_note() -> None:
    signer, other = a_signer(), a_signer("other.example")
    note = signed(TEXT, signer) + false_line(other.verifier, bytes(64))
    with pytest.raises(VerificationError):
        open_note(note, [signer.verifier, other.verifier])


@pytest.mark.parametrize("length", [1, 7, 8, 9, 72, 2428])
def test_a_cosignature_of_any_wrong_length_is_false(length: int) -> None:
    checkpoint, witness = a_checkpoint(1), a_cosigner()
    for verifier in witness.verifiers:
        with pytest.raises(VerificationError):
            open_note(checkpoint.text + false_line(verifier, bytes(length)), [verifier])


def test_a_note_without_an_expected_signature_is_refused() -> None:
    with pytest.raises(VerificationError):
        open_note(signed(TEXT, a_signer()), [a_signer("other.example").verifier])


def test_a_key_is_known_by_its_id_not_by_its_name_alone() -> None:
    impostor = Signer(a_signer().name, *seeds("impostor"))
    with pytest.raises(VerificationError):
        open_note(signed(TEXT, impostor), [a_signer().verifier])


def test_one_secret_used_as_two_kinds_of_key_has_two_ids() -> None:
    public_key = a_signer().verifier.public_key
    as_log, as_witness = Verifier("a.example", public_key), Verifier("a.example", public_key, b"\4")
    assert as_log.key_id != as_witness.key_id


def test_text_and_signatures_part_at_the_last_empty_line() -> None:
    signer = a_signer()
    text = "one\n\ntwo\n\n— not.a.signature abc\n"
    assert open_note(signed(text, signer), [signer.verifier]).text == text


def test_sixteen_signatures_of_any_kind_are_read() -> None:
    checkpoint = a_checkpoint(3)
    witnesses = [a_cosigner(f"witness-{number}.example") for number in range(8)]
    text = parse_note(checkpoint.text).text
    lines = [str(line) for each in witnesses for line in each.sign(text, AT).signatures]
    keys = [key for each in witnesses for key in each.verifiers]
    assert len(open_note(checkpoint.text + "".join(lines), keys).signatures) == 16


def test_a_hundred_signatures_are_read_and_no_more() -> None:
    lines = [str(Signature(f"w{n}.example", b"abcd", b"x")) for n in range(101)]
    assert len(parse_note(f"{TEXT}\n{''.join(lines[:100])}").signatures) == 100
    with pytest.raises(VerificationError):
        parse_note(f"{TEXT}\n{''.join(lines)}")


def test_of_two_lines_by_one_key_the_first_counts() -> None:
    signer = a_signer()
    note = signed(TEXT, signer) + false_line(signer.verifier, bytes(64))
    assert len(open_note(note, [signer.verifier]).signatures) == 1


def test_what_cannot_stand_in_a_note_is_not_signed() -> None:
    for text in ("no newline at the end", "a bell\a\n", "half a character \ud800\n"):
        with pytest.raises(ValueError, match="newline"):
            a_signer().sign(text, AT)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "no signature\n",
        "text\n\n",
        "text\n\n\n",
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


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_note_changed_anywhere_is_refused_or_says_the_same(data: st.DataObject) -> None:
    note, keys = a_checkpoint(3).text, a_signer().verifiers
    start = data.draw(st.integers(0, len(note)))
    stop = data.draw(st.integers(start, min(len(note), start + 9)))
    try:
        opened = open_note(note[:start] + data.draw(st.text(max_size=9)) + note[stop:], keys)
    except VerificationError:
        return
    assert opened.text == parse_note(note).text


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_junk_is_no_note_and_no_key(text: str) -> None:
    for parse in (parse_note, parse_vkey):
        try:
            parse(text)
        except VerificationError:
            continue
