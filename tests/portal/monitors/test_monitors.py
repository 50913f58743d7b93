"""Items in a house: opened once, risen, taken, resolved; and who sees them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from portal.access import Role
from portal.accounts.holders import Holder, account_of
from portal.accounts.provision import issue_token
from portal.arrivals.commands import QuestionArrival
from portal.books.tables import DepositRow
from portal.cases.tables import EntryRow
from portal.database import db
from portal.erasing import erase_case
from portal.house import House
from portal.monitors.beat import Watch, look
from portal.monitors.items import cure_item, open_item
from portal.monitors.standing import AT_ONCE
from portal.monitors.tables import ItemRow, ItemStepRow
from portal.refunds.tables import MovementRow
from portal.rehearsal.moving import move_clock
from tests.builders import close_house
from tests.houses import open_app
from tests.people import enroll, sign_in
from tests.portal.pool.people import send
from tests.portal.refunds.ordering import (
    case_no_of,
    fault,
    order_refund,
    pay,
    pay_after,
    refund_no_of,
)

MINUTE, HOUR, DAY = 60, 3600, 86_400


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[APIFlask]:
    app = open_app(tmp_path_factory.mktemp("monitors"), rehearsal=True)
    enroll(app, "op@example.com", Role.OPERATOR)
    enroll(app, "as@example.com", Role.ASSOCIATION)
    yield app
    close_house(app)


@pytest.fixture(scope="module")
def house(app: APIFlask) -> House:
    house: House = app.extensions["mingan"]
    return house


@pytest.fixture(scope="module")
def operator(app: APIFlask) -> FlaskClient:
    return sign_in(app, "op@example.com")


@pytest.fixture(scope="module")
def association(app: APIFlask) -> FlaskClient:
    return sign_in(app, "as@example.com")


def items(house: House, subject: str) -> list[ItemRow]:
    with house.sessions() as session:
        query = select(ItemRow).where(ItemRow.subject == subject).order_by(ItemRow.opened_at)
        return list(session.scalars(query))


def an_item(house: House, kind: str, subject: str, **more: object) -> ItemRow:
    with house.sessions.begin() as session:
        open_item(session, kind, subject, now=house.clock.now(), **more)  # type: ignore[arg-type]
    return items(house, subject)[-1]


def look_after(house: House, seconds: int) -> None:
    move_clock(house.sessions, seconds)
    look(house)


def steps(house: House, item_no: str) -> list[str]:
    with house.sessions() as session:
        query = select(ItemStepRow.what).where(ItemStepRow.item_no == item_no)
        return list(session.scalars(query.order_by(ItemStepRow.id)))


def recorded(house: House, code: str) -> list[str]:
    with house.sessions() as session:
        return list(session.scalars(select(EntryRow.stream).where(EntryRow.code == code)))


def test_an_item_stands_once_and_again_only_after_its_end(house: House) -> None:
    first = an_item(house, "FORGED_NOTICE", "wechat/n1")
    an_item(house, "FORGED_NOTICE", "wechat/n1")
    assert len(items(house, "wechat/n1")) == 1
    move_clock(house.sessions, 1)
    with house.sessions.begin() as session:
        cure_item(session, "FORGED_NOTICE", "wechat/n1", house.clock.now())
    second = an_item(house, "FORGED_NOTICE", "wechat/n1")
    assert second.item_no != first.item_no
    assert steps(house, first.item_no) == ["OPENED", "CURED"]


def test_a_refund_that_nobody_calls_for_is_seen_after_five_minutes_and_cured_by_the_call(
    house: House,
) -> None:
    order_refund(house, 1)
    look_after(house, 4 * MINUTE)
    assert items(house, refund_no_of(1)) == []
    look_after(house, 2 * MINUTE)
    assert [(i.kind, i.state) for i in items(house, refund_no_of(1))] == [("NO_CALL", "OPEN")]
    pay(house, 1)
    look_after(house, MINUTE)
    assert [(i.state, i.how) for i in items(house, refund_no_of(1))] == [("RESOLVED", "CURED")]


def test_a_silent_provider_is_seen_after_ten_minutes_and_rises_to_the_association(
    house: House, operator: FlaskClient, association: FlaskClient
) -> None:
    order_refund(house, 2)
    fault(house, "APPLIED_THEN_DROPPED", 1)
    pay(house, 2)
    look_after(house, 11 * MINUTE)
    (item,) = items(house, refund_no_of(2))
    assert (item.kind, item.level, item.owner) == ("UNKNOWN_TOO_LONG", 0, "OPERATOR")
    place = f"/ops/money/items/{item.item_no}"
    assert "先行赔付 ¥120.00" not in operator.get(place).text
    assert association.get(place).status_code == 404
    look_after(house, 31 * MINUTE)
    assert "先行赔付 ¥120.00" in operator.get(place).text
    look_after(house, DAY + MINUTE)
    look(house)
    (item,) = items(house, refund_no_of(2))
    assert (item.level, item.owner, item.next_at) == (2, "ASSOCIATION", None)
    assert recorded(house, "ITEM_ESCALATED") == ["case/MA-2026-000002"]
    assert steps(house, item.item_no) == ["OPENED", "OFFERED", "RAISED"]
    page = association.get(place).text
    assert "由我处理" not in page
    assert "记录并了结" not in page
    assert item.item_no in association.get("/association/money").text
    pay(house, 2)
    look_after(house, MINUTE)
    assert items(house, refund_no_of(2))[0].how == "CURED"


def test_one_click_pays_in_advance_and_is_on_record(house: House, operator: FlaskClient) -> None:
    order_refund(house, 3)
    look_after(house, 6 * MINUTE)
    look_after(house, 31 * MINUTE)
    (item,) = items(house, refund_no_of(3))
    place = f"/ops/money/items/{item.item_no}"
    assert send(operator, place, f"{place}/advance", why="").status_code == 422
    assert send(operator, place, f"{place}/advance", why="买家等得太久").status_code == 303
    assert recorded(house, "MONEY_OVERRIDDEN") == ["case/MA-2026-000003"]
    assert "ADVANCED" in steps(house, item.item_no)
    assert send(operator, place, f"{place}/advance", why="再来一次").status_code == 409


def test_an_end_needs_a_reason_and_goes_into_the_record(
    house: House, operator: FlaskClient
) -> None:
    item = an_item(house, "ORPHAN_ROW", "5000123", amount_fen=777)
    place = f"/ops/money/items/{item.item_no}"
    assert send(operator, place, f"{place}/take").status_code == 303
    assert items(house, "5000123")[0].state == "TAKEN"
    assert send(operator, place, text="短").status_code == 422
    assert send(operator, place, text="平台自己退的，已在平台后台核对。").status_code == 303
    done = items(house, "5000123")[0]
    assert (done.state, done.how, done.open_key) == ("RESOLVED", "BY_HAND", None)
    assert recorded(house, "ITEM_RESOLVED")[-1].startswith("money/")
    assert send(operator, place, text="再了结一次看看").status_code == 409
    assert "平台自己退的" in operator.get(place).text


def test_a_resolved_item_survives_the_loss_of_its_row(house: House, operator: FlaskClient) -> None:
    item = an_item(house, "UNKNOWN_NUMBER", "R0n1a1")
    place = f"/ops/money/items/{item.item_no}"
    send(operator, place, text="别的系统共用了商户号。")
    with house.sessions.begin() as session:
        session.delete(session.get_one(ItemRow, item.item_no))
    house.projection.rebuild()
    made_again = items(house, "R0n1a1")[0]
    assert (made_again.item_no, made_again.state) == (item.item_no, "RESOLVED")


def test_a_low_deposit_is_seen_and_cured(house: House) -> None:
    def report(low: bool) -> None:
        with house.sessions.begin() as session:
            session.merge(
                DepositRow(platform="p", shop_id="s", available_fen=100, floor_fen=900, low=low)
            )

    report(low=True)
    look(house)
    assert [(i.kind, i.amount_fen) for i in items(house, "p/s")] == [("DEPOSIT_LOW", 800)]
    report(low=False)
    look(house)
    assert items(house, "p/s")[0].how == "CURED"


def test_shops_with_endless_names_keep_no_other_low_deposit_from_being_seen(house: House) -> None:
    low = {"available_fen": 0, "floor_fen": 1, "low": True}
    with house.sessions.begin() as session:
        names = [f"{number:04}{'x' * 124}" for number in range(AT_ONCE)]
        session.add_all(DepositRow(platform="endless", shop_id=name, **low) for name in names)
    look(house)
    with house.sessions.begin() as session:
        session.add(DepositRow(platform="quiet", shop_id="s", **low))
    look(house)
    assert [item.kind for item in items(house, "quiet/s")] == ["DEPOSIT_LOW"]
    with house.sessions.begin() as session:
        session.execute(update(DepositRow).values(low=False))
        session.execute(delete(ItemRow).where(ItemRow.subject.startswith("endless/")))


def test_an_item_of_an_erased_case_holds_up_no_other(house: House) -> None:
    order_refund(house, 9)
    pay(house, 9)
    said = {"case_no": case_no_of(9), "refund_no": refund_no_of(9), "note": "余额里没有"}
    with house.sessions.begin() as session:
        open_item(session, "FUNDING_DIFFERS", refund_no_of(9), now=house.clock.now(), **said)
    other = an_item(house, "FUNDING_DIFFERS", "R-OTHER")
    erase_case(house, case_no_of(9))
    with house.sessions.begin() as session:  # and one that was opened at that very moment
        open_item(session, "FUNDING_DIFFERS", "R-LATE", now=other.opened_at, **said)
    for _day in range(3):
        look_after(house, DAY + MINUTE)
    assert items(house, "R-OTHER")[0].owner == "ASSOCIATION"
    assert {items(house, each)[0].how for each in (refund_no_of(9), "R-LATE")} == {"CURED"}
    assert items(house, refund_no_of(9))[0].note == ""


@pytest.mark.parametrize("state", ["ABNORMAL", "REFUSED", "REVERSED"])
def test_a_bad_end_that_the_engine_did_not_report_is_seen_by_the_watch(
    house: House, state: str
) -> None:
    with house.sessions.begin() as session:
        changed = update(MovementRow).where(MovementRow.refund_no == refund_no_of(1))
        session.execute(changed.values(state=state))
    look(house)
    assert items(house, refund_no_of(1))[-1].kind == state


def test_the_watch_looks_once_a_minute(house: House) -> None:
    watch = Watch(house)
    assert watch.look_if_due()
    assert not watch.look_if_due()
    move_clock(house.sessions, MINUTE)
    assert watch.look_if_due()


def test_the_first_page_shows_what_is_urgent_in_both_languages(
    house: House, operator: FlaskClient
) -> None:
    an_item(house, "NOT_ENOUGH", "RMA1n1")
    page = operator.get("/ops/money").text
    assert "付款账户余额不足" in page
    assert "模拟支付机构，没有真的动钱" in page
    english = operator.get("/ops/money", headers={"Accept-Language": "en"}).text
    assert "Not enough money in the paying account" in english
    assert "no real money moves" in english
    listed = operator.get("/ops/money/items?kind=NOT_ENOUGH").text
    assert "RMA1n1" in listed
    assert operator.get("/ops/money/items?state=RESOLVED").status_code == 200


def test_strangers_and_the_association_have_no_business_with_the_operators_list(
    association: FlaskClient,
) -> None:
    assert association.get("/ops/money").status_code == 403
    assert association.get("/ops/money/items").status_code == 403
    assert association.get("/association/money").status_code == 200


def test_programs_read_take_and_resolve(app: APIFlask, house: House) -> None:
    item = an_item(house, "BILL_LATE", "alipay/2026-11-01")
    with app.app_context():
        account = account_of(db.session, Holder(Role.OPERATOR, "api", "", None))
        token = issue_token(db.session, account, label="t", at=house.clock.now())
        db.session.commit()
    client, headers = app.test_client(), {"Authorization": f"Bearer {token}"}
    place = f"/api/v1/money/items/{item.item_no}"
    listed = client.get("/api/v1/money/items?kind=BILL_LATE", headers=headers).get_json()
    assert item.item_no in [row["item_no"] for row in listed["rows"]]
    assert client.post(f"{place}/take", headers=headers).get_json()["state"] == "TAKEN"
    done = client.post(f"{place}/resolve", headers=headers, json={"text": "手工导入了账单。"})
    assert done.status_code == 200
    assert client.get(place, headers=headers).get_json()["how"] == "BY_HAND"
    days = client.get("/api/v1/money/reconciliation", headers=headers).get_json()
    assert days == {"rows": [], "next": None}


def test_deadlines_count_from_the_opening(house: House) -> None:
    item = an_item(house, "REFUSED", "RMA2n1")
    assert item.deadline - item.opened_at == timedelta(hours=4)


def test_a_buyer_who_denies_a_presumed_arrival_keeps_somebody_at_it(house: House) -> None:
    order_refund(house, 8)
    pay(house, 8)
    pay_after(house, DAY, 8)
    assert pay_after(house, 8 * DAY, 8).state == "ARRIVED"
    denied = QuestionArrival(case_no_of(8), refund_no_of(8), "余额里没有")
    house.recorder.record(denied, by="BUYER", command_id="denied")
    look_after(house, 2 * MINUTE)
    assert (items(house, refund_no_of(8))[-1].kind, items(house, refund_no_of(8))[-1].state) == (
        "PAST_PROMISE",
        "OPEN",
    )
