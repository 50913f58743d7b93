"""Days held against bills made by hand and against the simulator's own."""

from __future__ import annotations

from argparse import Namespace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select

from portal.access import Role
from portal.books.tables import JournalRow
from portal.cases.tables import EntryRow
from portal.errors import BadInput
from portal.reconciling.console import reconcile_by_hand
from portal.reconciling.csvfile import csv_lines
from portal.reconciling.daily import Daily, due_at, reconcile_day, to_do
from portal.reconciling.queries import every_difference
from portal.reconciling.tables import DayRow, DifferenceRow, PaidRow, StrayRow
from portal.rehearsal.moving import move_clock
from tests.people import enroll, sign_in
from tests.portal.pool.people import send
from tests.portal.reconciling.bank import NUMBERS, STRANGER, Bank, whole
from tests.portal.reconciling.bills import Counter, Row, alipay_bill, wechat_bill
from tests.portal.refunds.ordering import (
    FEN,
    fault,
    movement_of,
    order_refund,
    pay,
    pay_after,
    steps_of,
)


def test_a_whole_bill_is_green_and_all_three_totals_are_one(bank: Bank) -> None:
    found = bank.run(*whole())
    assert found.result == "GREEN"
    assert (found.rows, found.matched) == (2, 2)
    assert found.bill_fen == found.ledger_fen == found.journal_fen == 2 * FEN
    assert bank.open_differences() == []


def test_the_simulators_own_bill_is_green_too(bank: Bank) -> None:
    provider = bank.house.providers.named("wechat")
    found = reconcile_day(bank.house, provider, bank.day)
    assert found is not None
    assert (found.result, found.rows) == ("GREEN", 2)


def test_a_refund_that_the_bill_lacks_is_found_owned_and_cured_by_a_better_bill(
    bank: Bank,
) -> None:
    found = bank.run(Row(NUMBERS[0], FEN))
    assert (found.result, found.bill_fen, found.ledger_fen) == ("RED", FEN, 2 * FEN)
    assert bank.open_differences() == [("MISSING_IN_BILL", NUMBERS[1])]
    assert ("MISSING_ROW", NUMBERS[1]) in bank.open_items()
    assert bank.run(*whole()).result == "GREEN"
    assert bank.open_differences() == []
    assert ("MISSING_ROW", NUMBERS[1]) not in bank.open_items()
    with bank.house.sessions() as session:
        kept = session.scalars(select(DifferenceRow.number)).all()
        assert NUMBERS[1] in kept, "what was found stays to be seen"


def test_money_that_no_ruling_asked_for_is_found_and_never_booked(bank: Bank) -> None:
    bank.run(*whole())
    with bank.house.sessions() as session:
        posted = session.scalar(select(func.count()).select_from(JournalRow))
    found = bank.run(*whole(Row(STRANGER, 777), Row("RMA2026000001n1a9", 5)))
    assert dict(found.differences) == {"ORPHAN": 1, "STATE_DIFFERS": 1}
    assert ("ORPHAN_ROW", STRANGER) in bank.open_items()
    with bank.house.sessions() as session:
        assert session.scalar(select(func.count()).select_from(JournalRow)) == posted
    assert movement_of(bank.house).state == "SUCCESS"


def test_a_spreadsheet_takes_no_cell_for_a_formula(bank: Bank) -> None:
    bank.run(*whole(Row(STRANGER, 777)))
    with bank.app.test_request_context(), bank.house.sessions() as session:
        text = "".join(csv_lines(every_difference(session, "wechat", bank.day.isoformat())))
    assert text.startswith("\ufeff")
    assert f"'{STRANGER}" in text
    assert f",{STRANGER}" not in text


@pytest.mark.parametrize("off", [-1, 1])
def test_one_fen_is_a_difference(bank: Bank, off: int) -> None:
    found = bank.run(Row(NUMBERS[0], FEN + off), Row(NUMBERS[1], FEN))
    assert dict(found.differences) == {"AMOUNT_DIFFERS": 1}
    assert bank.open_differences() == [("AMOUNT_DIFFERS", NUMBERS[0])]


def test_a_row_twice_is_one_duplicate(bank: Bank) -> None:
    found = bank.run(*whole(Row(NUMBERS[0], FEN)))
    assert dict(found.differences) == {"DUPLICATE_ROW": 1}
    assert found.matched == 2


def test_a_bill_that_does_not_add_up_is_believed_in_nothing(bank: Bank) -> None:
    found = bank.run(*whole(Row(STRANGER, 777)), total_fen=1)
    assert (found.result, dict(found.differences)) == ("RED", {"BILL_BROKEN": 1})
    bank.counter.broken = "the bill's SHA-1 is another"
    assert bank.run().differences == (("BILL_BROKEN", 1),)
    bank.counter.broken = ""
    assert ("BILL_BROKEN", f"wechat/{bank.day}") in bank.open_items()
    bank.run(*whole())
    assert ("BILL_BROKEN", f"wechat/{bank.day}") not in bank.open_items()


