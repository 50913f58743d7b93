"""The pool: who comes in and how, what may change, how somebody leaves."""

from __future__ import annotations

import io
import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import Role
from portal.errors import BadInput, Refused
from portal.events import NewReviewer, code_of, fields_of
from portal.panels.tables import ReviewerRow, ReviewerTie
from portal.pool.commands import (
    ChangeReviewer,
    EnrollReviewer,
    ImportReviewers,
    PauseMyself,
    SetReviewerState,
)
from portal.pool.rules import BATCH
from portal.streams import POOL
from reviewers.pool import pool_at
from tests.builders import house_of
from tests.people import enroll, sign_in
from tests.portal.pool.people import a_reviewer, an_operator, send
from tests.portal.rooms import a_token, app

__all__ = ["app"]

TOKEN = re.compile(r"mingan_[\w-]{43}")


@pytest.fixture
def operator(app: APIFlask) -> FlaskClient:
    return an_operator(app)


def record(app: APIFlask, wish: object, name: str) -> None:
    house_of(app).recorder.record(wish, by="OPERATOR", command_id=name)


def rows(app: APIFlask) -> dict[str, ReviewerRow]:
    with house_of(app).sessions() as session:
        return {row.reviewer_id: row for row in session.scalars(select(ReviewerRow))}


# ---- the stream is the truth


def test_rows_agree_with_the_fold_of_the_stream_also_after_a_rebuild(app: APIFlask) -> None:
    record(app, EnrollReviewer("r_1", "EXPERT", 2, ("HOME",), ("zh", "en"), 3), "1")
    many = tuple(NewReviewer(f"i_{n}", "BUYER_SIDE") for n in range(3))
    record(app, ImportReviewers(many), "2")
    record(app, ChangeReviewer("i_1", 4, ("FOOD",), ("en",), 9), "3")
    record(app, SetReviewerState("i_2", "PAUSED", "长期联系不上"), "4")
    record(app, PauseMyself("r_1", True), "5")
    record(app, SetReviewerState("i_0", "REMOVED", "泄露投票"), "6")
    for rebuilt in (False, True):
        if rebuilt:
            house_of(app).projection.rebuild()
        events = [event for event, _at in house_of(app).projection.stream(POOL).events]
        folded = pool_at((code_of(event), fields_of(event)) for event in events)
        told = [
            (r.id, r.stratum, r.weight, r.fields, r.languages, r.quota, r.state) for r in folded
        ]
        kept = [
            (i, r.stratum, r.weight, tuple(r.fields), tuple(r.languages), r.quota, r.state)
            for i, r in sorted(rows(app).items())
        ]
        assert told == kept
    assert rows(app)["i_0"].reason == "泄露投票"


def test_nobody_is_enrolled_twice_and_an_import_is_whole_or_nothing(app: APIFlask) -> None:
    record(app, EnrollReviewer("r_1", "EXPERT"), "1")
    with pytest.raises(Refused, match="已经登记"):
        record(app, EnrollReviewer("r_1", "BUYER_SIDE"), "2")
    both = (NewReviewer("r_2", "EXPERT"), NewReviewer("r_1", "EXPERT"))
    with pytest.raises(Refused, match="r_1"):
        record(app, ImportReviewers(both), "3")
    twice = (NewReviewer("r_3", "EXPERT"), NewReviewer("r_3", "EXPERT"))
    with pytest.raises(Refused, match="r_3"):
        record(app, ImportReviewers(twice), "4")
    with pytest.raises(BadInput):
        record(app, ImportReviewers(tuple(NewReviewer(f"m{n}", "EXPERT") for n in range(301))), "5")
    assert list(rows(app)) == ["r_1"]


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("stratum", EnrollReviewer("r", "KING")),
        ("weight", EnrollReviewer("r", "EXPERT", 0)),
        ("reviewer_id", EnrollReviewer("张三", "EXPERT")),
        ("reviewer_id", EnrollReviewer("a" * 65, "EXPERT")),
        ("quota", EnrollReviewer("r", "EXPERT", quota=51)),
        ("languages", EnrollReviewer("r", "EXPERT", languages=())),
        ("languages", EnrollReviewer("r", "EXPERT", languages=("xx",))),
        ("fields", EnrollReviewer("r", "EXPERT", fields=("",))),
        ("state", EnrollReviewer("r", "EXPERT", state="REMOVED")),
    ],
)
def test_what_a_reviewer_cannot_be_is_refused_by_name(
    app: APIFlask, field: str, wish: EnrollReviewer
) -> None:
    with pytest.raises(BadInput) as refused:
        record(app, wish, "1")
    assert refused.value.field == field


