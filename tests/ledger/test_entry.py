"""The line of an entry has one spelling, and says exactly what the writer meant."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import EMPTY, EntryTooLarge, Head, VerificationError, leaf_digest
from ledger.chains import Chains
from ledger.entry import MAX_ENTRY_BYTES, MAX_PARTS, chain_entries, lines_of, parse_entry
from ledger.table import Numbers, Table
from tests.ledger.forging import an_entry

COMMAND = sha256(b"press the button").digest()
HASH = sha256(b"the entry before").digest()
visible = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
streams = st.text(visible, min_size=1, max_size=200)


@given(
    stream=streams,
    length=st.integers(0, 10**9),
    payloads=st.lists(st.binary(max_size=60), min_size=1, max_size=4),
)
def test_what_is_written_is_read_again(stream: str, length: int, payloads: list[bytes]) -> None:
    head = Head(length, HASH) if length else EMPTY
    entries, leaves = chain_entries(stream, head, payloads, COMMAND, "case-1")
    read = [parse_entry(at, raw) for at, raw in enumerate(entries)]
    assert [each.payload for each in read] == payloads
    assert [each.leaf_hash for each in read] == leaves == list(map(leaf_digest, entries))
    assert [each.seq for each in read] == list(range(length, length + len(payloads)))
    assert [each.prev for each in read] == [head.digest, *leaves[:-1]]
    assert {(each.stream, each.command, each.kid) for each in read} == {(stream, COMMAND, "case-1")}
    assert [each.part for each in read] == [(n + 1, len(payloads)) for n in range(len(payloads))]


def test_the_bytes_are_those_of_the_specification() -> None:
    (first,), _ = chain_entries("case/1", EMPTY, [b"filed\n"], COMMAND)
    assert first == (
        b"mingan/entry/v2\ncase/1 0 - r83tnnH12ok1M5PqdjNpgJ1vKD1R3DoR5rHIyE7Rh/I= 1/1 -\nfiled\n"
    )
    (second,), _ = chain_entries("case/1", Head(1, leaf_digest(first)), [b""], COMMAND, "k")
    assert second.startswith(b"mingan/entry/v2\ncase/1 1 ")
    assert second.endswith(b"= 1/1 k\n"), "an empty payload is a payload"


SOUND = an_entry("case/1", 3, HASH)
SPOILED = {
    "another title": SOUND.replace(b"v2", b"v1"),
    "no title": SOUND[16:],
    "a carriage return": SOUND.replace(b"v2\n", b"v2\r\n"),
    "two spaces": SOUND.replace(b" 3 ", b"  3 "),
    "a tab": SOUND.replace(b" 3 ", b"\t3 "),
    "a space at the end": SOUND.replace(b"-\n", b"- \n"),
    "no end": SOUND[:-1],
    "a part less": SOUND.replace(b" 1/1", b""),
    "a zero before the number": SOUND.replace(b" 3 ", b" 03 "),
    "a sign": SOUND.replace(b" 3 ", b" +3 "),
    "a number that is too long": SOUND.replace(b" 3 ", b" " + b"9" * 17 + b" "),
    "a first entry with a past": SOUND.replace(b" 3 ", b" 0 "),
    "a later entry without one": an_entry("case/1", 3),
    "base64url": an_entry("case/1", 3, b"\xff" * 32).replace(b"/////", b"_____"),
    "unpadded base64": SOUND.replace(b"= 1/1", b" 1/1"),
    "stray bits in base64": an_entry("case/1", 3, bytes(32)).replace(b"AA= ", b"AB= "),
    "a hash that is too short": SOUND.replace(b"= 1/1", b"AAA= 1/1"),
    "part 2 of 1": an_entry(part="2/1"),
    "part 0": an_entry(part="0/1"),
    "part of 0": an_entry(part="1/0"),
    "part 01": an_entry(part="01/1"),
    "a part of too many": an_entry(part=f"1/{MAX_PARTS + 1}"),
    "no stream": an_entry(""),
    "a stream with a space": an_entry("case 1"),
    "a stream in another alphabet": an_entry("案/1"),
    "a stream that is too long": an_entry("x" * 201),
    "a key that is a path": an_entry(kid="../x"),
    "no key": an_entry(kid=""),
    "too many bytes": an_entry(payload=bytes(MAX_ENTRY_BYTES)),
    "nothing": b"",
}  # fmt: skip


def test_the_sound_one_is_sound() -> None:
    assert parse_entry(7, SOUND).seq == 3


@pytest.mark.parametrize("what", SPOILED)
def test_another_spelling_is_no_entry(what: str) -> None:
    assert SPOILED[what] != SOUND
    with pytest.raises(VerificationError):
        parse_entry(0, SPOILED[what])


@pytest.fixture
def chains(tmp_path_factory: pytest.TempPathFactory) -> Chains:
    folder = tmp_path_factory.mktemp("chains")
    return Chains(Table(folder / "streams"), Numbers(folder / "links"), lambda _: bytes(32))


@pytest.mark.parametrize("what", SPOILED)
def test_the_fast_reader_refuses_what_the_careful_one_refuses(what: str, chains: Chains) -> None:
    """Writers and fsck look at lines in bulk (chains.py), readers at one entry (entry.py)."""
    raw = SPOILED[what]
    with pytest.raises(VerificationError):
        _follow(chains, raw)


def _follow(chains: Chains, raw: bytes) -> None:
    chains.follow(lines_of(0, [raw]), [leaf_digest(raw)])
    chains.check_whole()


@given(start=st.integers(0, 200), length=st.integers(0, 4), put=st.binary(max_size=4))
def test_both_readers_agree_on_whatever_is_spoiled(start: int, length: int, put: bytes) -> None:
    sound = an_entry("case/1", payload=b"payload")
    raw = sound[:start] + put + sound[start + length :]
    assert _careful(raw) == _fast(raw)


def _careful(raw: bytes) -> bool:
    """As the first entry of a log."""
    try:
        entry = parse_entry(0, raw)
    except VerificationError:
        return False
    return entry.seq == 0 and entry.part == (1, 1)


def _fast(raw: bytes) -> bool:
    with TemporaryDirectory() as folder:
        streams, links = Table(Path(folder) / "s"), Numbers(Path(folder) / "l")
        chains = Chains(streams, links, lambda _: bytes(32))
        try:
            _follow(chains, raw)
        except VerificationError:
            return False
        finally:
            streams.close()
            links.close()
        return True


def test_an_entry_of_65535_bytes_fits_and_a_longer_one_does_not() -> None:
    room = MAX_ENTRY_BYTES - len(an_entry())
    (raw,), _ = chain_entries("case/1", EMPTY, [bytes(room)], COMMAND)
    assert len(parse_entry(0, raw).raw) == MAX_ENTRY_BYTES
    with pytest.raises(EntryTooLarge):
        chain_entries("case/1", EMPTY, [b"", bytes(room + 1)], COMMAND)


@pytest.mark.parametrize("stream", ["", "a stream", "x" * 201, "案/1", "a\n", "a\x7f"])
def test_a_stream_has_a_short_plain_name(stream: str) -> None:
    with pytest.raises(ValueError, match="stream"):
        chain_entries(stream, EMPTY, [b""], COMMAND)


@pytest.mark.parametrize("kid", ["", "a key", "x" * 129, "钥", ".hidden", "-x", "a/b"])
def test_a_data_key_has_a_name_that_can_be_a_file(kid: str) -> None:
    with pytest.raises(ValueError, match="stream"):
        chain_entries("case/1", EMPTY, [b""], COMMAND, kid)
