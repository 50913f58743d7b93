"""The buyer's page of a case: what to do first, then what happened and what comes when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.events import Remedy
from portal.house import House
from portal.rehearsal.moving import move_clock
from portal.responses.commands import ConfirmReturn, FileResponse
from tests.builders import (
    a_house,
    close_house,
    file_sample,
    house_of,
    sign_in_buyer,
    sign_in_merchant,
)
from tests.houses import case_of, perform_todo

SILK = "silk-shirt"
DAY = 86_400


@dataclass(frozen=True)
class Walk:
    """A case with its buyer in front of a phone."""

    app: APIFlask
    case_no: str
    buyer: FlaskClient

    @property
    def house(self) -> House:
        return house_of(self.app)

    @property
    def path(self) -> str:
        return f"/cases/{self.case_no}"

    def page(self) -> str:
        return self.buyer.get(self.path).text

    def send(self, action: str, **data: str) -> TestResponse:
        """Press a button of the page, with the hidden fields of its form."""
        form = re.search(rf'<form[^>]*action="{self.path}/{action}".*?</form>', self.page(), re.S)
        assert form, f"no form {action}"
        return self.buyer.post(f"{self.path}/{action}", data={**hidden_fields(form[0]), **data})

    def answer(self, kind: str, offer: Remedy | None = None) -> None:
        wish = FileResponse(self.case_no, kind, "理由", "AS_SAID", offer, (), ())
        self.house.recorder.record(wish, by="MERCHANT", command_id=f"answer/{self.case_no}")

    def state(self) -> str:
        return case_of(self.house, self.case_no).state


def hidden_fields(form: str) -> dict[str, str]:
    tags = re.findall(r'<input[^>]*type="hidden"[^>]*>', form)
    pairs = [re.search(r'name="([^"]*)".*value="([^"]*)"', tag) for tag in tags]
    return {pair[1]: pair[2] for pair in pairs if pair}


@pytest.fixture
def walk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    app = a_house(tmp_path_factory.mktemp("portal"))
    case_no = file_sample(app, SILK, files=False)
    yield Walk(app, case_no, sign_in_buyer(app, SILK))
    close_house(app)


def test_while_the_merchant_is_to_answer_the_buyer_has_nothing_to_do(walk: Walk) -> None:
    page = walk.page()
    assert "现在不用你做什么" in page
    assert "到时没有答复，就按现有记录支持你的诉求。" in page
    assert "如果进入，最迟" in page
    assert "补充凭证" in page


def test_an_offer_is_shown_with_its_consequence_and_accepted_once(walk: Walk) -> None:
    walk.answer("OFFER", Remedy("PARTIAL_REFUND", 26_000))
    page = walk.page()
    assert "接受，拿 ¥260.00" in page
    assert "协商内容评审员看不到" in page
    assert walk.send("offer", decision="accept").status_code == 303
    assert walk.state() == "REFUNDING"
    perform_todo(walk.house, walk.case_no)
    page = walk.page()
    assert "已退款 ¥260.00" in page
    assert "支付机构已付款：退款 ¥260.00" in page
    assert "模拟支付机构，没有真的动钱" in page


def test_the_same_decision_sent_twice_counts_once(walk: Walk) -> None:
    walk.answer("OFFER", Remedy("PARTIAL_REFUND", 26_000))
    form = re.search(r'<form[^>]*/offer".*?</form>', walk.page(), re.S)
    assert form
    data = {**hidden_fields(form[0]), "decision": "decline"}
    for _press in range(2):
        assert walk.buyer.post(f"{walk.path}/offer", data=data).status_code == 303
    assert walk.state() == "PANEL_DRAW"
    late = walk.buyer.post(f"{walk.path}/offer", data={**data, "command_id": "another"})
    assert late.status_code == 409
    assert "现在没有等你决定的方案" in late.text


def test_goods_go_back_by_a_number_and_a_missing_one_is_asked_for(walk: Walk) -> None:
    walk.answer("AGREE")
    assert "请把商品寄回" in walk.page()
    answer = walk.send("return", carrier="顺丰", waybill=" ")
    assert answer.status_code == 422
    assert "请填快递单号" in answer.text
    assert 'value="顺丰"' in answer.text
    vague = walk.send("return", carrier="顺丰", waybill="不知道 <1>")
    assert vague.status_code == 422
    assert "快递单号只有字母和数字" in vague.text
    assert 'value="不知道 &lt;1&gt;"' in vague.text
    assert walk.send("return", carrier="顺丰", waybill="SF1").status_code == 303
    assert walk.state() == "RETURNING"
    assert "顺丰 SF1" in walk.page()
    confirm = ConfirmReturn(walk.case_no)
    walk.house.recorder.record(confirm, by="MERCHANT", command_id="confirm/1")
    perform_todo(walk.house, walk.case_no)
    page = walk.page()
    assert "已退款 ¥329.00" in page
    assert "付款编号 R" in page


def test_what_was_granted_beyond_the_price_is_owed_and_not_called_paid(walk: Walk) -> None:
    walk.answer("AGREE")
    page = walk.page()
    assert "¥987.00" in page
    assert "应付，尚未支付" in page


def test_silence_is_said_plainly(walk: Walk) -> None:
    case = case_of(walk.house, walk.case_no)
    assert case.clock is not None
    move_clock(walk.house.sessions, DAY + 5)
    walk.house.duties.perform("EXPIRE", walk.case_no, f"{case.clock.clock}@{case.clock.due_at}")
    page = walk.page()
    assert "商家没有在期限内答复" in page
    assert "商家逾期未答复，按买家诉求处理" in page


def test_a_case_page_sends_the_other_side_to_its_own_desk(walk: Walk) -> None:
    answer = sign_in_merchant(walk.app, SILK).get(walk.path)
    assert (answer.status_code, answer.location) == (303, f"/shop/c/{walk.case_no}")


def test_evidence_can_be_added_until_a_panel_is_drawn(walk: Walk) -> None:
    assert walk.buyer.get(f"{walk.path}/evidence").status_code == 200
    walk.answer("DENY")
    late = walk.buyer.get(f"{walk.path}/evidence")
    assert late.status_code == 409
    assert "不能再补充凭证" in late.text


def test_the_merchants_words_cannot_become_markup(walk: Walk) -> None:
    attack = FileResponse(
        walk.case_no, "DENY", "<script>alert(1)</script>", "AS_SAID", None, (), ()
    )
    walk.house.recorder.record(attack, by="MERCHANT", command_id="answer/x")
    page = walk.page()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
