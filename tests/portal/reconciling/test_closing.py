"""What somebody has looked into and closed turns no light red; a payment of ours made twice does,
whatever anybody says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import events as e
from portal.access import Role
from portal.formats import BEIJING
from portal.house import House
from portal.idempotency import new_command_id
from portal.invariants import nightly
from portal.invariants.checks import check_refunds
from portal.invariants.finding import Finding
from portal.invariants.printing import as_document, report
from portal.invariants.provider_log import Asked, GivenBack, Moved
from portal.invariants.queries import latest
from portal.monitors.tables import ItemRow
from portal.reconciling.closed import of_row
from portal.reconciling.commands import CloseDifference
from portal.reconciling.daily import reconcile_day
from portal.reconciling.tables import DifferenceRow, PaidRow
from portal.refunds.commands import MoveMoney
from portal.rehearsal.moving import move_clock
from tests.builders import close_house
from tests.houses import open_app
from tests.people import enroll, sign_in
from tests.portal.pool.people import send
from tests.portal.reconciling.bills import Counter, Row, wechat_bill
from tests.portal.refunds.ordering import (
    FEN,
    case_no_of,
    decide,
    movement_of,
    order_refund,
    pay,
    pay_after,
    refund_no_of,
)
from tests.programs import program

STRANGER = "PLATFORM-7"
LARGE = 600_000  # above what one person may let go alone
SAID = {"reason": "平台自己退的，已在平台后台核对。", "evidence": "后台截图 2026-11-22/7"}


@dataclass(frozen=True)
class Bank:
    """A house that has paid one refund on `day`, two days ago, and a counter for bills."""

    app: APIFlask
    house: House
    day: date
    counter: Counter

    @property
    def place(self) -> str:
        return f"/ops/money/reconciliation/wechat/{self.day}"

    def run(self, *rows: Row, day: date | None = None) -> str:
        self.counter.content = wechat_bill([*rows])
        found = reconcile_day(self.house, self.counter, day or self.day)  # type: ignore[arg-type]
        assert found is not None
        return found.result

    def differs(self, number: str) -> DifferenceRow:
        query = select(DifferenceRow).where(
            DifferenceRow.number == number, DifferenceRow.gone_at.is_(None)
        )
        with self.house.sessions() as session:
            return session.scalars(query.order_by(DifferenceRow.id.desc())).first()  # type: ignore[return-value]

    def findings(self, log: Log | None = None) -> dict[str, Finding]:
        return {each.name: each for each in check_refunds(self.house, log)}

    def close(self, row: DifferenceRow, who: int = 1) -> None:
        """Past the desk: what the rule alone lets through."""
        words = SAID["reason"], SAID["evidence"], f"OPERATOR:{who}"
        wish = CloseDifference(of_row(row), *words, 10**9, 500_000)
        self.house.recorder.record(wish, by=words[2], command_id=new_command_id())


@dataclass(frozen=True)
class Log:
    """A provider's own word."""

    moves: tuple[Moved, ...]

    def moved(self) -> tuple[Moved, ...]:
        return self.moves

    def asked(self) -> list[Asked]:
        return [Asked(move.provider, move.number, True) for move in self.moves]

    def given_back(self) -> tuple[GivenBack, ...]:
        return ()

    def asked_back(self) -> tuple[Asked, ...]:
        return ()


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    folder: Path = tmp_path_factory.mktemp("bank")
    app = open_app(folder / "home", rehearsal=True)
    house: House = app.extensions["mingan"]
    order_refund(house, 1)
    pay(house, 1)
    with house.sessions() as session:
        day = date.fromisoformat(session.scalars(select(PaidRow.day)).one())
    move_clock(house.sessions, 48 * 3600)
    for name in ("anna", "bert"):
        enroll(app, f"{name}@example.com", Role.OPERATOR)
    yield Bank(app, house, day, Counter("wechat", folder))
    close_house(app)


@pytest.fixture(scope="module")
def anna(bank: Bank) -> FlaskClient:
    return sign_in(bank.app, "anna@example.com")


