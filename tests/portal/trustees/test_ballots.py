"""Taking ballots: sealed elsewhere or here, once, in time, and after the exhibits were opened."""

from __future__ import annotations

import base64
import json
import os
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.clock import Clock
from portal.events import Seat
from portal.panels.sealing import BROWSER, SERVER
from reviewers.ballot import Ballot, Choice, Reason, encode
from reviewers.envelope import Context, seal, slip
from tests.builders import house_of
from tests.houses import case_of
from tests.portal.rooms import a_token, a_vote, cast, seat_a_panel, sign_in_seat
from tests.values import CASE_NO

API = f"/api/v1/cases/{CASE_NO}"


@pytest.fixture
def seats(app: APIFlask) -> tuple[Seat, ...]:
    return seat_a_panel(app)


@pytest.fixture
def client(app: APIFlask, seats: tuple[Seat, ...]) -> FlaskClient:
    """A program of the first seat."""
    client = app.test_client()
    token = a_token(app, f"{seats[0].reviewer_id}@example.com")
    client.environ_base["HTTP_AUTHORIZATION"] = token["Authorization"]
    return client


def own_envelope(client: FlaskClient, **changes: Any) -> bytes:
    """What a reviewer's own program makes of what the portal tells it."""
    told = client.get(f"{API}/sealing").get_json()
    context = Context(**(told["context"] | changes))
    ballot = Ballot(
        seat=context.seat,
        choice=Choice.SUPPORT_RESPONDENT,
        amount_fen=0,
        compensation_fen=0,
        remedy=None,
        reasons=(Reason.PROMISE_NOT_PROVED,),
        text="看不出是哪一件",
        citations=("B1",),
        cast_at="2026-11-22T05:00:00.000Z",
    )
    trustees = [(each["name"], base64.b64decode(each["key"])) for each in told["trustees"]]
    return seal(encode(ballot), context, trustees, os.urandom(32), os.urandom(12))


def send(client: FlaskClient, envelope: bytes, wish: str = "w") -> Any:
    body = {"envelope": envelope.decode()}
    return client.post(f"{API}/sealed-ballot", json=body, headers={"Idempotency-Key": wish})


def open_all(client: FlaskClient) -> None:
    answer = client.post(f"{API}/opened", json={"numbers": ["B1", "REPLAY", "Z9"]})
    assert answer.get_json() == {"opened": ["B1", "REPLAY"], "missing": []}


def test_a_program_of_ones_own_seals_and_the_slip_is_its_own(
    app: APIFlask, client: FlaskClient
) -> None:
    open_all(client)
    envelope = own_envelope(client)
    answer = send(client, envelope)
    assert (answer.status_code, answer.get_json()["slip"]) == (201, slip(envelope))
    (ballot,) = case_of(house_of(app)).ballots
    assert (ballot.sealed_by, ballot.opened) == (BROWSER, ("B1", "REPLAY"))


def test_one_wish_is_one_vote_and_a_second_ballot_is_refused(
    app: APIFlask, client: FlaskClient
) -> None:
    open_all(client)
    first, again = (send(client, own_envelope(client), "w") for _time in range(2))
    assert first.get_json() == again.get_json()
    second = send(client, own_envelope(client), "another")
    assert (second.status_code, "一人一票" in second.get_json()["message"]) == (409, True)
    assert len(case_of(house_of(app)).ballots) == 1


@pytest.mark.parametrize(
    "changes",
    [{"case_no": "MA-2026-000009"}, {"round": 2}, {"seat": 5}, {"rules": "2020-01"}],
)
def test_a_ballot_sealed_for_something_else_is_refused(
    app: APIFlask, client: FlaskClient, changes: dict[str, Any]
) -> None:
    open_all(client)
    answer = send(client, own_envelope(client, **changes))
    assert (answer.status_code, answer.get_json()["field"]) == (422, "envelope")
    assert not case_of(house_of(app)).ballots


def test_a_neighbours_envelope_cannot_be_sent_again_as_ones_own(
    app: APIFlask, client: FlaskClient, seats: tuple[Seat, ...]
) -> None:
    open_all(client)
    envelope = own_envelope(client)
    send(client, envelope)
    other = app.test_client()
    token = a_token(app, f"{seats[1].reviewer_id}@example.com")
    other.environ_base["HTTP_AUTHORIZATION"] = token["Authorization"]
    open_all(other)
    assert send(other, envelope).status_code == 422