def test_removal_is_for_good_and_every_change_of_state_has_a_reason(app: APIFlask) -> None:
    record(app, EnrollReviewer("r_1", "EXPERT"), "1")
    with pytest.raises(BadInput):
        record(app, SetReviewerState("r_1", "PAUSED", "  "), "2")
    record(app, SetReviewerState("r_1", "REMOVED", "泄露投票"), "3")
    for wish in (
        SetReviewerState("r_1", "ACTIVE", "再想想"),
        ChangeReviewer("r_1", 1, (), ("zh",), 5),
        PauseMyself("r_1", False),
    ):
        with pytest.raises(Refused):
            record(app, wish, "4")


def test_a_reviewer_ends_only_a_pause_of_their_own(app: APIFlask) -> None:
    client = a_reviewer(app)
    assert send(client, "/r/record", "/r/record/pause").status_code == 303
    assert rows(app)["r_1"].state == "PAUSED"
    assert send(client, "/r/record", "/r/record/resume").status_code == 303
    assert rows(app)["r_1"].state == "ACTIVE"
    record(app, SetReviewerState("r_1", "PAUSED", "正在核实"), "pause")
    # The page offers no button now, so the token comes from another form.
    assert send(client, "/integrity/report", "/r/record/resume").status_code == 409
    assert rows(app)["r_1"].state == "PAUSED"


# ---- the operator's pages


def test_a_reviewer_is_enrolled_once_with_an_account(app: APIFlask, operator: FlaskClient) -> None:
    fields = {
        "reviewer_id": "r_7",
        "stratum": "EXPERT",
        "start": "ACTIVE",
        "knows": "服装、面料",
        "tongues": ["zh", "en"],
        "quota": "3",
        "weight": "1",
        "worked_for": "shop-9",
        "email": "seven@example.com",
        "password": "correct horse",
    }
    assert TOKEN.search(send(operator, "/ops/pool/new", **fields).text)
    page = operator.get("/ops/pool/r_7").text
    assert "服装、面料" in page
    assert "shop-9" in page
    row = rows(app)["r_7"]
    assert (row.quota, row.languages, row.state) == (3, ["zh", "en"], "ACTIVE")
    assert send(operator, "/ops/pool/new", **fields).status_code == 422
    assert house_of(app).log.head(POOL).length == 1


def test_a_reviewer_is_not_enrolled_when_the_account_cannot_be_made(
    app: APIFlask, operator: FlaskClient
) -> None:
    fields = {"reviewer_id": "r_7", "stratum": "EXPERT", "start": "ACTIVE", "tongues": "zh"}
    fields |= {"quota": "5", "weight": "1", "email": "op@example.com"}
    answer = send(operator, "/ops/pool/new", **fields)
    assert answer.status_code == 422
    assert "这个邮箱已有账号" in answer.text
    assert house_of(app).log.head(POOL).length == 0


def test_a_form_sent_twice_enrolls_once(app: APIFlask, operator: FlaskClient) -> None:
    fields = {"reviewer_id": "r_8", "stratum": "EXPERT", "start": "ACTIVE", "tongues": "zh"}
    for _again in range(2):
        answer = send(operator, "/ops/pool/new", quota="5", weight="1", command_id="same", **fields)
        assert answer.status_code == 303
    assert house_of(app).log.head(POOL).length == 1


