"""Finding cases, reading them, and the public page of checks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.access import Actor, Role
from portal.audit.looking import note_look
from portal.audit.queries import COUNTED, PAGE, Search, search
from portal.audit.tables import CaseView
from portal.cases.tables import CaseRow
from portal.database import db
from portal.livestreams.tables import LivestreamRow
from tests.houses import file_a_claim, open_app
from tests.portal.audit.conftest import ASSOCIATION, BUYER, Town

OFFICE = Actor(account_id=1, roles=frozenset({Role.ASSOCIATION}))


@pytest.fixture
def client(decided: Town) -> FlaskClient:
    return decided.sign_in(ASSOCIATION)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q={no}",
        "q=澜禾服饰旗舰店",
        "q=mer-550912",
        "q={shop}",
        "q={session}",
        "q={host}",
        "reason=P01_MATERIAL",
        "outcome=UPHELD",
        "state=EXECUTED",
        "least=1316&most=1,316.00",
        "since=2020-01-01&until=2099-12-31",
        "q=澜禾服饰旗舰店&reason=P01_MATERIAL&state=EXECUTED",
    ],
)
def test_a_case_is_found(decided: Town, client: FlaskClient, query: str) -> None:
    page = client.get("/a?" + query.format(no=decided.case_no, **names_of(decided)))
    assert page.status_code == 200
    assert f"/a/case/{decided.case_no}" in page.text
    assert "1 件案件" in page.text


def names_of(town: Town) -> dict[str, str]:
    with town.house.sessions() as session:
        row = session.scalars(select(LivestreamRow)).one()
        return {"session": row.session_id, "host": row.host, "shop": row.shop_id}


@pytest.mark.parametrize(
    "query",
    ["q=不存在的店", "reason=Q01_DAMAGED", "state=CLOSED", "least=1316.01", "until=2020-01-01"],
)
def test_what_does_not_fit_is_not_found(client: FlaskClient, query: str) -> None:
    page = client.get(f"/a?{query}")
    assert "没有符合条件的案件" in page.text


@pytest.mark.parametrize("query", ["least=abc", "since=tomorrow"])
def test_a_search_that_cannot_be_read_says_where(client: FlaskClient, query: str) -> None:
    page = client.get(f"/a?{query}")
    assert page.status_code == 422
    assert "有 1 处需要修改" in page.text


def test_pages_follow_each_other_without_gap_or_repetition(tmp_path: Path) -> None:
    app = open_app(tmp_path)
    house = app.extensions["mingan"]
    template = file_a_claim(house)
    with house.sessions.begin() as session:
        original = session.scalars(select(CaseRow)).one()
        for number in range(2, COUNTED + 20):
            session.add(copy_of(original, number))
    assert template.state == "AWAITING_RESPONDENT"
    with app.app_context():
        seen, after = [], ""
        while True:
            page = search(db.session, OFFICE, Search(), after)
            seen += [case.case_no for case in page.cases]
            assert page.count == COUNTED + 1
            if page.next is None:
                break
            assert len(page.cases) == PAGE
            after = page.next
    assert len(seen) == len(set(seen)) == COUNTED + 19
    assert seen[0].endswith(f"{COUNTED + 19:06}")


def copy_of(row: CaseRow, number: int) -> CaseRow:
    """The same case under another number; several share a second."""
    values = {column.key: getattr(row, column.key) for column in CaseRow.__table__.columns}
    later = row.filed_at + timedelta(seconds=number // 7)
    return CaseRow(**{**values, "case_no": f"MA-2026-{number:06}", "filed_at": later})


def test_a_look_is_noted_once_and_again_later(decided: Town, client: FlaskClient) -> None:
    path = f"/a/case/{decided.case_no}"
    with decided.app.app_context():
        db.session.query(CaseView).delete()
        db.session.commit()
    client.get(path)
    client.get(f"{path}/proof.json")
    assert looks(decided) == 1
    with decided.app.app_context():
        actor = Actor(account_id=db.session.scalar(select(CaseView.account_id)))
        note_look(db.session, actor, decided.case_no, later(decided))
    assert looks(decided) == 2


def later(town: Town) -> datetime:
    return town.house.clock.now() + timedelta(hours=1)


def looks(town: Town) -> int:
    with town.app.app_context():
        return len(db.session.scalars(select(CaseView)).all())


def test_a_party_does_not_reach_the_associations_pages(decided: Town) -> None:
    client = decided.sign_in(BUYER)
    assert client.get("/a").status_code == 403
    assert client.get(f"/a/case/{decided.case_no}").status_code == 403


def test_a_case_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    assert client.get("/a/case/MA-2026-999999").status_code == 404


def test_a_stranger_reads_how_to_check_and_sees_no_case(decided: Town) -> None:
    page = decided.app.test_client().get(f"/verify?case_no={decided.case_no}")
    assert page.status_code == 200
    assert decided.house.log.verifier.vkey in page.text
    assert "没有这个案件，或者它不是你的案件" in page.text
    assert "proof.json" not in page.text


def test_a_party_checks_the_own_case_on_the_public_page(decided: Town) -> None:
    page = decided.sign_in(BUYER).get(f"/verify?case_no={decided.case_no}")
    assert f"/a/case/{decided.case_no}/proof.json" in page.text


def test_a_kept_receipt_is_compared(decided: Town) -> None:
    client = decided.app.test_client()
    digest = next(decided.house.log.entries(2, 3)).leaf_hash.hex()
    assert "和你留存的一致" in client.get(f"/verify?index=2&digest={digest.upper()}").text
    assert "和你留存的不同" in client.get(f"/verify?index=2&digest={'0' * 64}").text
    assert "还没有第 99999 条" in client.get("/verify?index=99999").text
    assert client.get("/verify?index=x").status_code == 422
