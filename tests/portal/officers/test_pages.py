"""What an officer finds and does, on pages and as a program; nobody else does it."""

from __future__ import annotations

import io

import pytest
from apiflask import APIFlask
from PIL import Image

from portal.access import Role
from portal.events import Remedy
from tests.builders import house_of
from tests.houses import case_of
from tests.people import form_token
from tests.portal.rooms import a_shop, a_token, send
from tests.portal.verdicts import (
    a_buyer,
    an_operator,
    expire,
    for_the_claim,
    somebody,
    undecided,
)
from tests.values import CASE_NO

QUEUE, PAGE = "/ops/officer", f"/ops/officer/{CASE_NO}"
API = f"/api/v1/cases/{CASE_NO}/officer"
STATUTORY = (Remedy("REFUND_RETURN", 32_900), Remedy("STATUTORY_TRIPLE", 98_700))
DECISION = {
    "choice": "PARTIAL",
    "remedy": "PARTIAL_REFUND",
    "refund_fen": "120.50",
    "text": "材质不符成立，已穿着一周。",
    "citations": "B1",
    "clause": "11",
    "liability-0-party": "MERCHANT",
    "liability-0-percent": "66.67",
    "liability-1-party": "HOST",
    "liability-1-percent": "33.33",
}


def a_report() -> tuple[io.BytesIO, str]:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(file, "PNG")
    file.seek(0)
    return file, "report.png"


def test_the_queue_leads_to_the_file_and_the_votes(app: APIFlask) -> None:
    undecided(app)
    operator = an_operator(app)
    assert CASE_NO in operator.get(QUEUE).text
    page = operator.get(PAGE).text
    for shown in ("看不清", "3 位认为证据不足", "作出结论", "先委托检测鉴定"):
        assert shown in page


def test_an_officers_ruling_is_told_to_both_sides_with_its_reasons(app: APIFlask) -> None:
    undecided(app)
    sent = send(an_operator(app), PAGE, f"{PAGE}/ruling", **DECISION)
    assert sent.status_code == 303
    case = case_of(house_of(app))
    assert (case.ruling.refund_fen, case.ruling.basis) == (12_050, "OFFICER")
    assert case.ruling.liability == {"MERCHANT": 6_667, "HOST": 3_333}
    for client in (a_buyer(app), a_shop(app)):
        page = client.get(f"/cases/{CASE_NO}/outcome").text
        for shown in (
            "材质不符成立，已穿着一周。",
            "由专员写明理由作出结论",
            "¥120.50",
            "申请复核",
        ):
            assert shown in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": ""}, "请写明理由"),
        ({"citations": ""}, "引用的凭证或时刻不在本案里"),
        ({"refund_fen": "3290"}, "金额不能高于买家的请求"),
        ({"refund_fen": "很多"}, "请写金额"),
        ({"liability-0-percent": "80"}, "责任比例要合计百分之百"),
        ({"liability-0-percent": "大半"}, "责任比例请写百分数"),
        ({"choice": ""}, "请从列表里选"),
    ],
)
def test_a_mistake_loses_nothing_that_was_written(
    app: APIFlask, changes: dict[str, str], said: str
) -> None:
    undecided(app)
    answer = send(an_operator(app), PAGE, f"{PAGE}/ruling", **DECISION | changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert case_of(house_of(app)).ruling is None


def test_an_appraisal_is_ordered_awaited_and_handed_in(app: APIFlask) -> None:
    undecided(app)
    operator = an_operator(app)
    wish = {"question": "是否为桑蚕丝", "laboratory": "纺织品检测中心", "payer": "MERCHANT"}
    assert send(operator, PAGE, f"{PAGE}/appraisal", **wish).status_code == 303
    assert "纺织品检测中心" in a_buyer(app).get(f"/cases/{CASE_NO}").text
    empty = send(operator, PAGE, f"{PAGE}/appraisal/result", kind="LAB_REPORT", text="是")
    assert (empty.status_code, "请选鉴定报告的文件" in empty.text) == (422, True)
    token = {"csrf_token": form_token(operator, PAGE)}
    result = {"file": a_report(), "kind": "LAB_REPORT", "text": "聚酯纤维 100%"}
    sent = operator.post(
        f"{PAGE}/appraisal/result", data=token | result, content_type="multipart/form-data"
    )
    assert sent.status_code == 303
    case = case_of(house_of(app))
    assert (case.state, case.exhibits[-1].provenance) == ("OFFICER", "G2_THIRD_PARTY")
    assert "聚酯纤维 100%" in operator.get(PAGE).text


@pytest.mark.parametrize(("answer", "shown"), [("YES", "应付，尚未支付"), ("NO", "专员没有确认")])
def test_a_statutory_penalty_waits_for_a_yes_and_falls_away_with_a_no(
    app: APIFlask, answer: str, shown: str
) -> None:
    for_the_claim(app, remedies=STATUTORY)
    operator, buyer = an_operator(app), a_buyer(app)
    outcome = f"/cases/{CASE_NO}/outcome"
    assert "需要专员确认后才生效，还没有确认" in buyer.get(outcome).text
    assert CASE_NO in operator.get(QUEUE).text
    sent = send(operator, PAGE, f"{PAGE}/statutory", confirmed=answer, text="故意没有证据")
    assert sent.status_code == 303
    page = buyer.get(outcome).text
    assert shown in page
    assert "故意没有证据" in page
    assert CASE_NO not in operator.get(QUEUE).text


def test_a_program_of_the_office_does_the_same(app: APIFlask) -> None:
    undecided(app)
    an_operator(app)
    headers, client = a_token(app, "ops@example.com"), app.test_client()
    waiting = client.get("/api/v1/officer", headers=headers).json
    assert [(w["case_no"], w["wanted"]) for w in waiting] == [(CASE_NO, "DECIDE")]
    body = {
        "choice": "SUPPORT_CLAIMANT",
        "reasons": [{"text": "吊牌写明", "citations": ["B1"]}],
        "clause": 11,
        "liability": {"MERCHANT": 10_000},
    }
    assert client.post(f"{API}/ruling", json=body, headers=headers).status_code == 200
    case = client.get(f"/api/v1/cases/{CASE_NO}", headers=headers).json
    assert case["ruling"]["basis"] == "OFFICER"
    assert case["ruling"]["liability"] == {"MERCHANT": 10_000}
    assert client.post(f"{API}/ruling", json=body, headers=headers).status_code == 409


def test_an_officer_who_is_late_is_heard_of_by_both_offices(app: APIFlask) -> None:
    undecided(app)
    expire(app)
    for role in (Role.OPERATOR, Role.ASSOCIATION):
        assert "专员没有在期限内决定" in somebody(app, role).get("/messages").text
    assert case_of(house_of(app)).officer == "DECIDE"


@pytest.mark.parametrize(
    "role", [Role.BUYER, Role.MERCHANT, Role.REVIEWER, Role.ASSOCIATION, Role.PLATFORM]
)
def test_nobody_else_is_an_officer(app: APIFlask, role: Role) -> None:
    undecided(app)
    client = somebody(app, role)
    for page in (QUEUE, PAGE):
        assert client.get(page).status_code == 403
    for door in ("ruling", "appraisal", "appraisal/result", "statutory"):
        assert send(client, "/messages", f"{PAGE}/{door}").status_code == 403
    headers = a_token(app, f"{role.lower()}@example.com")
    for door in ("ruling", "appraisal", "appraisal/result", "statutory"):
        assert app.test_client().post(f"{API}/{door}", headers=headers).status_code == 403
