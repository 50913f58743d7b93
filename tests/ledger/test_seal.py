"""Sealed fields: shown one by one, useless without the key, bound to their place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger import EMPTY, DataKey, EntryTooLarge, VerificationError, disclosures_match, open_entry
from ledger.canonical import dumps, loads
from ledger.entry import Entry, parse_entry
from ledger.seal import disclosure_digest, parse_disclosure, parse_disclosures, seal_entries
from tests.ledger.builders import AT, DATA_KEY, a_draft

FIELDS = {"amount_fen": 12900, "note": "第一行\n第二行", "items": [{"sku": "S-1", "count": 2}]}


def sealed(count: int = 1) -> list[Entry]:
    drafts = [a_draft(fields=FIELDS) for _ in range(count)]
    raw = seal_entries("case/1", EMPTY, drafts, "a command", DATA_KEY)
    return [parse_entry(at, each) for at, each in enumerate(raw)]


def test_a_digest_is_the_one_of_rfc_9901() -> None:
    # Section 4.2.1 and 4.2.3, the disclosure of "family_name".
    text = '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]'
    assert disclosure_digest(text) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_the_key_opens_every_field_in_order() -> None:
    entry = sealed()[0]
    opened = open_entry(entry, DATA_KEY)
    assert {each.name: each.value for each in opened} == FIELDS
    assert [each.name for each in opened] == list(FIELDS)
    assert sorted(each.digest for each in opened) == list(entry.sd)


def test_an_entry_without_fields_opens_to_none() -> None:
    raw = seal_entries("case/1", EMPTY, [a_draft(fields={})], "a command", DATA_KEY)[0]
    assert open_entry(parse_entry(0, raw), DATA_KEY) == ()


def test_no_field_can_be_read_in_the_entry_itself() -> None:
    assert b"12900" not in sealed()[0].raw
    assert b"amount_fen" not in sealed()[0].raw


def test_one_field_can_be_shown_and_proven_alone() -> None:
    entry = sealed()[0]
    shown = open_entry(entry, DATA_KEY)[0].text
    assert disclosures_match(entry.raw, [shown])
    assert disclosures_match(entry.raw, [])
    assert not disclosures_match(entry.raw, [shown.replace("12900", "99900")])


def test_the_same_field_is_hidden_differently_each_time() -> None:
    first, second = sealed(2)
    assert not set(first.sd) & set(second.sd)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(VerificationError, match="does not open"):
        open_entry(sealed()[0], DataKey(DATA_KEY.kid, b"x" * 32))
    with pytest.raises(VerificationError, match="sealed with key case-1"):
        open_entry(sealed()[0], DataKey("case-2", DATA_KEY.secret))


def test_sealed_content_does_not_open_at_another_place() -> None:
    first, second = sealed(2)
    with pytest.raises(VerificationError):
        open_entry(replace(second, sealed=first.sealed, sd=first.sd), DATA_KEY)


def test_sealed_content_must_be_what_the_digests_promise() -> None:
    first, second = sealed(2)
    with pytest.raises(VerificationError, match="differ"):
        open_entry(replace(first, sd=second.sd), DATA_KEY)


def test_entries_of_one_command_are_chained_and_numbered() -> None:
    first, second, third = sealed(3)
    assert [entry.part for entry in (first, second, third)] == [(1, 3), (2, 3), (3, 3)]
    assert [entry.seq for entry in (first, second, third)] == [0, 1, 2]
    assert (first.prev, second.prev, third.prev) == (b"", first.leaf_hash, second.leaf_hash)
    assert len({first.cmd, second.cmd, third.cmd}) == 1


def test_an_entry_is_written_canonically() -> None:
    raw = sealed()[0].raw
    assert dumps(loads(raw)).encode() == raw


def test_an_entry_of_65535_bytes_fits_and_a_longer_one_does_not() -> None:
    longest = max(length for length in range(48_700, 49_100, 10) if _size(length) <= 65_535)
    assert _size(longest) > 65_500
    with pytest.raises(EntryTooLarge, match="at most 65535"):
        _seal(longest + 40)


def _size(length: int) -> int:
    try:
        return len(_seal(length))
    except EntryTooLarge:
        return 65_536


def _seal(length: int) -> bytes:
    draft = a_draft(fields={"text": "x" * length})
    return seal_entries("case/1", EMPTY, [draft], "a command", DATA_KEY)[0]


@pytest.mark.parametrize("name", ["_sd", "..."])
def test_names_that_rfc_9901_reserves_cannot_be_fields(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be named"):
        seal_entries("case/1", EMPTY, [a_draft(fields={name: 1})], "a command", DATA_KEY)


@pytest.mark.parametrize("stream", ["", "a stream", "x" * 201, "案/1", "a\n"])
def test_a_stream_has_a_short_plain_name(stream: str) -> None:
    with pytest.raises(ValueError, match="stream"):
        seal_entries(stream, EMPTY, [a_draft()], "a command", DATA_KEY)


@pytest.mark.parametrize("at", ["", "2026-01-31", "2026-02-30T08:00:00.000Z", AT[:-5] + "Z"])
def test_a_time_is_utc_with_milliseconds_and_exists(at: str) -> None:
    with pytest.raises(ValueError, match="time"):
        a_draft(at=at)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '["AAAAAAAAAAAAAAAAAAAAAA","name"]',
        '["short","name",1]',
        '["AAAAAAAAAAAAAAAAAAAAAA",1,1]',
        '["AAAAAAAAAAAAAAAAAAAAAA","...",1]',
        '["AAAAAAAAAAAAAAAAAAAAAA","name",1.5]',
        '{"a":1}',
    ],
)
def test_what_is_not_a_disclosure_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        parse_disclosure(text)


def test_one_field_cannot_be_disclosed_twice() -> None:
    texts = ['["AAAAAAAAAAAAAAAAAAAAAA","name",1]', '["AAAAAAAAAAAAAAAAAAAAAQ","name",2]']
    with pytest.raises(VerificationError, match="twice"):
        parse_disclosures(texts)
