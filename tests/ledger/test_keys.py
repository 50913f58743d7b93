"""The signing key: its file, its two texts, and public keys that must not be trusted."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ledger import keys
from ledger.encoding import to_base64
from ledger.errors import StoreUnavailable, VerificationError
from ledger.note import Verifier, parse_vkey
from tests.ledger.builders import SIGNER

P = 2**255 - 19
# From the documentation of golang.org/x/mod/sumdb/note.
GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_a_private_key_of_go_is_read_and_written_back() -> None:
    signer = keys.parse_private_key(GO_PRIVATE)
    assert signer.vkey == GO_VKEY
    assert keys.format_private_key(signer) == GO_PRIVATE


def test_a_saved_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    signer = keys.generate("ledger.example/mingan")
    keys.save(signer, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys.load(path).vkey == signer.vkey


def test_a_key_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    keys.save(SIGNER, path)
    path.chmod(0o640)
    with pytest.raises(VerificationError, match="chmod 600"):
        keys.load(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "log.key"
    keys.save(SIGNER, path)
    with pytest.raises(StoreUnavailable):
        keys.save(keys.generate("other.example"), path)
    assert keys.load(path).vkey == SIGNER.vkey


def test_a_missing_key_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match=r"log\.key"):
        keys.load(tmp_path / "log.key")


def test_no_error_and_no_repr_shows_the_secret() -> None:
    secret = GO_PRIVATE.rpartition("+")[2]
    broken = GO_PRIVATE.replace("c74f20a3", "00000000")
    with pytest.raises(VerificationError) as caught:
        keys.parse_private_key(broken)
    assert secret not in str(caught.value)
    assert secret not in repr(keys.parse_private_key(GO_PRIVATE))


LOW_ORDER = {
    "neutral": 1,
    "order 2": P - 1,
    "order 4": 0,
    "order 8": 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
    "order 8, other": P - 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
}


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", LOW_ORDER.values(), ids=LOW_ORDER)
def test_a_public_key_of_low_order_is_refused(y: int, sign: int) -> None:
    with pytest.raises(VerificationError):
        Verifier("log.example", (y | sign << 255).to_bytes(32, "little"))


def test_a_public_key_in_its_second_spelling_is_refused() -> None:
    # y = 3 is a point of the curve with high order; 3 + p means the same to a lax reader.
    Verifier("log.example", (3).to_bytes(32, "little"))
    with pytest.raises(VerificationError, match="canonical"):
        Verifier("log.example", (3 + P).to_bytes(32, "little"))


def test_a_public_key_off_the_curve_is_refused() -> None:
    with pytest.raises(VerificationError, match="curve"):
        Verifier("log.example", (2).to_bytes(32, "little"))


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "log.example",
        "log.example+00000000+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "log.example+530d903a+" + to_base64(b"\x02" + bytes(32)),
        GO_VKEY[:-4],
        GO_VKEY + "+",
        " " + GO_VKEY,
    ],
)
def test_what_is_not_a_published_key_is_refused(vkey: str) -> None:
    with pytest.raises(VerificationError):
        parse_vkey(vkey)
