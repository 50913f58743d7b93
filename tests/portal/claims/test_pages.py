"""The three steps as a phone without scripts walks them: plain forms, nothing lost."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.access import Role
from portal.claims.queries import own_order
from tests.builders import SAMPLES, a_draft, buyer_of, document, house_of, sign_in_buyer
from tests.houses import case_of
from tests.people import enroll, form_token, sign_in

SILK = "silk-shirt"
WORDS = "主播说百分百桑蚕丝，吊牌写聚酯纤维95%。"


@pytest.fixture
def buyer(app: APIFlask) -> FlaskClient:
    return sign_in_buyer(app, SILK)


def step1_path() -> str:
    order = document(SILK, "order.json")
    return f"/claims/new/{order['platform']}/{order['order']['id']}"


def post(client: FlaskClient, path: str, **data: object) -> TestResponse:
    """What a browser sends: the form's fields with the token that its page put there."""
    return client.post(path, data={"csrf_token": form_token(client, step1_path()), **data})


def begin(client: FlaskClient, **changes: object) -> str:
    """Step 1; returns the path of step 2."""
    answers = {"lines": "ln-1", "reason": "P01_MATERIAL", "received": "yes", **changes}
    answer = post(client, step1_path(), **answers)
    assert answer.status_code == 303, answer.text
    return urlsplit(answer.location).path


def story(**changes: object) -> dict[str, object]:
    return {"text": WORDS, "refund": "REFUND_RETURN", "refund_yuan": "329", **changes}


def photo(name: str = "tag.jpg") -> tuple[BytesIO, str]:
    path = SAMPLES / SILK / "evidence" / "buyer" / "tag.jpg"
    return BytesIO(path.read_bytes()), name


def test_a_claim_goes_from_order_to_receipt_without_scripts(
    app: APIFlask, buyer: FlaskClient
) -> None:
    assert step1_path() in buyer.get("/claims/new").text
    second = begin(buyer)
    chosen = story(promises=["PA-2", "PA-3"], more=["CONTRACT_PENALTY"], files=[photo()])
    third = post(buyer, second, **chosen, yuan_CONTRACT_PENALTY="987.00").location
    assert WORDS in buyer.get(third).text
    done = post(buyer, third).location
    page = buyer.get(done).text
    case_no = re.search(r"MA-\d{4}-\d{6}", page)
    assert case_no
    case = case_of(house_of(app), case_no[0])
    assert [(r.code, r.amount_fen) for r in case.claim.remedies] == [
        ("REFUND_RETURN", 32_900),
        ("CONTRACT_PENALTY", 98_700),
    ]
    assert [x.name for x in case.exhibits if x.side == "BUYER"] == ["tag.jpg"]
    assert "/api/v1/receipts/" in page


def test_going_back_after_sending_shows_what_was_sent(buyer: FlaskClient) -> None:
    second = begin(buyer)
    third = post(buyer, second, **story()).location
    done = post(buyer, third).location
    again = post(buyer, third)
    assert (again.status_code, again.location) == (303, done)
    assert buyer.get(second).location == done
    assert buyer.get(third).location == done


def test_a_wrong_amount_loses_neither_words_nor_files_nor_ticks(buyer: FlaskClient) -> None:
    second = begin(buyer)
    answer = post(buyer, second, **story(refund_yuan="400", promises=["PA-2"], files=[photo()]))
    assert answer.status_code == 422
    page = answer.text
    assert "退款金额不能高于还可以退的 ¥329.00" in page
    assert WORDS in page
    assert 'value="400"' in page
    assert "tag.jpg" in page
    assert re.search(r'value="PA-2"[^>]* checked', page)
    assert "<title>出错：" in page


def test_a_file_that_is_refused_leaves_the_others_and_says_why(buyer: FlaskClient) -> None:
    fake = (BytesIO(Path(SAMPLES / "hostile" / "01_html.jpg").read_bytes()), "fake.jpg")
    answer = post(buyer, begin(buyer), **story(files=[photo(), fake]))
    assert answer.status_code == 422
    assert "“fake.jpg”不是可以提交的类型" in answer.text
    assert "tag.jpg" in answer.text