@pytest.mark.parametrize("envelope", [b"", b"{}", b"x" * 66_000, b'{"v":1}'])
def test_garbage_is_no_envelope(app: APIFlask, client: FlaskClient, envelope: bytes) -> None:
    open_all(client)
    assert send(client, envelope).status_code == 422
    assert not case_of(house_of(app)).ballots


def test_no_ballot_is_taken_before_the_exhibits_were_opened(
    app: APIFlask, client: FlaskClient
) -> None:
    answer = send(client, own_envelope(client))
    assert (answer.status_code, answer.get_json()["field"]) == (422, "opened")
    assert "买1" in answer.get_json()["message"]
    plain = {"choice": "SUPPORT_CLAIMANT", "reasons": ["PROMISE_PROVED"], "text": "x"}
    answer = client.post(f"{API}/ballot", json=plain | {"citations": ["B1"]})
    assert answer.status_code == 422
    assert not case_of(house_of(app)).ballots


def test_without_scripts_an_exhibit_has_a_page_that_counts_as_opening_it(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    browser = sign_in_seat(app, seats[0])
    assert f'href="/r/{CASE_NO}/exhibits/B1"' in browser.get(f"/r/{CASE_NO}").text
    assert browser.get(f"/r/{CASE_NO}/exhibits/B1").status_code == 200
    assert browser.get(f"/r/{CASE_NO}/exhibits/Z9").status_code == 404
    assert browser.get(f"/r/{CASE_NO}").text.count("data-done>1<") == 1
    cast(app, seats[0])


def test_a_late_ballot_hears_which_deadline_it_missed(app: APIFlask, client: FlaskClient) -> None:
    open_all(client)
    due_at = case_of(house_of(app)).round.vote_until
    clock = Clock(lambda: timedelta(days=3))
    object.__setattr__(house_of(app), "clock", clock)
    answer = send(client, own_envelope(client))
    assert (answer.status_code, "投票期限" in answer.get_json()["message"]) == (409, True)
    assert due_at


def test_shares_of_liability_must_be_whole(app: APIFlask, client: FlaskClient) -> None:
    open_all(client)
    body = {
        "choice": "SUPPORT_CLAIMANT",
        "reasons": ["PROMISE_PROVED"],
        "text": "x",
        "citations": ["B1"],
    }
    wrong = client.post(f"{API}/ballot", json=body | {"liability": {"MERCHANT": 9_000}})
    assert (wrong.status_code, wrong.get_json()["field"]) == (422, "liability")
    right = client.post(f"{API}/ballot", json=body | {"liability": {"MERCHANT": 10_000}})
    assert right.status_code == 201
    (ballot,) = case_of(house_of(app)).ballots
    assert ballot.sealed_by == SERVER


def test_the_page_says_which_of_the_three_ways_a_ballot_was_sealed(
    app: APIFlask, seats: tuple[Seat, ...], client: FlaskClient
) -> None:
    open_all(client)
    send(client, own_envelope(client))
    cast(app, seats[1], a_vote())
    own = sign_in_seat(app, seats[0]).get(f"/r/{CASE_NO}/sealed").text
    other = sign_in_seat(app, seats[1]).get(f"/r/{CASE_NO}/sealed").text
    assert "服务器没有见过内容，也打不开" in own
    assert "送到时是明文" in other
    assert "任意两位一起才能开封" in own


def test_only_the_voter_gets_the_envelope_and_the_opening(
    app: APIFlask, seats: tuple[Seat, ...], client: FlaskClient
) -> None:
    open_all(client)
    envelope = own_envelope(client)
    send(client, envelope)
    own, other = (sign_in_seat(app, seat) for seat in seats[:2])
    assert own.get(f"/r/{CASE_NO}/envelope").data == envelope
    assert other.get(f"/r/{CASE_NO}/envelope").status_code == 404
    assert own.get(f"/r/{CASE_NO}/opened").status_code == 404
    for seat in seats[1:]:
        cast(app, seat)
    house_of(app).duties.perform("OPEN", CASE_NO, "")
    page = own.get(f"/r/{CASE_NO}/opened").text
    assert slip(envelope) in page
    assert json.loads(envelope)["key_digest"] not in page