def test_shortages_are_named_before_a_case_waits(app: APIFlask, operator: FlaskClient) -> None:
    record(app, EnrollReviewer("r_1", "EXPERT"), "1")
    page = operator.get("/ops/pool").text
    assert "行业专家：在任 1 人，复杂（13 席）需要 3 人" in page
    assert "买家代表：在任 0 人，快速（3 席）需要 1 人" in page


def test_the_pool_is_paged_searched_and_filtered(app: APIFlask, operator: FlaskClient) -> None:
    many = tuple(NewReviewer(f"r_{n:03}", "EXPERT") for n in range(60))
    record(app, ImportReviewers(many), "1")
    record(app, SetReviewerState("r_059", "PAUSED", "出差"), "2")
    first = operator.get("/ops/pool").text
    assert "r_049" in first
    assert "r_050" not in first
    assert "r_050" in operator.get("/ops/pool?after=r_049").text
    found = operator.get("/ops/pool?name=r_01").text
    assert "r_011" in found
    assert "r_021" not in found
    paused = operator.get("/ops/pool?state=PAUSED").text
    assert "r_059" in paused
    assert "r_058" not in paused


def test_only_the_operator_gets_in(app: APIFlask) -> None:
    client = a_reviewer(app)
    for path in ("/ops/pool", "/ops/pool/new", "/ops/pool/import", "/ops/pool/applications"):
        assert client.get(path).status_code == 403
    assert client.get("/ops/pool/r_1").status_code == 403


# ---- tables


def upload(client: FlaskClient, text: str | bytes) -> tuple[int, str]:
    content = text.encode() if isinstance(text, str) else text
    file = (io.BytesIO(content), "pool.csv")
    answer = send(client, "/ops/pool/import", table=file)
    return answer.status_code, answer.text


def test_a_table_comes_in_whole_with_its_ties_and_only_once(
    app: APIFlask, operator: FlaskClient
) -> None:
    head = "reviewer_id,stratum,weight,fields,languages,quota,shop,buyer_ref\n"
    lines = "".join(f"c_{n:04},BUYER_SIDE,,HOME;FOOD,zh;en,2,,\n" for n in range(BATCH + 5))
    table = "\ufeff" + head + lines + "m_1,MERCHANT_SIDE,3,,,,shop-1;shop-2,u-9\n"
    for _again in range(2):
        status, _text = upload(operator, table)
        assert status == 303
    assert house_of(app).log.head(POOL).length == 2
    found = rows(app)
    assert len(found) == BATCH + 6
    one = found["c_0000"]
    assert (one.fields, one.languages, one.quota) == (["HOME", "FOOD"], ["zh", "en"], 2)
    with house_of(app).sessions() as session:
        ties = session.scalars(select(ReviewerTie)).all()
        told = sorted((tie.kind, tie.value, tie.source) for tie in ties)
    assert told == [
        ("BUYER_REF", "u-9", "IMPORTED"),
        ("SHOP", "shop-1", "IMPORTED"),
        ("SHOP", "shop-2", "IMPORTED"),
    ]


def test_bad_lines_are_named_and_nothing_is_taken(app: APIFlask, operator: FlaskClient) -> None:
    record(app, EnrollReviewer("known", "EXPERT"), "1")
    status, text = upload(
        operator,
        "reviewer_id,stratum,weight\ngood,EXPERT,1\nbad name,EXPERT,1\nx,KING,1\n"
        "y,EXPERT,many\ngood,EXPERT,1\nknown,EXPERT,1\nz,EXPERT\n",
    )
    assert status == 422
    assert "有 6 行不能导入" in text
    for line in (3, 4, 5, 6, 7, 8):
        assert f">{line}</td>" in text
    assert list(rows(app)) == ["known"]


