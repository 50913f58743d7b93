"""Time stamps by an authority, made and checked by us and by openssl."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from ledger.errors import Unreachable, VerificationError
from ledger.timestamp import Stamper, load_roots, stated_time, verify
from tests.ledger.authority import Authority, serving
from tests.ledger.notary import a_checkpoint

CONTENT = a_checkpoint(7).text.encode()


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def stamp(authority: Authority) -> bytes:
    with serving(authority) as url:
        return Stamper(url, roots=[authority.root]).stamp(CONTENT)


def test_a_stamp_says_when_and_both_verifiers_agree(authority: Authority, stamp: bytes) -> None:
    at = verify(CONTENT, stamp, [authority.root])
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=5)
    assert stated_time(CONTENT, stamp) == at
    assert authority.verifies(CONTENT, stamp)


def test_another_message_has_no_stamp(authority: Authority, stamp: bytes) -> None:
    for other in (CONTENT[:-1], CONTENT + b"\n", b"", CONTENT.replace(b"7", b"8", 1)):
        with pytest.raises(VerificationError, match="other bytes"):
            verify(other, stamp, [authority.root])
        with pytest.raises(VerificationError, match="other bytes"):
            stated_time(other, stamp)
        assert not authority.verifies(other, stamp)


def test_another_authority_is_not_believed(
    authority: Authority, stamp: bytes, tmp_path: Path
) -> None:
    # Even one of the same name: names are not keys.
    other = Authority(tmp_path / "other")
    with pytest.raises(VerificationError):
        verify(CONTENT, stamp, [other.root])
    for roots in ([other.root, authority.root], [authority.root, other.root]):
        assert verify(CONTENT, stamp, roots)
    assert not other.verifies(CONTENT, stamp)


def test_without_a_root_nobody_is_believed(stamp: bytes) -> None:
    with pytest.raises(VerificationError):
        verify(CONTENT, stamp, [])


def test_a_stamp_changed_in_any_bit_is_refused_or_says_the_same(
    authority: Authority, stamp: bytes
) -> None:
    """A few bits are signed by nobody, such as version numbers; none of them means anything."""
    at, passed = verify(CONTENT, stamp, [authority.root]), 0
    for place in range(len(stamp)):
        for bit in (0x01, 0x80):
            changed = bytearray(stamp)
            changed[place] ^= bit
            try:
                assert verify(CONTENT, bytes(changed), [authority.root]) == at
                passed += 1
            except VerificationError:
                continue
    assert passed < len(stamp) // 20


def test_a_stamp_cut_off_or_lengthened_is_refused(authority: Authority, stamp: bytes) -> None:
    for wrong in (stamp[:-1], stamp + b"\0", b"", stamp[: len(stamp) // 2]):
        with pytest.raises(VerificationError):
            verify(CONTENT, wrong, [authority.root])


def test_an_old_answer_is_not_taken_for_a_new_one(authority: Authority, stamp: bytes) -> None:
    with (
        serving(authority, lambda query, reply: stamp) as url,
        pytest.raises(VerificationError, match="another question"),
    ):
        Stamper(url).stamp(CONTENT)


def test_a_stamp_of_other_bytes_is_not_taken(authority: Authority) -> None:
    def about_something_else(query: bytes, reply: bytes) -> bytes:
        other = TimestampRequestBuilder(data=b"x").hash_algorithm(HashAlgorithm.SHA256).build()
        return authority.reply(other.as_bytes())

    with (
        serving(authority, about_something_else) as url,
        pytest.raises(VerificationError, match="other bytes"),
    ):
        Stamper(url).stamp(CONTENT)


def test_a_refusal_is_no_stamp(authority: Authority) -> None:
    with (
        serving(authority, lambda query, reply: authority.reply(b"nonsense")) as url,
        pytest.raises(VerificationError),
    ):
        Stamper(url).stamp(CONTENT)


def test_an_authority_that_is_not_the_trusted_one_is_noticed_at_once(
    authority: Authority, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other", "other")
    with serving(other) as url:
        assert Stamper(url).stamp(CONTENT)  # without a root, the form alone is checked
        with pytest.raises(VerificationError):
            Stamper(url, roots=[authority.root]).stamp(CONTENT)


@pytest.mark.parametrize(("status", "kind"), [(500, "text/plain"), (200, "text/html"), (302, "")])
def test_what_is_no_answer_of_an_authority_is_said(
    authority: Authority, status: int, kind: str
) -> None:
    with (
        serving(authority, status=status, content_type=kind) as url,
        pytest.raises(Unreachable, match=str(status)),
    ):
        Stamper(url).stamp(CONTENT)


def test_an_endless_answer_is_cut_off(authority: Authority) -> None:
    with (
        serving(authority, lambda query, reply: reply + bytes(1_000_000)) as url,
        pytest.raises(Unreachable, match="more than 65536 bytes"),
    ):
        Stamper(url).stamp(CONTENT)


def test_an_authority_that_is_away_is_said_to_be_away() -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
        Stamper("http://127.0.0.1:9/tsa").stamp(CONTENT)


def test_only_web_addresses_are_asked() -> None:
    with pytest.raises(ValueError, match="http or https"):
        Stamper("file:///tmp/tsa")


def test_roots_are_read_from_a_file(authority: Authority, stamp: bytes) -> None:
    pem = (authority.folder / "root.pem").read_bytes()
    assert verify(CONTENT, stamp, load_roots(pem + pem))
    for wrong in (b"", b"nonsense", pem[:-30]):
        with pytest.raises(VerificationError):
            load_roots(wrong)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_spoiled_stamp_is_refused_properly(stamp: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(stamp)))
    stop = data.draw(st.integers(start, min(len(stamp), start + 30)))
    for spoiled in (
        stamp[:start] + data.draw(st.binary(max_size=30)) + stamp[stop:],
        data.draw(st.binary(max_size=100)),
    ):
        try:
            stated_time(CONTENT, spoiled)
        except VerificationError:
            continue