def test_a_bill_is_late_only_after_its_time_and_no_longer_when_it_comes(bank: Bank) -> None:
    counter = Counter("wechat", bank.counter.folder)
    today = bank.house.clock.now().date()
    assert reconcile_day(bank.house, counter, today) is None  # type: ignore[arg-type]
    assert ("BILL_LATE", f"wechat/{today}") not in bank.open_items()
    assert reconcile_day(bank.house, counter, bank.day) is None  # type: ignore[arg-type]
    assert ("BILL_LATE", f"wechat/{bank.day}") in bank.open_items()
    bank.run(*whole())
    assert ("BILL_LATE", f"wechat/{bank.day}") not in bank.open_items()


def test_alipays_gbk_is_read_and_its_stranger_found(bank: Bank) -> None:
    counter = Counter("alipay", bank.counter.folder, alipay_bill([Row("平台自退1", 12_345)]))
    found = reconcile_day(bank.house, counter, bank.day)  # type: ignore[arg-type]
    assert found is not None
    assert dict(found.differences) == {"ORPHAN": 1}
    assert found.bill_fen == 12_345


def test_alipays_zip_without_its_totals_is_refused_and_what_is_known_stays(bank: Bank) -> None:
    def by_hand(content: bytes) -> tuple[str, list[str]]:
        file = bank.counter.folder / "by-hand.zip"
        file.write_bytes(content)
        options = Namespace(provider="alipay", day=bank.day, file=file)
        reconcile_by_hand(bank.house, options)
        with bank.house.sessions() as session:
            day = session.get_one(DayRow, ("alipay", bank.day.isoformat()))
            kinds = select(DifferenceRow.kind).where(
                DifferenceRow.provider == "alipay", DifferenceRow.gone_at.is_(None)
            )
            return day.result, sorted(session.scalars(kinds))

    assert by_hand(alipay_bill([Row("平台自退1", 12_345)])) == ("RED", ["ORPHAN"])
    with pytest.raises(BadInput, match="汇总"):
        by_hand(alipay_bill([], totals=False))
    assert by_hand(alipay_bill([Row("平台自退1", 12_345)])) == ("RED", ["ORPHAN"])
    assert by_hand(alipay_bill([])) == ("GREEN", [])


def test_the_same_result_is_recorded_once(bank: Bank) -> None:
    def recorded() -> int:
        with bank.house.sessions() as session:
            query = select(func.count()).where(EntryRow.code == "RECONCILED")
            return session.scalar(query) or 0

    bank.run(*whole())
    before = recorded()
    bank.run(*whole())
    assert recorded() == before
    bank.run(Row(NUMBERS[0], FEN))
    bank.run(*whole())
    assert recorded() == before + 2


def test_a_refund_of_midnight_may_stand_in_the_bill_of_the_day_before(bank: Bank) -> None:
    bank.run(Row(NUMBERS[0], FEN))
    assert bank.open_differences() == [("MISSING_IN_BILL", NUMBERS[1])]
    bank.counter.content = wechat_bill([Row(NUMBERS[1], FEN)])
    day_before = bank.day - timedelta(days=1)
    found = reconcile_day(bank.house, bank.counter, day_before)  # type: ignore[arg-type]
    assert found is not None
    assert (found.result, found.bill_fen, found.ledger_fen) == ("GREEN", 0, 0)
    assert bank.open_differences() == []
    found = bank.run(Row(NUMBERS[0], FEN))
    assert (found.result, found.bill_fen, found.ledger_fen) == ("GREEN", 2 * FEN, 2 * FEN)


@pytest.mark.parametrize("later", [-2, 9])
def test_a_refund_that_two_days_bills_list_was_paid_twice(bank: Bank, later: int) -> None:
    bank.run(*whole())
    bank.counter.content = wechat_bill([Row(NUMBERS[0], FEN)])
    other = bank.day + timedelta(days=later)
    for _again in range(2):
        found = reconcile_day(bank.house, bank.counter, other)  # type: ignore[arg-type]
        assert found is not None
        assert (found.result, dict(found.differences)) == ("RED", {"DUPLICATE_ROW": 1})
    assert ("AMOUNT_DIFFERS", NUMBERS[0]) in bank.open_items()
    bank.counter.content = wechat_bill([])
    found = reconcile_day(bank.house, bank.counter, other)  # type: ignore[arg-type]
    assert found is not None
    assert found.result == "GREEN"


def test_a_refund_of_midnight_that_both_bills_list_was_paid_twice(bank: Bank) -> None:
    bank.run(Row(NUMBERS[0], FEN))
    bank.counter.content = wechat_bill([Row(NUMBERS[1], FEN)])
    reconcile_day(bank.house, bank.counter, bank.day - timedelta(days=1))  # type: ignore[arg-type]
    assert dict(bank.run(*whole()).differences) == {"DUPLICATE_ROW": 1}
    with bank.house.sessions.begin() as session:
        session.execute(delete(StrayRow))
    bank.run(*whole())


