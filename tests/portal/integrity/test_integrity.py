"""The docket: anybody may report, whoever is reported may answer, the operator decides."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import Role
from portal.errors import BadInput, Refused
from portal.events import Event, IntegrityAnswered, IntegrityDecided, IntegrityReported
from portal.integrity.commands import AnswerReport, DecideReport, FileReport
from portal.integrity.desk import MOST_A_DAY
from portal.integrity.rules import answer_report, decide_report, file_report
from portal.integrity.tables import ReportRow, SenderRow
from portal.messages.tables import MessageRow
from portal.panels.tables import ReviewerRow
from portal.streams import integrity_stream
from portal.times import stamp
from tests.builders import house_of
from tests.houses import file_a_claim
from tests.people import enroll, sign_in
from tests.portal.pool.people import a_reviewer, an_operator, send
from tests.portal.rooms import app
from tests.portal.stages import NOW
from tests.values import CASE_NO

__all__ = ["app"]

NUMBER = re.compile(r"JB(?:-[A-Z2-7]{4}){4}")
TEXT = "他在群里让我投给商家，说投完有红包。"


def report(client: FlaskClient, **changes: Any) -> str:
    """Report as anybody; returns the number."""
    fields = {"flag": "CANVASSING", "who": "REVIEWER", "reviewer_id": "r_1", "text": TEXT}
    answer = send(client, "/integrity/report", **{**fields, **changes})
    assert answer.status_code == 303, answer.text
    found = NUMBER.search(answer.location)
    assert found
    return found.group()


def decide(client: FlaskClient, number: str, **changes: str) -> int:
    fields = {"finding": "FOUNDED", "action": "PAUSE", "text": "聊天记录证明他在拉票。"}
    sent = {**fields, **changes}
    return send(client, "/integrity/report", f"/ops/integrity/{number}", **sent).status_code


# ---- rules


def reported(about: str = "r_1") -> tuple[tuple[Event, str], ...]:
    event = IntegrityReported("JB-1", "CANVASSING", about, "", TEXT, "BUYER")
    return ((event, stamp(NOW)),)


def test_nothing_is_founded_before_the_other_side_could_answer() -> None:
    wish = DecideReport("JB-1", "FOUNDED", "WARN", "聊天记录证明他在拉票。")
    with pytest.raises(Refused, match="72 小时"):
        decide_report(reported(), wish, NOW + timedelta(hours=71))
    assert decide_report(reported(), wish, NOW + timedelta(hours=72))
    answered = (*reported(), (IntegrityAnswered("JB-1", "没有"), stamp(NOW)))
    assert decide_report(answered, wish, NOW)
    unfounded = DecideReport("JB-1", "UNFOUNDED", "NONE", "没有任何记录支持这个说法。")
    assert decide_report(reported(), unfounded, NOW)


@pytest.mark.parametrize(
    ("finding", "action", "field"),
    [
        ("UNFOUNDED", "REMOVE", "action"),
        ("MAYBE", "NONE", "finding"),
        ("FOUNDED", "JAIL", "action"),
    ],
)
def test_a_decision_against_somebody_needs_a_founded_report(
    finding: str, action: str, field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        decide_report(reported(), DecideReport("JB-1", finding, action, TEXT), NOW)
    assert refused.value.field == field


def test_nobody_unnamed_is_paused() -> None:
    with pytest.raises(BadInput):
        decide_report(reported(""), DecideReport("JB-1", "FOUNDED", "PAUSE", TEXT), NOW)


def test_a_report_is_answered_once_and_decided_once() -> None:
    answered = (*reported(), (IntegrityAnswered("JB-1", "没有"), stamp(NOW)))
    with pytest.raises(Refused):
        answer_report(answered, AnswerReport("JB-1", "还是没有"), NOW)
    decided = (*answered, (IntegrityDecided("JB-1", "UNCLEAR", "NONE", TEXT), stamp(NOW)))
    with pytest.raises(Refused):
        decide_report(decided, DecideReport("JB-1", "UNCLEAR", "NONE", TEXT), NOW)
    with pytest.raises(Refused):
        answer_report(decided, AnswerReport("JB-1", "没有"), NOW)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("flag", {"flag": "OTHER"}),
        ("text", {"text": "短"}),
        ("text", {"text": "长" * 2001}),
        ("case_no", {"case_no": "../etc"}),
        ("about", {"about": "张三"}),
        ("case_no", {"about": "MERCHANT"}),
    ],
)
def test_what_is_no_report_is_refused_by_field(field: str, changes: dict[str, str]) -> None:
    values = {"flag": "THREAT", "about": "", "case_no": "", "text": TEXT, "reported_by": "BUYER"}
    with pytest.raises(BadInput) as refused:
        file_report((), FileReport("JB-1", **{**values, **changes}), NOW)
    assert refused.value.field == field


# ---- pages


def test_anybody_reports_and_follows_by_the_number_alone(app: APIFlask) -> None:
    client = app.test_client()
    number = report(client)
    page = app.test_client().get(f"/integrity/{number}").text
    assert "等说明" in page
    assert TEXT not in page
    assert app.test_client().get("/integrity/JB-AAAA-AAAA-AAAA-AAAA").status_code == 404
    assert client.get(f"/integrity/find?number={number.lower()}").location.endswith(number)


def test_neither_the_number_nor_the_reporter_stands_in_the_log(app: APIFlask) -> None:
    enroll(app, "b@example.com", Role.BUYER, buyer_ref="u-77-of-hailiao", platform="p")
    number = report(sign_in(app, "b@example.com"))
    log = house_of(app).log
    raw = b"".join(entry.raw for entry in log.entries(0, log.catch_up()))
    assert number.encode() not in raw
    history = house_of(app).projection.stream(integrity_stream(number))
    assert [(one.by, one.event.reported_by) for one in history.entries] == [("BUYER", "BUYER")]
    assert all("u-77-of-hailiao" not in text for one in history.entries for text in one.disclosures)


def test_the_same_report_sent_twice_is_one(app: APIFlask) -> None:
    client = app.test_client()
    assert report(client, command_id="same") == report(client, command_id="same")
    with house_of(app).sessions() as session:
        assert session.query(ReportRow).count() == 1


def test_one_address_cannot_flood_the_docket(app: APIFlask) -> None:
    client = app.test_client()
    for _again in range(MOST_A_DAY):
        report(client)
    fields = {"flag": "CANVASSING", "who": "", "text": TEXT}
    assert send(client, "/integrity/report", **fields).status_code == 409
    with house_of(app).sessions() as session:
        (row,) = session.scalars(select(SenderRow))
        assert "127.0.0.1" not in row.sender


def test_the_one_reported_is_told_and_answers_nobody_else_can(app: APIFlask) -> None:
    reviewer, stranger = a_reviewer(app), a_reviewer(app, "r_2")
    number = report(app.test_client())
    page = f"/integrity/{number}/answer"
    assert f'href="{page}"' in reviewer.get("/messages").text
    assert TEXT in reviewer.get(page).text
    assert stranger.get(page).status_code == 404
    assert send(stranger, "/integrity/report", page, text="不是我").status_code == 404
    assert send(reviewer, page, text="那不是我的账号。").status_code == 303
    assert "那不是我的账号。" in an_operator(app).get(f"/ops/integrity/{number}").text


def test_a_shop_that_is_reported_answers_for_its_case(app: APIFlask) -> None:
    file_a_claim(house_of(app))
    enroll(app, "shop@example.com", Role.MERCHANT, shop_id="shop-1", merchant_id="mer-1")
    shop = sign_in(app, "shop@example.com")
    number = report(app.test_client(), who="MERCHANT", case_no=CASE_NO, flag="GOOD_REVIEW_BRIBE")
    assert send(shop, f"/integrity/{number}/answer", text="没有这回事。").status_code == 303
    enroll(app, "other@example.com", Role.MERCHANT, shop_id="shop-2", merchant_id="mer-2")
    other = sign_in(app, "other@example.com")
    assert other.get(f"/integrity/{number}/answer").status_code == 404


def test_a_founded_report_pauses_the_reviewer_with_its_reasons(app: APIFlask) -> None:
    reviewer, operator = a_reviewer(app), an_operator(app)
    number = report(app.test_client())
    assert decide(operator, number) == 409
    send(reviewer, f"/integrity/{number}/answer", text="是我发的。")
    assert decide(operator, number) == 303
    with house_of(app).sessions() as session:
        row = session.get_one(ReviewerRow, "r_1")
        assert (row.state, row.reason) == ("PAUSED", "聊天记录证明他在拉票。")
    assert "聊天记录证明他在拉票。" in app.test_client().get(f"/integrity/{number}").text
    assert decide(operator, number) == 409


def test_the_association_reads_everything_and_decides_nothing(app: APIFlask) -> None:
    number = report(app.test_client())
    enroll(app, "watch@example.com", Role.ASSOCIATION)
    watch = sign_in(app, "watch@example.com")
    assert number in watch.get("/ops/integrity").text
    assert TEXT in watch.get(f"/ops/integrity/{number}").text
    assert decide(watch, number, finding="UNCLEAR", action="NONE") == 403
    assert app.test_client().get("/ops/integrity").status_code == 303


def test_a_rebuild_gives_the_same_docket_and_tells_nobody_twice(app: APIFlask) -> None:
    reviewer = a_reviewer(app)
    number = report(app.test_client())
    send(reviewer, f"/integrity/{number}/answer", text="没有。")
    house_of(app).projection.rebuild()
    assert "已说明，等处理" in app.test_client().get(f"/integrity/{number}").text
    with house_of(app).sessions() as session:
        assert session.query(MessageRow).count() == 1


def test_the_docket_is_paged(app: APIFlask) -> None:
    house = house_of(app)
    for n in range(31):
        wish = FileReport(f"JB-{n:02}", "THREAT", "", "", TEXT, "BUYER")
        house.recorder.record(wish, by="BUYER", command_id=f"r/{n}")
    operator = an_operator(app)
    first = operator.get("/ops/integrity").text
    assert "JB-30" in first
    assert "JB-00" not in first
    after = re.search(r"after=(JB-\d\d)", first)
    assert after
    assert "JB-00" in operator.get(f"/ops/integrity?after={after.group(1)}").text
