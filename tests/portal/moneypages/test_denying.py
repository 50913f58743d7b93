"""A buyer who denied that the money had arrived, and then finds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import events as e
from portal.invariants.checks import check_refunds
from portal.monitors.commands import ResolveItem
from portal.monitors.tables import ItemRow
from portal.refunds.commands import MoveMoney
from portal.rehearsal.moving import move_clock
from portal.times import stamp
from tests.houses import case_of
from tests.people import form_token
from tests.portal.moneypages.test_pages import DAY, NO, PAGE, Paid, a_paid_refund, item_state
from tests.values import CASE_NO

PRESUMED = e.RefundState(NO, "ARRIVED", 32_900, source="CLOCK")


@pytest.fixture
def denied(tmp_path: Path) -> Iterator[Paid]:
    """Presumed to have arrived, and the buyer has said since that it is missing."""
    with a_paid_refund(tmp_path) as paid:
        move_clock(paid.house.sessions, 20 * DAY)
        presume = MoveMoney(CASE_NO, (PRESUMED,))
        paid.house.recorder.record(presume, by="SYSTEM", command_id="presumed")
        press(paid, "missing")
        yield paid


def press(paid: Paid, what: str) -> int:
    """The page's button; returns the status of the answer."""
    form = {"csrf_token": form_token(paid.buyer, PAGE), "command_id": what}
    return paid.buyer.post(f"{PAGE}/movements/{NO}/{what}", data=form).status_code


def broken(paid: Paid) -> list[str]:
    """The rules of the record that do not hold; nobody asked a provider for this refund."""
    about_steps = ("I2", "I4", "I12", "I18")
    found = check_refunds(paid.house)
    return [each.name for each in found if each.name in about_steps and not each.ok]


def test_a_buyer_who_denied_an_arrival_says_later_that_the_money_is_there(denied: Paid) -> None:
    assert item_state(denied) == "OPEN"
    assert "我已收到" in denied.buyer.get(PAGE).text
    assert "等到承诺的最晚到账日" not in denied.buyer.get(PAGE).text
    assert "I have it" in denied.buyer.get(PAGE, headers={"Accept-Language": "en"}).text
    assert press(denied, "arrived") == 303
    newest = case_of(denied.house).movements[0].last
    assert newest is not None
    assert (newest.state, newest.source) == ("ARRIVED", "BUYER")
    assert item_state(denied) == "RESOLVED"
    page = denied.buyer.get(PAGE).text
    assert "买家确认收到" in page
    assert "我已收到" not in page
    assert press(denied, "arrived") == 303  # the same press, told once
    assert broken(denied) == []


def test_a_program_of_the_buyer_says_so_too(denied: Paid) -> None:
    headers = denied.tokens["b@example.com"] | {"Idempotency-Key": "found-it"}
    path = f"/api/v1{PAGE}/movements/{NO}/arrived"
    client = denied.app.test_client()
    assert client.post(path, headers=headers).status_code == 200
    assert item_state(denied) == "RESOLVED"
    again = client.post(path, headers=headers | {"Idempotency-Key": "again"})
    assert again.status_code == 409
    assert broken(denied) == []


def test_the_operators_answer_stands_on_the_buyers_page(denied: Paid) -> None:
    with denied.house.sessions() as session:
        row = session.query(ItemRow).filter_by(kind="PAST_PROMISE", subject=NO).one()
    found = "银行回单显示 12 月 1 日入账，请查尾号 0042 的卡"
    wish = ResolveItem(row.item_no, row.kind, NO, stamp(row.opened_at), CASE_NO, found)
    denied.house.recorder.record(wish, by="OPERATOR:1", command_id="answered")
    page = denied.buyer.get(PAGE).text
    assert found in page
    assert "运营正在向支付机构核实" not in page
    english = denied.buyer.get(f"{PAGE}/money", headers={"Accept-Language": "en"}).text
    assert "The operator answered on" in english
    assert press(denied, "arrived") == 303
    assert found not in denied.buyer.get(PAGE).text