def test_days_are_done_once_when_due_and_red_ones_again_for_a_week(bank: Bank) -> None:
    def due(days: float) -> set[str]:
        now = due_at(bank.day) + timedelta(days=days)
        with bank.house.sessions() as session:
            return {each.day.isoformat() for each in to_do(session, ["wechat"], now)}

    bank.run(Row(STRANGER, 1))
    assert bank.day.isoformat() not in due(-0.1)
    assert bank.day.isoformat() in due(0.1)
    assert bank.day.isoformat() not in due(7.1)
    bank.run(*whole())
    assert bank.day.isoformat() not in due(0.1)
    assert due(3.1) == {(bank.day + timedelta(days=n)).isoformat() for n in (1, 2, 3)}


def test_a_rebuild_gives_the_same_days_and_payments(bank: Bank) -> None:
    bank.run(*whole())

    def rows() -> list[tuple[object, ...]]:
        with bank.house.sessions() as session:
            of_days = session.execute(select(*DayRow.__table__.c).order_by(DayRow.day))
            of_paid = session.execute(select(*PaidRow.__table__.c).order_by(PaidRow.number))
            return [*map(tuple, of_days), *map(tuple, of_paid)]

    before = rows()
    bank.house.projection.rebuild()
    assert rows() == before


@pytest.mark.parametrize("really", [True, False])
def test_what_an_unsigned_bill_says_is_paid_is_asked_about(bank: Bank, *, really: bool) -> None:
    """Anybody can write a file that adds up; only the provider's own word books a payment."""
    number = 4 if really else 5
    order_refund(bank.house, number)
    fault(bank.house, "APPLIED_THEN_DROPPED" if really else "DROP_BEFORE")
    assert steps_of(pay(bank.house, number)) == ["RESERVED", "SUBMITTED"]
    today = (bank.house.clock.now() + timedelta(hours=8)).date()
    bank.counter.content = wechat_bill([Row(f"RMA202600000{number}n1a1", FEN)])
    found = reconcile_day(bank.house, bank.counter, today)  # type: ignore[arg-type]
    assert found is not None
    assert dict(found.differences)["STATE_DIFFERS"] == 1
    assert movement_of(bank.house, number).state == "SUBMITTED"
    success = pay(bank.house, number).success
    assert (success.source if success else None) == ("QUERY" if really else None)


def test_what_the_providers_signed_bill_says_is_paid_becomes_paid(bank: Bank) -> None:
    order_refund(bank.house, 3)
    fault(bank.house, "APPLIED_THEN_DROPPED")
    assert steps_of(pay(bank.house, 3)) == ["RESERVED", "SUBMITTED"]
    today = (bank.house.clock.now() + timedelta(hours=8)).date()
    move_clock(bank.house.sessions, 48 * 3600)
    found = reconcile_day(bank.house, bank.house.providers.named("wechat"), today)
    assert found is not None
    assert dict(found.differences)["STATE_DIFFERS"] == 1
    movement = movement_of(bank.house, 3)
    assert movement.state == "SUCCESS"
    assert movement.success is not None
    assert movement.success.source == "BILL"
    assert ("STATE_DIFFERS", "RMA2026000003n1a1") in bank.open_items()


def test_pages_show_each_role_what_it_may_see(bank: Bank) -> None:
    bank.run(*whole(Row(STRANGER, 777)))
    place = f"/ops/money/reconciliation/wechat/{bank.day}"
    for email, role in (("op@example.com", Role.OPERATOR), ("as@example.com", Role.ASSOCIATION)):
        enroll(bank.app, email, role)
        client = sign_in(bank.app, email)
        assert "处差异" in client.get("/ops/money/reconciliation").text
        page = client.get(place).text
        assert "账单里有，没有任何结论要求退" in page
        assert ("账单原文" in page) is (role is Role.OPERATOR)
        assert client.get(f"{place}/differences.csv").text.startswith("\ufeff")
    again = send(client, "/association/money", place)
    assert again.status_code == 403


def test_an_operator_has_a_day_looked_at_again(bank: Bank) -> None:
    bank.run(Row(NUMBERS[0], FEN))
    enroll(bank.app, "again@example.com", Role.OPERATOR)
    client = sign_in(bank.app, "again@example.com")
    place = f"/ops/money/reconciliation/wechat/{bank.day}"
    assert send(client, place).status_code == 303
    Daily(bank.house, bank.house.providers).run_due()
    assert "三方一致" in client.get(place).text


def test_a_day_with_a_refund_at_stripe_is_green(bank: Bank) -> None:
    order_refund(bank.house, 9, channel="stripe", provider_txn="pi_0009")
    pay(bank.house, 9)
    assert steps_of(pay_after(bank.house, 61, 9))[-1] == "SUCCESS"
    with bank.house.sessions() as session:
        paid = session.scalars(select(PaidRow).where(PaidRow.provider == "stripe")).one()
    move_clock(bank.house.sessions, 48 * 3600)
    day = date.fromisoformat(paid.day)
    found = reconcile_day(bank.house, bank.house.providers.named("stripe"), day)
    assert found is not None
    assert (found.result, found.rows, found.matched) == ("GREEN", 1, 1)
