"""Who sees which books, in which words."""

from __future__ import annotations

import csv
import io
import re

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.accounts.provision import find_account, issue_token
from portal.database import db
from portal.house import House
from portal.idempotency import new_command_id
from tests.houses import open_app
from tests.people import enroll, form_token, sign_in
from tests.portal.books.cases import pay_all, settled
from tests.values import CASE_NO

PLATFORM = "hailiao-live"
PEOPLE = {
    "op@example.com": (Role.OPERATOR, {}),
    "cca@example.com": (Role.ASSOCIATION, {}),
    "shop@example.com": (Role.MERCHANT, {"shop_id": "shop-1"}),
    "new@example.com": (Role.MERCHANT, {"shop_id": "shop-new"}),
    "other@example.com": (Role.MERCHANT, {"shop_id": "shop-2"}),
    "buyer@example.com": (
        Role.BUYER,
        {"buyer_ref": "b_5640a7eef41356005a", "platform": PLATFORM},
    ),
    "stranger@example.com": (Role.BUYER, {"buyer_ref": "b_ff", "platform": PLATFORM}),
    "platform@example.com": (Role.PLATFORM, {"platform": PLATFORM}),
    "elsewhere@example.com": (Role.PLATFORM, {"platform": "elsewhere"}),
}
PAYOUT_NO = "RMA2026000001p1"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> APIFlask:
    """A case of which everything has been paid, a part of it in advance."""
    app = open_app(tmp_path_factory.mktemp("pages"))
    for email, (role, references) in PEOPLE.items():
        enroll(app, email, role, **references)
    house: House = app.extensions["mingan"]
    settled(house)
    pay_all(house)
    return app


def client_of(app: APIFlask, name: str) -> FlaskClient:
    return sign_in(app, f"{name}@example.com")


def bearer(app: APIFlask, name: str) -> dict[str, str]:
    with app.app_context():
        account = find_account(db.session, f"{name}@example.com")
        assert account is not None
        at = app.extensions["mingan"].clock.now()
        token = issue_token(db.session, account, label="test", at=at)
        db.session.commit()
    return {"Authorization": f"Bearer {token}"}


def ask(app: APIFlask, name: str, path: str, **query: str) -> TestResponse:
    return app.test_client().get(f"/api/v1{path}", headers=bearer(app, name), query_string=query)


def test_a_merchant_reads_every_line_with_the_balance_after_it(app: APIFlask) -> None:
    page = client_of(app, "shop").get("/shop/money?account=merchant_payable").text
    assert "-¥716.00" in page  # 329.00 refunded, and 387.00 owed for the advance
    assert "-¥329.00" in page
    assert CASE_NO in page
    assert "/verify?index=" in page


def test_a_link_of_a_line_leads_to_its_ledger_entry(app: APIFlask) -> None:
    client = client_of(app, "shop")
    page = client.get("/shop/money").text
    address = re.search(r'href="(/verify\?index=[^"]+)"', page)
    assert address is not None
    assert "一致" in client.get(address[1].replace("&amp;", "&")).text


def test_the_file_for_a_spreadsheet_holds_the_same_lines(app: APIFlask) -> None:
    answer = client_of(app, "shop").get("/shop/money.csv?account=merchant_payable")
    assert answer.text.startswith("\ufeff")
    _heads, *rows = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert [row[5] for row in rows] == ["-329.00", "-716.00"]
    assert sum(float(row[4]) for row in rows) == -716


def test_a_period_without_lines_says_so_and_an_impossible_one_too(app: APIFlask) -> None:
    client = client_of(app, "shop")
    assert "这段时间没有账目" in client.get("/shop/money?since=2030-01-01").text
    wrong = client.get("/shop/money?since=9999-12-31&until=0001-01-01")
    assert (wrong.status_code, "2000 年到 2200 年" in wrong.text) == (422, True)


def test_a_shop_before_its_first_line_gets_a_page_that_says_so(app: APIFlask) -> None:
    client = client_of(app, "new")
    for path in ("/shop/money", "/shop/money/deposit"):
        assert "还没有账目" in client.get(path).text
    assert client.get("/shop/money.csv").status_code == 404


@pytest.mark.parametrize(
    "query", ["account=platform_advance", "account=x", "platform=elsewhere", "after=zz,zz"]
)
def test_an_address_that_somebody_made_up_leads_nowhere(app: APIFlask, query: str) -> None:
    answer = client_of(app, "shop").get(f"/shop/money?{query}")
    assert answer.status_code == (200 if query.startswith("after") else 404)


