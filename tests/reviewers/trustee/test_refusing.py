"""A trustee opens a panel's ballots when the log says voting is closed, and in no other case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from ledger import keys
from ledger.encoding import from_base64, to_base64
from ledger.note import Cosigner
from ledger.witnessing.policy import parse_policy
from reviewers.envelope import open_envelope
from reviewers.trustee.closing import Trusted, read_closing
from reviewers.trustee.errors import BadRequest, Refused
from reviewers.trustee.keeping import JOURNAL, Keeper
from reviewers.trustee.peeling import answer, parse_request
from tests.reviewers.trustee.closings import CASE, Field, a_field, first


@pytest.fixture
def field(tmp_path: Path) -> Iterator[Field]:
    field = a_field(tmp_path)
    yield field
    field.log.close()


@pytest.fixture
def keepers(field: Field, tmp_path: Path) -> dict[str, Keeper]:
    """All three, as they stand after their first start."""
    made = {}
    for name, raw in field.private.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / JOURNAL).touch()
        made[name] = Keeper(name, X25519PrivateKey.from_private_bytes(raw), tmp_path / name)
    return made


def ask(field: Field, keeper: Keeper, body: dict[str, Any]) -> list[str | None]:
    request = parse_request(json.dumps(body).encode())
    opened: list[str | None] = answer(request, keeper, Trusted(field.log.verifiers), "now")[
        "opened"
    ]
    return opened


def refusal(field: Field, keeper: Keeper, body: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        ask(field, keeper, body)
    return refused.value.code


def test_two_open_what_the_log_says_is_closed(field: Field, keepers: dict[str, Keeper]) -> None:
    envelopes = [field.envelope(seat) for seat in (1, 2, 3)]
    body = first(field, field.close(envelopes), envelopes)
    left = ask(field, keepers["operator"], body)
    second = body | {"step": "SECOND", "partner": "operator", "inner": left}
    keys = ask(field, keepers["association"], second)
    for content, key in zip(envelopes, keys, strict=True):
        assert key is not None
        assert open_envelope(content, from_base64(key)).startswith(b"{}")


def test_it_answers_the_same_again_and_remembers_once(
    field: Field, keepers: dict[str, Keeper], tmp_path: Path
) -> None:
    envelopes = [field.envelope(1)]
    body = first(field, field.close(envelopes), envelopes)
    keeper = keepers["operator"]
    assert ask(field, keeper, body) == ask(field, keeper, body)
    assert len((tmp_path / "operator" / JOURNAL).read_text().splitlines()) == 1


@pytest.mark.parametrize(
    "pick",
    [
        lambda e: e[:2],
        lambda e: [*e, e[0]],
        lambda e: [e[1], e[0], e[2]],
        lambda e: [e[0], e[0], e[2]],
        lambda e: [e[0], e[1], e[2] + b" "],
        lambda e: [],
    ],
    ids=["a subset", "a superset", "another order", "one doubled", "one edited", "none"],
)
def test_it_opens_all_ballots_of_the_closing_or_none(
    field: Field, keepers: dict[str, Keeper], pick: Any
) -> None:
    envelopes = [field.envelope(seat) for seat in (1, 2, 3)]
    entry = field.close(envelopes)
    body = first(field, entry, pick(envelopes))
    assert refusal(field, keepers["operator"], body) == "OTHER_BALLOTS"
    assert keepers["operator"].opened == 0


def test_a_ballot_of_a_panel_that_still_votes_is_not_opened_under_another_case(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    stolen = field.envelope(1, case_no="MA-2026-000009")
    body = first(field, field.close([stolen]), [stolen])
    assert refusal(field, keepers["operator"], body) == "OTHER_CONTEXT"


def test_a_ballot_of_another_round_or_seat_is_not_opened(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    for stolen in (field.envelope(1, panel=2), field.envelope(5)):
        body = first(field, field.close([stolen]), [stolen])
        assert refusal(field, keepers["operator"], body) == "OTHER_CONTEXT"


def test_one_ballot_committed_twice_is_refused(field: Field, keepers: dict[str, Keeper]) -> None:
    envelope = field.envelope(1)
    body = first(field, field.close([envelope, envelope]), [envelope, envelope])
    assert refusal(field, keepers["operator"], body) == "OTHER_BALLOTS"


def test_a_second_closing_of_the_same_panel_is_refused(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    one, other = [field.envelope(1)], [field.envelope(1)]
    ask(field, keepers["operator"], first(field, field.close(one), one))
    again = first(field, field.close(other), other)
    assert refusal(field, keepers["operator"], again) == "OTHER_CLOSING"


def test_one_record_that_shows_two_lists_of_slips_opens_one(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    body = first(field, field.close([field.envelope(1)]), [])
    shown = read_closing(body["proof"], Trusted(field.log.verifiers))
    keepers["operator"].remember(shown, "FIRST", "association", "now")
    other = replace(shown, slips=("f" * 64,))
    with pytest.raises(Refused, match="OTHER_CLOSING"):
        keepers["operator"].remember(other, "FIRST", "association", "now")


@pytest.mark.parametrize("hidden", ["round", "seats", "slips"])
def test_a_closing_that_does_not_say_which_panel_and_ballots_is_none(
    field: Field, keepers: dict[str, Keeper], hidden: str
) -> None:
    envelopes = [field.envelope(1)]
    body = first(field, field.close(envelopes), envelopes)
    texts = [one for one in body["proof"]["disclosures"] if f'"{hidden}"' not in one]
    body["proof"]["disclosures"] = texts
    assert refusal(field, keepers["operator"], body) == "NOT_A_CLOSING"


def test_a_forged_proof_is_worth_nothing(
    field: Field, keepers: dict[str, Keeper], tmp_path: Path
) -> None:
    envelopes = [field.envelope(1)]
    entry = field.close(envelopes)
    proof = field.proof(entry)
    elsewhere = a_field(tmp_path / "elsewhere")
    foreign = elsewhere.proof(elsewhere.close(envelopes))
    elsewhere.log.close()
    forged = [
        {**proof, "raw": proof["raw"].replace("ALL", "all") + " "},
        {**proof, "receipt": proof["receipt"].replace("index 0", "index 1")},
        foreign,
    ]
    for one in forged:
        body = first(field, entry, envelopes, proof=one)
        assert refusal(field, keepers["operator"], body) == "NOT_PROVEN"


def test_disclosures_of_another_record_are_refused(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    wanted, real = [field.envelope(1)], [field.envelope(1), field.envelope(2)]
    theirs, entry = field.close(wanted, stream="case/MA-2026-000007"), field.close(real)
    mixed = field.proof(entry) | {"disclosures": field.proof(theirs)["disclosures"]}
    body = first(field, entry, wanted, proof=mixed)
    assert refusal(field, keepers["operator"], body) == "NOT_A_CLOSING"


def test_another_kind_of_record_closes_nothing(field: Field, keepers: dict[str, Keeper]) -> None:
    envelopes = [field.envelope(1)]
    for entry in (
        field.close(envelopes, kind="BALLOT_COMMITTED"),
        field.close(envelopes, stream="pool"),
        field.close(envelopes, slips="all", stream=f"case/{CASE}x"),
    ):
        body = first(field, entry, envelopes)
        assert refusal(field, keepers["operator"], body) == "NOT_A_CLOSING"


def test_a_trustee_with_a_policy_asks_for_witnesses(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    witness = keys.generate_as(Cosigner, "witness.example/w").verifiers[0].vkey
    policy = parse_policy(f"witness w {witness}\nquorum w\n".encode())
    envelopes = [field.envelope(1)]
    body = first(field, field.close(envelopes), envelopes)
    request = parse_request(json.dumps(body).encode())
    with pytest.raises(Refused, match="TOO_FEW_WITNESSES"):
        answer(request, keepers["operator"], Trusted(field.log.verifiers, policy), "now")


def test_a_ballot_sealed_under_a_wrong_key_is_null_and_the_others_open(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    good, bad = field.envelope(1), field.envelope(2)
    wraps = json.loads(bad)["wraps"]
    wraps[0]["sealed"] = to_base64(bytes(128))
    fields = json.loads(bad) | {"wraps": wraps}
    bad = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    opened = ask(field, keepers["operator"], first(field, field.close([good, bad]), [good, bad]))
    assert opened[0] is not None
    assert opened[1] is None


def test_an_envelope_that_was_not_sealed_to_this_pair_is_refused(
    field: Field, keepers: dict[str, Keeper]
) -> None:
    envelopes = [field.envelope(1)]
    body = first(field, field.close(envelopes), envelopes, partner="somebody")
    assert refusal(field, keepers["operator"], body) == "NOT_SEALED_TO_US"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'{"step":"THIRD"}',
        b'{"step":"FIRST","partner":1}',
        b'{"step":"FIRST","partner":"x","envelopes":"y"}',
        b'{"step":"FIRST","partner":"x","envelopes":["?"]}',
        b'{"step":"SECOND","partner":"x","envelopes":["AAAA"],"inner":[]}',
        b'{"step":"FIRST","partner":"x","more":1}',
        b'{"step":"FIRST","step":"FIRST","partner":"x"}',
        json.dumps({"step": "FIRST", "partner": "x", "envelopes": ["AAAA"] * 65}).encode(),
    ],
)
def test_nonsense_is_not_a_request(body: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_request(body)


@pytest.mark.parametrize("proof", [None, {}, {"receipt": 1, "raw": 2, "disclosures": 3}])
def test_no_proof_no_answer(field: Field, keepers: dict[str, Keeper], proof: object) -> None:
    envelopes = [field.envelope(1)]
    with pytest.raises(BadRequest):
        ask(
            field, keepers["operator"], first(field, field.close(envelopes), envelopes, proof=proof)
        )
