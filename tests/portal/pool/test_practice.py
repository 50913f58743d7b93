"""The entry test, the code of conduct and the own record, as a reviewer meets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.panels.tables import PracticeRow, ReviewerRow
from portal.pool.practice import CASES
from portal.rehearsal.moving import move_clock
from portal.words import CHOICES, SIDE_LETTERS
from tests.builders import close_house, house_of
from tests.houses import open_app
from tests.portal.pool.people import a_reviewer, send

DAY = 24 * 3600


@pytest.fixture
def app(tmp_path: Path) -> Iterator[APIFlask]:
    app = open_app(tmp_path, rehearsal=True)
    yield app
    close_house(app)


def wrong(number: str) -> str:
    return next(code for code in CHOICES if code != CASES[number].choice)


def judge(client: FlaskClient, number: str, choice: str) -> int:
    return send(client, "/integrity/report", f"/r/practice/{number}", choice=choice).status_code


def state_of(app: APIFlask, name: str = "r_1") -> tuple[str, int]:
    with house_of(app).sessions() as session:
        row = session.get_one(ReviewerRow, name)
        return row.state, row.passed


def test_every_practice_case_has_one_known_outcome_and_an_explanation() -> None:
    assert len(CASES) == 5
    for case in CASES.values():
        assert case.choice in CHOICES
        assert len(case.because) > 30
        assert {x.number[0] for x in case.exhibits} <= set(SIDE_LETTERS)
    assert {case.choice for case in CASES.values()} == set(CHOICES)


def test_the_outcome_is_shown_only_after_the_own_judgement(app: APIFlask) -> None:
    client = a_reviewer(app, state="PRACTISING")
    for number, case in CASES.items():
        assert case.because not in client.get(f"/r/practice/{number}").text
        assert judge(client, number, wrong(number)) == 303
        page = client.get(f"/r/practice/{number}").text
        assert case.because in page
        assert "判断不同" in page


def test_four_of_five_make_a_reviewer_active(app: APIFlask) -> None:
    client = a_reviewer(app, state="PRACTISING")
    for number, case in CASES.items():
        assert state_of(app)[0] == "PRACTISING"
        assert judge(client, number, wrong(number) if number == "3" else case.choice) == 303
    assert state_of(app) == ("ACTIVE", 4)
    assert judge(client, "1", CASES["1"].choice) == 409


def test_who_fails_may_try_again_the_next_day_and_not_before(app: APIFlask) -> None:
    client = a_reviewer(app, state="PRACTISING")
    for number, case in CASES.items():
        judge(client, number, case.choice if number in "12" else wrong(number))
    assert state_of(app) == ("PRACTISING", 2)
    assert "明天可以重做" in client.get("/r/practice").text
    assert judge(client, "1", CASES["1"].choice) == 409
    move_clock(house_of(app).sessions, DAY)
    assert 'name="choice"' in client.get("/r/practice/1").text
    for number, case in CASES.items():
        assert judge(client, number, case.choice) == 303
    assert state_of(app) == ("ACTIVE", 5)
    with house_of(app).sessions() as session:
        assert session.query(PracticeRow).count() == 10


def test_a_case_is_judged_once_in_a_set(app: APIFlask) -> None:
    client = a_reviewer(app, state="PRACTISING")
    assert judge(client, "1", wrong("1")) == 303
    assert judge(client, "1", CASES["1"].choice) == 409
    assert judge(client, "9", CASES["1"].choice) == 404
    assert judge(client, "2", "KING") == 422
    assert state_of(app) == ("PRACTISING", 0)


def test_an_active_reviewer_reads_the_cases_but_is_not_examined(app: APIFlask) -> None:
    client = a_reviewer(app)
    assert CASES["1"].because in client.get("/r/practice/1").text
    assert judge(client, "1", CASES["1"].choice) == 409


def test_conduct_and_record_speak_of_no_win_rate(app: APIFlask) -> None:
    client = a_reviewer(app, quota=3)
    assert "你同时最多 3 件" in client.get("/r/conduct").text
    page = client.get("/r/record").text
    assert "没有人因为和多数一致而得到好处" in page
    assert "被抽中" in page


def test_pages_of_reviewers_are_closed_to_others(app: APIFlask) -> None:
    for path in ("/r/practice", "/r/practice/1", "/r/conduct", "/r/record", "/r/apply"):
        assert app.test_client().get(path).status_code == 303