def test_the_four_accounts_are_for_the_parties_and_the_offices(app: APIFlask) -> None:
    path = f"/cases/{CASE_NO}/accounts"
    for name in ("buyer", "shop", "op", "cca"):
        page = client_of(app, name).get(path)
        assert page.status_code == 200, name
        assert "已付给买家 ¥1,316.00" in page.text
        assert "四个账户合计 ¥0.00" in page.text
    for name in ("stranger", "other"):
        assert client_of(app, name).get(path).status_code == 404


def test_money_that_is_only_simulated_says_so(app: APIFlask) -> None:
    page = client_of(app, "buyer").get(f"/cases/{CASE_NO}/accounts").text
    assert "没有真的动钱" in page


def test_the_operator_sees_all_accounts_and_that_they_are_even(app: APIFlask) -> None:
    client = client_of(app, "op")
    assert "所有账户合计为零" in client.get("/ops/money/accounts").text
    page = client.get("/ops/money/accounts/provider_clearing:wechat").text
    assert "¥1,316.00" in page
    assert client.get("/ops/money/accounts/nothing:x").status_code == 404
    assert client_of(app, "shop").get("/ops/money/accounts").status_code == 403


def test_english_readers_get_all_of_it_in_english(app: APIFlask) -> None:
    client = client_of(app, "op")
    client.set_cookie("language", "en")
    pages = ("/ops/money/accounts", "/ops/money/recoups", f"/cases/{CASE_NO}/accounts")
    for path in pages:
        main = client.get(path).text.split("<main")[1].split("</main>")[0]
        assert not re.search("[\u4e00-\u9fff]", re.sub(r"<[^>]+>", "", main)), path


def test_a_program_reads_what_its_account_may(app: APIFlask) -> None:
    statement = ask(app, "platform", "/shops/shop-1/statement", account="recoup_receivable")
    assert [x["amount_fen"] for x in statement.json["lines"]] == [38_700]
    assert ask(app, "elsewhere", "/shops/shop-1/statement").status_code == 404
    assert ask(app, "other", "/shops/shop-1/statement").status_code == 404
    accounts = ask(app, "platform", f"/cases/{CASE_NO}/accounts").json
    assert (accounts["total_fen"], len(accounts["parties"])) == (0, 4)
    assert ask(app, "op", "/money/accounts").json["total_fen"] == 0


def test_a_platform_reports_a_deposit_and_the_newest_word_counts(app: APIFlask) -> None:
    client, headers = app.test_client(), bearer(app, "platform")
    path = "/api/v1/shops/shop-1/deposit"

    def put(available_fen: int, as_of: str) -> TestResponse:
        sums = {"available_fen": available_fen, "floor_fen": 500_000}
        body = {"account": "dep-1", "as_of": as_of, **sums}
        return client.put(path, json=body, headers=headers)

    first = put(300_000, "2026-11-19T10:00:00+08:00")
    assert first.status_code == 200
    assert put(300_000, "2026-11-19T10:00:00+08:00").json == first.json
    assert put(900_000, "2026-11-18T10:00:00+08:00").status_code == 422
    assert put(900_000, "2036-11-18T10:00:00+08:00").status_code == 422
    assert put(900_000, "yesterday, some time").status_code == 422
    for nonsense in ("%00", "x" * 129):
        address = f"/api/v1/shops/{nonsense}/deposit"
        body = {"account": "d", "as_of": "2026-11-19T10:00:00+08:00"}
        sums = {"available_fen": 1, "floor_fen": 0}
        assert client.put(address, json={**body, **sums}, headers=headers).status_code == 422
    assert put(1, "0001-01-01T00:00:00+14:00").status_code == 422
    told = ask(app, "shop", "/shops/shop-1/deposit").json
    assert (told["available_fen"], told["low"]) == (240_000, True)  # 60,000 paid since
    assert "低于下限" in client_of(app, "shop").get("/shop/money/deposit").text


def test_an_advance_that_came_back_is_recorded_once_and_never_beyond(app: APIFlask) -> None:
    client, path = client_of(app, "op"), f"/ops/money/recoups/{PAYOUT_NO}"
    assert PAYOUT_NO in client.get("/ops/money/recoups").text
    assert "¥387.00" in client.get(path).text

    def send(amount: str, name: str) -> TestResponse:
        fields = {"amount_fen": amount, "how": "TRANSFER", "reference": "T-1"}
        token = form_token(client, path)
        return client.post(path, data={"csrf_token": token, "command_id": name, **fields})

    assert send("387.01", new_command_id()).status_code == 422
    wish = new_command_id()
    assert [send("187", wish).status_code for _ in range(2)] == [303, 303]
    assert "还有 ¥200.00 没有收回" in client.get(path).text
    assert send("200", new_command_id()).status_code == 303
    assert "垫付已经全部收回" in client.get(path).text
    assert ask(app, "op", "/money/accounts").json["total_fen"] == 0
    assert client_of(app, "shop").get(path).status_code == 403