@pytest.mark.parametrize(
    "content",
    [b"", b"name,side\n", b"\xff\xfe\x00", b"reviewer_id,stratum,surprise\n", b'reviewer_id,"'],
)
def test_what_is_no_table_is_refused(operator: FlaskClient, content: bytes) -> None:
    status, text = upload(operator, content)
    assert status == 422
    assert "errsum" in text


# ---- applications


def apply(client: FlaskClient, **changes: str) -> int:
    fields = {"stratum": "BUYER_SIDE", "tongues": "zh", "text": "常在直播间买衣服。"}
    return send(client, "/r/apply", **{**fields, **changes}).status_code


def an_applicant(app: APIFlask) -> FlaskClient:
    enroll(app, "a@example.com", Role.BUYER, buyer_ref="u-1", platform="p")
    return sign_in(app, "a@example.com")


def test_an_applicant_becomes_a_practising_reviewer_under_a_drawn_name(
    app: APIFlask, operator: FlaskClient
) -> None:
    client = an_applicant(app)
    assert apply(client, worked_for="shop-3、shop-4") == 303
    assert apply(client) == 409
    assert "shop-3" in operator.get("/ops/pool/applications").text
    for status in (303, 409):
        answer = send(operator, "/ops/pool/new", "/ops/pool/applications/1/approve")
        assert answer.status_code == status
    (row,) = rows(app).values()
    assert (row.state, row.how, row.stratum) == ("PRACTISING", "APPLIED", "BUYER_SIDE")
    assert "u-1" not in row.reviewer_id
    assert client.get("/r/practice").status_code == 200
    with house_of(app).sessions() as session:
        ties = session.scalars(select(ReviewerTie)).all()
        assert {(tie.kind, tie.value) for tie in ties} == {
            ("WORKED_FOR", "shop-3"),
            ("WORKED_FOR", "shop-4"),
        }


def test_a_declined_applicant_reads_why_and_may_apply_again(
    app: APIFlask, operator: FlaskClient
) -> None:
    client = an_applicant(app)
    apply(client)
    answer = send(operator, "/ops/pool/new", "/ops/pool/applications/1/decline", reason="")
    assert answer.status_code == 422
    answer = send(operator, "/ops/pool/new", "/ops/pool/applications/1/decline", reason="名额已满")
    assert answer.status_code == 303
    assert "名额已满" in client.get("/r/apply").text
    assert apply(client) == 303
    assert rows(app) == {}


def test_neither_operator_nor_platform_can_apply(app: APIFlask, operator: FlaskClient) -> None:
    assert apply(operator) == 409


# ---- programs


def test_a_program_enrolls_changes_lists_and_removes(app: APIFlask) -> None:
    enroll(app, "prog@example.com", Role.OPERATOR)
    bearer, client = a_token(app, "prog@example.com"), app.test_client()
    body = {"reviewers": [{"reviewer_id": f"r_{n}", "stratum": "EXPERT"} for n in range(3)]}
    assert client.post("/api/v1/reviewers/import", json=body, headers=bearer).status_code == 201
    one = {"reviewer_id": "p", "stratum": "EXPERT", "state": "PRACTISING", "languages": ["en"]}
    assert client.post("/api/v1/reviewers", json=one, headers=bearer).status_code == 201
    traits = {"quota": 2, "fields": ["FOOD"]}
    assert client.put("/api/v1/reviewers/r_1", json=traits, headers=bearer).status_code == 200
    gone = {"state": "REMOVED", "reason": "泄露投票"}
    done = client.post("/api/v1/reviewers/r_2/state", json=gone, headers=bearer)
    assert done.status_code == 200
    listed = client.get("/api/v1/reviewers", headers=bearer).get_json()["reviewers"]
    assert [(r["reviewer_id"], r["state"], r["quota"]) for r in listed] == [
        ("p", "PRACTISING", 5),
        ("r_0", "ACTIVE", 5),
        ("r_1", "ACTIVE", 2),
        ("r_2", "REMOVED", 5),
    ]
    assert client.put("/api/v1/reviewers/none", json=traits, headers=bearer).status_code == 404
