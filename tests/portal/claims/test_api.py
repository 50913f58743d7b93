"""The buyer's API from orders to a filed case."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from apiflask import APIFlask

from portal.access import Role
from tests.builders import SAMPLES, buyer_of, document
from tests.programs import Program, program

SILK = "silk-shirt"


@pytest.fixture
def buyer(app: APIFlask) -> Program:
    actor = buyer_of(SILK)
    return program(app, Role.BUYER, buyer_ref=actor.buyer_ref, platform=actor.platform)


def start(buyer: Program, **changes: Any) -> Any:
    order = document(SILK, "order.json")
    body = {
        "platform": order["platform"],
        "order_id": order["order"]["id"],
        "line_ids": ["ln-1"],
        "reason_code": "P01_MATERIAL",
        "received_goods": True,
        **changes,
    }
    return buyer.post("/claims", json=body)


def test_a_program_files_a_claim(buyer: Program) -> None:
    order = buyer.get("/orders").json[0]
    heard = buyer.get(f"/orders/{order['platform']}/{order['order_id']}/promises").json
    assert [p["promise_id"] for p in heard][:3] == ["PA-1", "PA-2", "PA-3"]
    draft_id = start(buyer).json["draft_id"]
    wanted = [{"code": "REFUND_RETURN", "amount_fen": 32_900}]
    story = {"text": "不是真丝", "promises": ["PA-2"], "remedies": wanted}
    assert buyer.patch(f"/claims/{draft_id}", json=story).json["remedies"] == wanted
    tag = (SAMPLES / SILK / "evidence" / "buyer" / "tag.jpg").read_bytes()
    form = {"file": (BytesIO(tag), "tag.jpg"), "kind": "PHOTO", "note": "吊牌"}
    upload = buyer.post(f"/claims/{draft_id}/evidence", data=form).json
    sent = buyer.post(f"/claims/{draft_id}/send")
    assert sent.status_code == 201
    assert sent.json["exhibits"] == {upload["upload_id"]: "B1"}
    case = buyer.get(f"/cases/{sent.json['case_no']}").json
    assert (case["state"], case["due_at"]) == ("AWAITING_RESPONDENT", sent.json["due_at"])
    assert case["claimed"]["refund_fen"] == 32_900
    assert buyer.post(f"/claims/{draft_id}/send").json == sent.json


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"line_ids": ["ln-9"]}, "line_ids"),
        ({"line_ids": []}, "line_ids"),
        ({"reason_code": "P99"}, "reason_code"),
        ({"received_goods": "yes"}, "received_goods"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_body_is_refused_by_the_name_of_its_field(
    buyer: Program, body: dict[str, Any], field: str
) -> None:
    answer = start(buyer, **body)
    assert (answer.status_code, answer.json["field"]) == (422, field)


def test_money_is_integer_fen(buyer: Program) -> None:
    draft_id = start(buyer).json["draft_id"]
    wanted = [{"code": "REFUND_RETURN", "amount_fen": 329.0}]
    answer = buyer.patch(f"/claims/{draft_id}", json={"remedies": wanted})
    assert answer.status_code == 422


def test_a_file_of_a_kind_that_does_not_exist_is_refused(buyer: Program) -> None:
    draft_id = start(buyer).json["draft_id"]
    form = {"file": (BytesIO(b"x"), "x.jpg"), "kind": "GOSSIP"}
    answer = buyer.post(f"/claims/{draft_id}/evidence", data=form)
    assert (answer.status_code, answer.json["field"]) == (422, "kind")
    assert buyer.post(f"/claims/{draft_id}/evidence", data={}).json["field"] == "file"


def test_the_api_takes_no_cookie_and_no_other_role(app: APIFlask) -> None:
    shop = program(app, Role.MERCHANT, shop_id="shop-1")
    assert shop.get("/orders").status_code == 403
    assert app.test_client().get("/api/v1/orders").status_code == 401
