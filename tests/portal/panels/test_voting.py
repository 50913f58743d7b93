"""Voting as reviewers do it: on the page and through the API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from apiflask import APIFlask

from portal.database import db
from portal.errors import Refused
from portal.events import Seat
from portal.panels.commands import Recuse
from portal.panels.queries import my_seats
from portal.panels.sealing import unseal
from tests.builders import house_of
from tests.houses import case_of, perform_todo
from tests.portal.rooms import (
    a_token,
    a_vote,
    cast,
    open_required,
    reviewer,
    seat_a_panel,
    send,
    sign_in_seat,
)
from tests.values import CASE_NO

PAGE = f"/r/{CASE_NO}"
API = f"/api/v1/cases/{CASE_NO}/ballot"
FILLED = {
    "option": "SUPPORT_CLAIMANT",
    "reasons": ["PROMISE_PROVED", "DEFECT_PROVED"],
    "citations": ["B1"],
    "reason": "吊牌与口播不符。",
    "checked": "y",
}


@pytest.fixture
def seats(app: APIFlask) -> tuple[Seat, ...]:
    """All have accepted and opened what must be opened."""
    taken = seat_a_panel(app)
    for seat in taken:
        open_required(app, seat)
    return taken


def test_a_vote_is_sealed_and_its_slip_is_the_digest_of_what_was_sealed(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    client = sign_in_seat(app, seats[0])
    answer = send(client, PAGE, **FILLED)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/sealed")
    (ballot,) = case_of(house_of(app)).ballots
    page = client.get(f"{PAGE}/sealed").text
    assert ballot.sealed.blob in page
    assert "已投 1 / 7，开封前不显示结果" in page


def test_no_row_and_no_page_shows_a_vote_before_the_opening(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    cast(app, seats[0], a_vote(text="只有我知道的理由"))
    with app.app_context():
        for table in db.metadata.sorted_tables:
            for row in db.session.execute(table.select()):
                assert "只有我知道的理由" not in str(tuple(row))
    client = sign_in_seat(app, seats[1])
    for path in (PAGE, "/r", f"/cases/{CASE_NO}/draw"):
        assert "只有我知道的理由" not in client.get(path).text


def test_a_ballot_says_nothing_by_its_length(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    cast(app, seats[0], a_vote(text="短"))
    cast(app, seats[1], a_vote("CANNOT_DETERMINE", text="长" * 500))
    sizes = {ballot.sealed.size for ballot in case_of(house_of(app)).ballots}
    assert len(sizes) == 1


def test_a_mistake_loses_nothing_that_was_written(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    wrong = FILLED | {"option": "PARTIAL", "amount_fen": "999"}
    answer = send(sign_in_seat(app, seats[0]), PAGE, **wrong)
    assert answer.status_code == 422
    for kept in ('value="999"', "吊牌与口播不符。", "金额不能高于买家的请求"):
        assert kept in answer.text
    assert answer.text.count(" checked") == 5  # option, two reasons, one citation, "I have checked"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"option": ""}, "请从列表里选"),
        ({"reasons": []}, "请至少选一个理由"),
        ({"citations": []}, "请至少引用一处凭证或回放时刻"),
        ({"citations": ["M7"]}, "引用的凭证或时刻不在本案里"),
        ({"moments": "99:59"}, "引用的凭证或时刻不在本案里"),
        ({"moments": "somewhen"}, "请按 分:秒 填写，例如 00:55"),
        ({"reason": " "}, "请写明理由"),
        ({"option": "PARTIAL"}, "部分支持要写明金额"),
    ],
)
def test_a_ballot_that_would_not_count_is_not_sealed(
    app: APIFlask, seats: tuple[Seat, ...], changes: dict[str, object], sentence: str
) -> None:
    answer = send(sign_in_seat(app, seats[0]), PAGE, **(FILLED | changes))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert case_of(house_of(app)).ballots == ()


def test_a_moment_of_the_replay_may_be_cited_as_people_write_it(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    answer = send(sign_in_seat(app, seats[0]), PAGE, **(FILLED | {"moments": "00:58，1：02.5"}))
    assert answer.status_code == 303
    (ballot,) = case_of(house_of(app)).ballots
    assert (
        '"citations":["B1","58","62.5"]'
        in (unseal(house_of(app).files, ballot.sealed) or b"").decode()
    )


def test_a_reviewer_cannot_vote_twice(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    cast(app, seats[0])
    with pytest.raises(Refused):
        cast(app, seats[0], a_vote("SUPPORT_RESPONDENT"), "another wish")
    page = sign_in_seat(app, seats[0]).get(PAGE).text
    assert "封存我的投票" not in page
    assert "已封存" in page


def test_the_same_wish_gives_the_same_slip(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    assert cast(app, seats[0], wish="w") == cast(app, seats[0], wish="w")
    assert len(case_of(house_of(app)).ballots) == 1


def test_seven_at_once_are_seven_votes_and_one_close(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    with ThreadPoolExecutor(7) as pool:
        slips = list(pool.map(lambda seat: cast(app, seat), seats))
    case = case_of(house_of(app))
    assert len({slip.code for slip in slips}) == 7
    assert sorted(b.seat for b in case.ballots) == list(range(1, 8))
    assert case.voting_closed is not None
    assert case.voting_closed.why == "ALL_VOTED"


def test_supporting_the_claim_means_the_claim_as_made(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    for seat in seats:
        cast(app, seat, a_vote(amount_fen=1, compensation_fen=1))
    perform_todo(house_of(app))
    ruling = case_of(house_of(app)).ruling
    assert ruling is not None
    assert (ruling.outcome, ruling.refund_fen) == ("UPHELD", 32_900)


def test_somebody_without_a_seat_does_not_see_the_case(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    taken = {seat.reviewer_id for seat in seats}
    spare = next(r for r in (f"r_expert_{n}" for n in range(5)) if r not in taken)
    client = sign_in_seat(app, Seat(1, spare, "EXPERT"))
    assert client.get(PAGE).status_code == 404
    assert send(client, "/r", PAGE, **FILLED).status_code == 404


def test_a_program_votes_once_per_key(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    header = a_token(app, f"{seats[0].reviewer_id}@example.com") | {"Idempotency-Key": "v"}
    body = {
        "choice": "PARTIAL",
        "amount_fen": 10_000,
        "compensation_fen": 0,
        "reasons": ["BOTH_AT_FAULT"],
        "text": "各有责任",
        "citations": ["B1", "58.000"],
    }
    client = app.test_client()
    first, again = (client.post(API, json=body, headers=header) for _time in range(2))
    assert first.status_code == 201
    assert first.get_json() == again.get_json()
    assert first.get_json()["slip"] == case_of(house_of(app)).ballots[0].sealed.blob
    (own,) = client.get("/api/v1/panels/mine", headers=header).get_json()
    assert (own["case_no"], own["seat"], own["voted"]) == (CASE_NO, seats[0].number, True)


def test_a_program_hears_which_field_of_a_ballot_is_wrong(
    app: APIFlask, seats: tuple[Seat, ...]
) -> None:
    header = a_token(app, f"{seats[0].reviewer_id}@example.com")
    body = {"choice": "SUPPORT_CLAIMANT", "reasons": ["PROMISE_PROVED"], "text": "x"}
    wrong = body | {"citations": ["Z1"]}
    answer = app.test_client().post(API, json=wrong, headers=header)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "citations")
    answer = app.test_client().post(API, json=body | {"citations": ["\ud800"]}, headers=header)
    assert (answer.status_code, answer.get_json()["field"]) == (422, "citations.0")


def test_cases_that_wait_for_a_vote_come_first(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    with app.app_context():
        assert [s.waiting for s in my_seats(db.session, reviewer(seats[0]))] == [True]
    cast(app, seats[0])
    with app.app_context():
        (after,) = my_seats(db.session, reviewer(seats[0]))
    assert (after.waiting, after.voted, after.votes) == (False, True, 1)


def test_a_key_that_named_another_wish_is_no_vote(app: APIFlask, seats: tuple[Seat, ...]) -> None:
    open_required(app, seats[0])
    key = "recused"
    leave = Recuse(CASE_NO, seats[1].reviewer_id, "OTHER")
    house_of(app).recorder.record(leave, by="REVIEWER", command_id=key)

    with pytest.raises(Refused, match="请求编号"):
        cast(app, seats[0], wish=key)
