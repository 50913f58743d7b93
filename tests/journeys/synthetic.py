"""A case of other people, goods and amounts, made from the pictures and the film of a sample.

Two lines in one order, paid by Alipay on another platform; a claim in English; thirteen seats of
which three never vote; seven of ten ballots for a part of the money.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from tests.builders import SAMPLES

SOURCE = SAMPLES / "silk-shirt"
PLATFORM, ORDER, SESSION = "lemon-live", "LM-77/2026-0001", "session 9001"
BUYER, SHOP, MERCHANT = "b_00112233445566778899", "shop-lemon-1", "merchant-lemon"
PAID_FEN, GRANTED_FEN = 50_900, 25_000
STRATA = ["BUYER_SIDE"] * 4 + ["MERCHANT_SIDE"] * 4 + ["EXPERT"] * 2
CHOICES = ["PARTIAL"] * 7 + ["SUPPORT_CLAIMANT"] * 2 + ["SUPPORT_RESPONDENT"]


def write_case(folder: Path) -> Path:
    """Make the case folder; returns it."""
    folder.mkdir()
    for name in ("replay.mp4", "transcript.json"):
        shutil.copy(SOURCE / name, folder / name)
    shutil.copytree(SOURCE / "evidence", folder / "evidence")
    documents = {
        "livestream": a_livestream(),
        "order": an_order(),
        "claim": a_claim(),
        "exhibits": _source("exhibits"),
        "response": {"answer": "DENY", "text": "Both were as shown.", "reason_code": "AS_SAID"},
        "ballots": {"panel": {"track": "COMPLEX"}, "ballots": ballots()},
        "transcript": _source("transcript") | {"session_id": SESSION},
    }
    for name, document in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
    return folder


def a_livestream() -> dict[str, Any]:
    session = _source("livestream")
    session |= {"platform": PLATFORM, "session_id": SESSION}
    session["merchant"] |= {"id": MERCHANT, "shop_id": SHOP, "shop": "Lemon & Co"}
    return session


def an_order() -> dict[str, Any]:
    document = _source("order")
    document["platform"] = PLATFORM
    document["signature"]["key_id"] = "a key nobody knows"
    document["order"] |= {"id": ORDER, "shop_id": SHOP, "buyer_ref": BUYER}
    document["order"]["amounts"] |= {
        "items": 56_700,
        "discount_merchant": 4_800,
        "paid_cash": PAID_FEN,
    }
    document["order"]["lines"] += [_second_line(document["order"]["lines"][0])]
    document["payments"][0] |= {
        "channel": "alipay",
        "provider_txn": "2026110522001400001",
        "paid": PAID_FEN,
        "payer_cash": PAID_FEN,
    }
    document["live"] |= {"session_id": SESSION, "merchant_id": MERCHANT}
    return document


def _second_line(first: dict[str, Any]) -> dict[str, Any]:
    changes = {"id": "ln-2", "product_id": "p-2208", "sku_id": "sku-2", "title": "Scarf", "qty": 2}
    return first | changes | {"unit_price": 9_900, "paid": 18_000}


def a_claim() -> dict[str, Any]:
    return {
        "order_id": ORDER,
        "line_ids": ["ln-1", "ln-2"],
        "reason_code": "P01_MATERIAL",
        "secondary_codes": [],
        "received_goods": True,
        "text": 'The host said "pure silk" of both. <b>Neither is.</b> 🧣',
        "remedies": [{"code": "REFUND_ONLY", "amount_fen": PAID_FEN}],
        "cited_promises": ["PA-2"],
    }


def ballots() -> list[dict[str, Any]]:
    return [
        {
            "stratum": stratum,
            "choice": choice,
            "amount_fen": GRANTED_FEN,
            "compensation_fen": 0,
            "reasons": ["BOTH_AT_FAULT"],
            "text": "Half of it was true.",
            "exhibits": ["E01", "E11"],
        }
        for stratum, choice in zip(STRATA, CHOICES, strict=True)
    ]


def _source(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((SOURCE / f"{name}.json").read_text())
    return document