@pytest.fixture(scope="module")
def bert(bank: Bank) -> FlaskClient:
    return sign_in(bank.app, "bert@example.com")


OURS = Row(f"{refund_no_of(1)}a1", FEN)


def page_of(bank: Bank, row: DifferenceRow) -> str:
    return f"{bank.place}/differences/{row.id}"


def say(client: FlaskClient, bank: Bank, row: DifferenceRow, **changed: str) -> int:
    fields = {"seen": of_row(row).digest, **SAID, **changed}
    return send(client, page_of(bank, row), **fields).status_code


def items(bank: Bank, subject: str) -> list[str]:
    with bank.house.sessions() as session:
        query = select(ItemRow.state).where(ItemRow.subject == subject)
        return list(session.scalars(query.order_by(ItemRow.opened_at)))


def test_a_strangers_row_is_known_once_it_is_closed_and_red_again_once_it_changes(
    bank: Bank, anna: FlaskClient
) -> None:
    bank.run(OURS, Row(STRANGER, 777))
    log = Log((Moved("wechat", OURS.number, FEN, True), Moved("wechat", STRANGER, 777, True)))
    before = bank.findings(log)
    assert not any(before[name].ok for name in ("I6", "I9", "I16"))
    row = bank.differs(STRANGER)
    assert say(anna, bank, row, evidence="") == 422
    assert say(anna, bank, row, seen="0" * 64) == 409
    assert say(anna, bank, row) == 303
    assert say(anna, bank, row) == 409
    after = bank.findings(log)
    assert all(after[name].ok for name in ("I6", "I9", "I16"))
    (known,) = after["I16"].known
    assert (known.what, known.reason, known.evidence) == (STRANGER, *SAID.values())
    assert f"#{known.entry}" in report([after["I16"]])
    document = json.loads(json.dumps(as_document([after["I16"]])))
    assert document["findings"][0]["known"][0]["entry"] == known.entry
    assert items(bank, STRANGER) == ["RESOLVED"]
    twice = Log((*log.moves, Moved("wechat", STRANGER, 777, True)))
    assert not bank.findings(twice)["I16"].ok, "one word excuses one row"
    bank.run(OURS, Row(STRANGER, 777))
    assert items(bank, STRANGER) == ["RESOLVED"], "what is closed is nobody's item again"
    for changed in (Row(STRANGER, 778), Row(STRANGER, 777, "PROCESSING")):
        bank.run(OURS, changed)
        assert not bank.findings()["I16"].ok
    assert items(bank, STRANGER) == ["RESOLVED", "OPEN"]
    bank.run(OURS, Row(STRANGER, 777), Row("PLATFORM-8", 777))
    assert not bank.findings()["I6"].ok, "a day is known when all of it is"


def test_the_page_the_list_the_file_and_programs_tell_what_was_closed(
    bank: Bank, anna: FlaskClient
) -> None:
    bank.run(OURS, Row("PLATFORM-9", 900))
    row = bank.differs("PLATFORM-9")
    assert "了结这处差异" in anna.get(bank.place).text
    api = f"/money/reconciliation/wechat/{bank.day}/differences"
    ask = program(bank.app, Role.OPERATOR)
    listed = ask.get(api).json["rows"][-1]
    assert (listed["id"], listed["closed"], listed["red"]) == (row.id, None, "")
    body = {"seen": listed["digest"], **SAID}
    assert ask.post(f"{api}/{row.id}/close", json={**body, "seen": "x"}).status_code == 409
    assert ask.post(f"{api}/{row.id}/close", json=body).status_code == 201
    assert ask.post(f"{api}/999999/close", json=body).status_code == 404
    closed = ask.get(api).json["rows"][-1]["closed"]
    assert (closed["reason"], closed["evidence"]) == tuple(SAID.values())
    page = anna.get(bank.place).text
    assert SAID["reason"] in page
    assert f"#{closed['entry']}" in page
    assert "都已了结" in anna.get("/ops/money/reconciliation").text
    assert "都已了结" in anna.get("/ops/money").text
    assert SAID["evidence"] in anna.get(f"{bank.place}/differences.csv").text
    nightly.run(bank.house)
    with bank.house.sessions() as session:
        kept = latest(session)
    assert kept is not None
    assert any(finding.known for finding in kept.findings)
    assert SAID["reason"] in anna.get("/ops/money").text
    bank.house.projection.rebuild()
    assert bank.findings()["I16"].ok


