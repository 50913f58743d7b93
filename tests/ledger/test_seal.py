"""Sealed fields: shown one by one, useless without the key, bound to their place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from ledger import EMPTY, DataKey, VerificationError, disclosures_match, open_entry
from ledger.canonical import dumps, loads
from ledger.content import Draft, read_content
from ledger.entry import Entry, chain_entries, parse_entry
from ledger.seal import disclosure_digest, parse_disclosure, parse_disclosures, seal_payloads
from tests.ledger.builders import AT, DATA_KEY, a_draft

FIELDS = {"amount_fen": 12900, "note": "第一行\n第二行", "items": [{"sku": "S-1", "count": 2}]}


def sealed(count: int = 1) -> list[Entry]:
    drafts = [a_draft(fields=FIELDS) for _ in range(count)]
    return entries_of(seal_payloads("case/1", EMPTY, drafts, DATA_KEY))


def entries_of(payloads: Sequence[bytes], kid: str = DATA_KEY.kid) -> list[Entry]:
    raw, _ = chain_entries("case/1", EMPTY, payloads, bytes(32), kid)
    return [parse_entry(at, each) for at, each in enumerate(raw)]


def seal_one(draft: Draft) -> Entry:
    return entries_of(seal_payloads("case/1", EMPTY, [draft], DATA_KEY))[0]


def test_a_digest_is_the_one_of_rfc_9901() -> None:
    # Section 4.2.1 and 4.2.3, the disclosure of "family_name".
    text = '["_26bc4LT-ac6q2KI6cBW5es", "family_name", "Möbius"]'
    assert disclosure_digest(text) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_the_key_opens_every_field_in_order() -> None:
    entry = sealed()[0]
    opened = open_entry(entry, DATA_KEY)
    assert {each.name: each.value for each in opened} == FIELDS
    assert [each.name for each in opened] == list(FIELDS)
    assert sorted(each.digest for each in opened) == list(read_content(entry).sd)


def test_an_entry_without_fields_opens_to_none() -> None:
    assert open_entry(seal_one(a_draft(fields={})), DATA_KEY) == ()


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
    assert not set(read_content(first).sd) & set(read_content(second).sd)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(VerificationError, match="does not open"):
        open_entry(sealed()[0], DataKey(DATA_KEY.kid, b"x" * 32))
    with pytest.raises(VerificationError, match="sealed with key case-1"):
        open_entry(sealed()[0], DataKey("case-2", DATA_KEY.secret))


def test_sealed_content_does_not_open_at_another_place() -> None:
    first, second = sealed(2)
    with pytest.raises(VerificationError, match="does not open"):
        open_entry(entries_of([second.payload, first.payload])[1], DATA_KEY)


def test_sealed_content_must_be_what_the_digests_promise() -> None:
    first, second = (loads(entry.payload) for entry in sealed(2))
    mixed = dumps({**first, "_sd": second["_sd"]}).encode()
    with pytest.raises(VerificationError, match="differ"):
        open_entry(entries_of([mixed])[0], DATA_KEY)


def test_a_sealed_payload_is_written_canonically_and_says_no_more_than_it_must() -> None:
    payload = sealed()[0].payload
    assert dumps(loads(payload)).encode() == payload
    assert list(loads(payload)) == ["_sd", "_sd_alg", "at", "blobs", "sealed", "type"]


def test_a_plain_entry_has_no_content_to_read() -> None:
    plain = entries_of([sealed()[0].payload], kid="-")[0]
    with pytest.raises(VerificationError, match="not sealed"):
        read_content(plain)
    assert not disclosures_match(plain.raw, [open_entry(sealed()[0], DATA_KEY)[0].text])


@pytest.mark.parametrize("name", ["_sd", "..."])
def test_names_that_rfc_9901_reserves_cannot_be_fields(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be named"):
        seal_one(a_draft(fields={name: 1}))


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