def test_removing_a_file_keeps_what_was_typed(app: APIFlask, buyer: FlaskClient) -> None:
    second = begin(buyer)
    post(buyer, second, **story(files=[photo()], then="stay"))
    page = buyer.get(second).text
    remove = re.search(r'formaction="([^"]+/remove)"', page)
    assert remove
    post(buyer, remove[1], **story(text="换了一句"))
    page = buyer.get(second).text
    assert "tag.jpg" not in page
    assert "换了一句" in page
    assert re.search(r'name="refund_yuan"[^>]*value="329.00"', page)


def test_money_that_cannot_be_read_is_asked_for_again(buyer: FlaskClient) -> None:
    answer = post(buyer, begin(buyer), **story(refund_yuan="三百"))
    assert answer.status_code == 422
    assert "请写金额" in answer.text


def test_the_first_step_says_what_is_missing(buyer: FlaskClient) -> None:
    answer = post(buyer, step1_path(), lines="ln-1", received="yes")
    assert answer.status_code == 422
    assert "请选一个问题" in answer.text
    assert "请选要投诉的商品" in post(buyer, step1_path(), reason="P01_MATERIAL").text


def test_promises_of_the_ordered_product_come_first_with_their_corrections(
    buyer: FlaskClient,
) -> None:
    page = buyer.get(begin(buyer)).text
    places = [page.index(f'value="{promise}"') for promise in ("PA-2", "PA-3", "PA-6", "PA-5")]
    assert places == sorted(places)
    assert "20:15:55" in page
    assert "它是桑蚕丝百分之七十的混纺" in page
    assert "3 × ¥329.00 = ¥987.00" in page


def test_a_script_gets_the_files_digest_or_the_reason(buyer: FlaskClient) -> None:
    path = begin(buyer).replace("/evidence", "/files")
    token = {"X-CSRFToken": form_token(buyer, step1_path()), "Accept": "application/json"}
    answer = buyer.post(path, data={"files": photo()}, headers=token)
    assert answer.status_code == 201
    assert answer.json["sha256"].startswith("0c71ec81")
    assert buyer.get(answer.json["picture_url"]).mimetype == "image/webp"
    refused = buyer.post(path, data={"files": (BytesIO(b""), "empty.jpg")}, headers=token)
    assert refused.status_code == 409
    assert "空文件" in refused.json["message"]


def test_another_buyer_sees_none_of_it(app: APIFlask, buyer: FlaskClient) -> None:
    second = begin(buyer)
    enroll(app, "other@example.com", Role.BUYER, buyer_ref="b_1234567890abcdef", platform="x")
    other = sign_in(app, "other@example.com")
    for path in (step1_path(), second, second.replace("evidence", "check")):
        assert other.get(path).status_code == 404, path
    assert "没有可以投诉的订单" in other.get("/claims/new").text


def test_the_list_puts_what_waits_for_the_buyer_first(app: APIFlask, buyer: FlaskClient) -> None:
    assert "还没有投诉" in buyer.get("/me").text
    begin(buyer)
    assert "还没提交" in buyer.get("/me").text
    post(buyer, post(buyer, begin(buyer), **story()).location)
    page = buyer.get("/me").text
    assert "正在处理" in page
    assert "还没提交" not in page
    order = document(SILK, "order.json")
    with house_of(app).sessions() as session:
        known = own_order(session, buyer_of(SILK), order["platform"], order["order"]["id"])
    assert known.open_case(["ln-1"]) in buyer.get("/claims/new").text


def test_a_draft_opened_again_holds_its_answers(app: APIFlask, buyer: FlaskClient) -> None:
    a_draft(app, SILK, files=False)
    page = buyer.get(step1_path()).text
    assert re.search(r'value="P01_MATERIAL"[^>]* checked', page)