def test_above_the_limit_two_different_people_say_so(
    bank: Bank, anna: FlaskClient, bert: FlaskClient
) -> None:
    bank.run(OURS, Row("PLATFORM-10", LARGE))
    row = bank.differs("PLATFORM-10")
    assert say(anna, bank, row) == 303
    assert not bank.findings()["I16"].ok
    assert items(bank, "PLATFORM-10") == ["OPEN"]
    assert say(anna, bank, row) == 409
    assert say(bert, bank, row) == 303
    assert bank.findings()["I16"].ok


@pytest.mark.parametrize(
    "rows",
    [
        (OURS, OURS),
        (Row(OURS.number, FEN + 1),),
        (Row(OURS.number, 2 * FEN),),
        (OURS, Row(f"{refund_no_of(1)}a2", FEN)),
        (OURS, Row(f"{refund_no_of(7)}a1", FEN)),
    ],
)
def test_what_we_may_have_paid_twice_stays_red_whatever_two_people_say(
    bank: Bank, anna: FlaskClient, rows: tuple[Row, ...]
) -> None:
    bank.run(*rows)
    row = bank.differs(rows[-1].number)
    assert "可能付了两次" in anna.get(page_of(bank, row)).text
    assert say(anna, bank, row) == 409
    bank.close(row, 1)  # also if it got into the ledger some other way
    findings = bank.findings()
    assert not (findings["I6"].ok and findings["I16"].ok)
    assert findings["I6"].known == findings["I16"].known == ()


# What came back, went out again at the provider's console, and two have vouched for --------------


def test_what_was_sent_on_at_the_console_is_known_once_two_have_vouched_and_one_has_closed(
    bank: Bank, anna: FlaskClient
) -> None:
    order_refund(bank.house, 2)
    pay(bank.house, 2)
    paid = pay_after(bank.house, 61, 2)
    assert paid.success is not None
    back = e.RefundState(refund_no_of(2), "REVERSED", FEN, source="QUERY", provider="wechat")
    wish = MoveMoney(case_no_of(2), (back,))
    bank.house.recorder.record(wish, by="SYSTEM", command_id="back")
    number = f"{refund_no_of(2)}a1"
    move_clock(bank.house.sessions, 72 * 3600)
    day = bank.house.clock.now().astimezone(BEIJING).date() - timedelta(days=1)
    assert bank.run(Row(number, FEN), day=day) == "RED"
    elsewhere = replace(bank, day=day)
    row = elsewhere.differs(number)
    assert (row.kind, row.our_state) == ("STATE_DIFFERS", "REVERSED")
    assert say(anna, elsewhere, row) == 409
    assert "先由两位管理员确认" in anna.get(page_of(elsewhere, row)).text
    for who in (1, 2):
        decide(bank.house, 2, "OFFLINE", who)
    assert pay(bank.house, 2).success is not None
    log = Log((Moved("wechat", OURS.number, FEN, True), Moved("wechat", number, FEN, True)))
    assert f"{number[:-2]}: {FEN} / 0" in bank.findings(log)["I6"].examples
    assert say(anna, elsewhere, row) == 303
    bank.run(OURS)
    found = bank.findings(log)["I6"]
    assert found.ok, found.examples
    assert {each.what for each in found.known} == {
        f"wechat {day}: {number}",
        f"{number[:-2]}: {FEN} / 0",
    }
    twice = Log((*log.moves, Moved("wechat", number, FEN, True)))
    assert not bank.findings(twice)["I6"].ok
    bank.run(Row(number, FEN), day=day - timedelta(days=1))  # which is not its own day either
    assert not bank.findings()["I6"].ok, "the bills have it twice"
    assert movement_of(bank.house, 2).state == "SUCCESS"
