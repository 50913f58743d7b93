"""One dishonest reviewer seals nonsense: it costs that vote, and neither the case nor a page."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from apiflask import APIFlask

from ledger.encoding import from_base64
from portal import events as e
from portal.cases.state import Case
from portal.events import Seat
from portal.panels import desk
from portal.panels.sealing import context_of
from reviewers.envelope import seal
from tests.builders import house_of
from tests.houses import case_of
from tests.portal.rooms import cast, open_required, reviewer, seat_a_panel
from tests.values import CASE_NO

GOOD: dict[str, Any] = {
    "seat": 1,
    "choice": "SUPPORT_CLAIMANT",
    "amount_fen": 0,
    "compensation_fen": 0,
    "remedy": None,
    "reasons": ["PROMISE_PROVED"],
    "text": "吊牌与口播不符。",
    "citations": ["B1"],
    "cast_at": "2026-11-22T00:00:00Z",
    "liability": {},
}


def padded(fields: dict[str, Any] | str, length: int = 8192) -> bytes:
    text = fields if isinstance(fields, str) else json.dumps(fields, ensure_ascii=False)
    return text.encode().ljust(length)


def sealed(app: APIFlask, seat: Seat, plain: bytes, as_if: dict[str, Any] | None = None) -> bytes:
    """An envelope for this seat as a reviewer's own program makes it."""
    case = case_of(house_of(app))
    assert case.drawn is not None
    trustees = [(each.name, from_base64(each.key)) for each in case.drawn.trustees]
    context = context_of(case, seat.number)
    return seal(plain, context, trustees, os.urandom(32), os.urandom(12))


def open_with(app: APIFlask, envelope_of: Any) -> Case:
    """The case after the opening, where the first seat's envelope is this one."""
    house = house_of(app)
    seats = seat_a_panel(app)
    open_required(app, seats[0])
    desk.cast_sealed(house, reviewer(seats[0]), CASE_NO, envelope_of(seats[0]), "w")
    for seat in seats[1:]:
        cast(app, seat)
    house.duties.perform("OPEN", CASE_NO, "")
    return case_of(house)


HOSTILE = {
    "huge amount": padded(GOOD | {"choice": "PARTIAL", "amount_fen": 10**30}),
    "huge claim": padded(GOOD | {"amount_fen": 10**30}),
    "huge negative": padded(GOOD | {"choice": "PARTIAL", "compensation_fen": -(10**30)}),
    "huge share": padded(GOOD | {"liability": {"MERCHANT": 10**30}}),
    "unknown party": padded(GOOD | {"liability": {"<b>MOON</b>": 10_000}}),
    "unknown remedy": padded(GOOD | {"choice": "PARTIAL", "remedy": "<script>"}),
    "html": padded(GOOD | {"text": "</script><img src=x onerror=alert(1)>", "cast_at": "<i>"}),
    "control": padded(GOOD | {"text": "a\x00b", "cast_at": "\x00"}),
    "nan": padded('{"seat": NaN}'),
    "deep": padded("[" * 8000),
    "deep in a stranger's field": padded(
        json.dumps(GOOD)[:-1] + ', "x": ' + "[" * 1000 + "]" * 1000 + "}"
    ),
    "other seat": padded(GOOD | {"seat": 2}),
    "surrogate": padded(json.dumps(GOOD | {"text": "\ud800"})),
    "many citations": padded(GOOD | {"citations": ["B1"] * 5_000}, 32768),
    "long text": padded(GOOD | {"text": "证" * 10_000}, 32768),
    "long time": padded(GOOD | {"cast_at": "证" * 10_000}, 32768),
    "digits": padded('{"seat": ' + "9" * 5_000 + "}"),
}


@pytest.mark.parametrize("plain", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_ballot_neither_stops_the_opening_nor_breaks_a_page(
    app: APIFlask, plain: bytes
) -> None:
    case = open_with(app, lambda seat: sealed(app, seat, plain))

    assert case.ruling is not None
    assert all(one.valid for one in case.revealed[1:])
    client = app.test_client()
    for page in ("/cases/{}/opening", "/audit/cases/{}", "/cases/{}/draw"):
        answer = client.get(page.format(CASE_NO))
        print(page, answer.status_code, case.revealed[0].valid, case.revealed[0].refused)
        assert answer.status_code in (200, 404)
        assert b"<img src=x" not in answer.data


def test_a_ciphertext_that_its_own_key_does_not_open_costs_only_that_vote(app: APIFlask) -> None:
    def spoilt(seat: Seat) -> bytes:
        fields = json.loads(sealed(app, seat, padded(GOOD)))
        other = json.loads(sealed(app, seat, padded(GOOD)))
        fields["ciphertext"] = other["ciphertext"]
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    case = open_with(app, spoilt)

    assert [one.valid for one in case.revealed] == [False] + [True] * 6
    assert case.revealed[0].refused == "UNOPENABLE"
    history = house_of(app).projection.stream(f"case/{CASE_NO}")
    assert not any(isinstance(entry.event, e.TrusteeFailed) for entry in history.entries)
