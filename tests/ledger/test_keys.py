"""The keys of logs and witnesses: their files, and public keys that must not be trusted."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import keys
from ledger.encoding import to_base64
from ledger.errors import StoreUnavailable, VerificationError
from ledger.note import Cosigner, PrivateKey, Signer, Verifier, parse_vkey
from ledger.scheme import COSIGNATURE
from tests.ledger.notary import a_cosigner, a_signer

P = 2**255 - 19
# From the documentation of golang.org/x/mod/sumdb/note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_private_key_of_go_is_read_and_written_back() -> None:
    key = keys.parse_private_key(GO_PRIVATE)
    assert key.verifier.vkey == GO_VKEY
    assert keys.format_private_key(key) == GO_PRIVATE


def test_a_saved_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    signer = keys.generate("ledger.example/mingan")
    keys.save(signer, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load(path).verifiers == signer.verifiers


def test_a_key_file_is_two_lines_with_ed25519_first(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    keys.save(a_signer(), path)
    lines = path.read_text().splitlines()
    assert [keys.parse_private_key(line).kind for line in lines] == [b"\1", b"\6"]
    assert all(line.startswith(f"PRIVATE+KEY+{a_signer().name}+") for line in lines)


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    keys.save(a_signer(), path)
    path.chmod(0o640)
    with pytest.raises(VerificationError, match="chmod 600"):
        keys.load(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    keys.save(a_signer(), path)
    with pytest.raises(StoreUnavailable):
        keys.save(keys.generate("other.example"), path)
    assert keys.load(path).vkey == a_signer().vkey


def test_a_missing_key_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"log\.key"):
        keys.load(tmp_path / "log.key")


def test_a_log_cannot_sign_with_the_keys_of_a_witness(tmp_path: Path) -> None:
    path = tmp_path / "witness.key"
    keys.save(a_cosigner(), path)
    assert keys.load_as(Cosigner, path).verifiers == a_cosigner().verifiers
    with pytest.raises(VerificationError, match="types 01 and 06"):
        keys.load(path)


def test_two_keys_in_one_file_bear_one_name() -> None:
    one, other = a_signer("one.example").private_keys, a_signer("other.example").private_keys
    lines = f"{keys.format_private_key(one[0])}\n{keys.format_private_key(other[1])}\n"
    with pytest.raises(VerificationError, match="one name"):
        keys.parse_key_file(Signer, lines.encode())


def test_no_error_and_no_repr_shows_the_secret() -> None:
    secret = GO_PRIVATE.rpartition("+")[2]
    for broken in (
        GO_PRIVATE.replace("c74f20a3", "00000000"),
        GO_PRIVATE.replace("+c74f20a3", ""),
        GO_PRIVATE[:-1],
        f"{GO_PRIVATE}+",
    ):
        with pytest.raises(VerificationError) as caught:
            keys.parse_private_key(broken)
        assert secret[:8] not in str(caught.value)
        assert secret[-8:] not in str(caught.value)
    signer = a_signer()
    for key in signer.private_keys:
        shown = f"{signer!r} {key!r} {vars(signer)!r}"
        assert to_base64(key.seed) not in shown
        assert repr(key.seed) not in shown


def test_the_public_keys_of_a_log_are_two_lines_of_one_name() -> None:
    content = keys.format_vkey_file(a_signer().verifiers)
    assert content.decode().splitlines() == [key.vkey for key in a_signer().verifiers]
    assert keys.parse_vkey_file(content) == a_signer().verifiers


@pytest.mark.parametrize("what", ["one", "three", "order", "names", "witness", "cut", "space"])
def test_another_file_of_public_keys_is_refused(what: str) -> None:
    first, second = (f"{key.vkey}\n" for key in a_signer().verifiers)
    wrong = {
        "one": first,
        "three": first + second + second,
        "order": second + first,
        "names": first + f"{a_signer('other.example').verifiers[1].vkey}\n",
        "witness": "".join(f"{key.vkey}\n" for key in a_cosigner().verifiers),
        "cut": (first + second)[:-1],
        "space": f"{first}\n{second}",
    }
    with pytest.raises(VerificationError):
        keys.parse_vkey_file(wrong[what].encode())


LOW_ORDER = {
    "neutral": 1,
    "order 2": P - 1,
    "order 4": 0,
    "order 8": 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    "order 8, other": P - 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    # The same points spelled with y + p: fourteen encodings of eight points in all.
    "neutral, second spelling": 1 + P,
    "order 4, second spelling": P,
}


@pytest.mark.parametrize("kind", [b"\1", COSIGNATURE])
@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", LOW_ORDER.values(), ids=LOW_ORDER)
def test_a_public_key_of_low_order_is_refused(y: int, sign: int, kind: bytes) -> None:
    with pytest.raises(VerificationError):
        Verifier("log.example", (y | sign << 255).to_bytes(32, "little"), kind)


def test_a_public_key_in_its_second_spelling_is_refused() -> None:
    # y = 3 is a point of the curve with high order; 3 + p means the same to a lax reader.
    Verifier("log.example", (3).to_bytes(32, "little"))
    with pytest.raises(VerificationError, match="canonical"):
        Verifier("log.example", (3 + P).to_bytes(32, "little"))


def test_a_public_key_off_the_curve_is_refused() -> None:
    with pytest.raises(VerificationError, match="curve"):
        Verifier("log.example", (2).to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 32, 1311, 1313])
def test_an_ml_dsa_public_key_has_one_length(length: int) -> None:
    with pytest.raises(VerificationError, match="1312 bytes"):
        Verifier("log.example", bytes(length), b"\6")


def test_a_private_key_of_an_unknown_type_is_refused() -> None:
    with pytest.raises(VerificationError, match="type 02"):
        keys.format_private_key(PrivateKey("log.example", bytes(32), b"\2"))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "log.example",
        "log.example+00000000+",
        "log.example+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "log.example+530d903a+" + to_base64(b"\x02" + bytes(32)),
        GO_VKEY[:-4],
        GO_VKEY + "+",
        " " + GO_VKEY,
        GO_VKEY.replace("c74f20a3", "C74F20A3"),
    ],
)
def test_what_is_not_a_published_key_is_refused(vkey: str) -> None:
    with pytest.raises(VerificationError):
        parse_vkey(vkey)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_spoiled_key_is_refused_properly(data: st.DataObject) -> None:
    for sample in (GO_VKEY, GO_PRIVATE, a_signer().verifiers[1].vkey):
        start = data.draw(st.integers(0, len(sample)))
        stop = data.draw(st.integers(start, min(len(sample), start + 5)))
        spoiled = sample[:start] + data.draw(st.text(max_size=5)) + sample[stop:]
        for parse in (parse_vkey, keys.parse_private_key):
            if spoiled != sample:
                with pytest.raises(VerificationError):
                    parse(spoiled)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_junk_is_no_file_of_keys(content: bytes) -> None:
    with pytest.raises(VerificationError):
        keys.parse_vkey_file(content)
    with pytest.raises(VerificationError):
        keys.parse_key_file(Signer, content)
