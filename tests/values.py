"""Values for tests of rules and of the core: complete by default, changed by name."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from portal import events as e
from portal.rulebook import CURRENT

CASE_NO = "MA-2026-000001"

FILE = e.FileRef(blob="0" * 64, kid="k", sha256="1" * 64, size=5, media_type="image/jpeg")

LINE = e.OrderLine(
    line_id="ln-1", product_id="p-1", title="缎面衬衫", spec="香槟色 M", qty=1, paid_fen=32_900
)

PAYMENT = e.Payment(
    payment_id="pay-1",
    channel="wechat",
    method="wallet",
    provider_txn="4200001",
    paid_fen=32_900,
    refunded_fen=0,
    refundable_until="2126-11-05T20:17:00+08:00",
)

PENALTY_PROMISE = e.CitedPromise(
    promise_id="PA-3",
    kind="COMPENSATION",
    source="ORAL",
    text="不是就退一赔三",
    context="百分百桑蚕丝，不是就退一赔三。",
    start_ms=58_000,
    end_ms=60_256,
    at="2026-11-05T20:15:58.000+08:00",
    verification="VERBATIM",
    multiplier=3,
)


def a_claim(**changes: Any) -> e.CaseFiled:
    """A buyer of a 329-yuan shirt who wants the money back and the promised three times."""
    claim = e.CaseFiled(
        case_no=CASE_NO,
        rules_version=CURRENT.version,
        platform="hailiao-live",
        order_id="HL1",
        order_digest="2" * 64,
        buyer_ref="b_5640a7eef41356005a",
        shop_id="shop-1",
        shop="澜禾服饰旗舰店",
        merchant_id="mer-1",
        lines=(LINE,),
        payment=PAYMENT,
        delivered_at="2026-11-08T11:32:56+08:00",
        session_id=None,
        replay=None,
        replay_ms=175_000,
        ordered_ms=92_017,
        reason_code="P01_MATERIAL",
        secondary_codes=(),
        received_goods=True,
        text="主播说百分百桑蚕丝，吊牌写聚酯纤维。",
        remedies=(e.Remedy("REFUND_RETURN", 32_900), e.Remedy("CONTRACT_PENALTY", 98_700)),
        promises=(PENALTY_PROMISE,),
    )
    return replace(claim, **changes)


def an_exhibit(number: str = "B1", **changes: Any) -> e.EvidenceSealed:
    sides = {"B": "BUYER", "M": "MERCHANT", "P": "PLATFORM"}
    exhibit = e.EvidenceSealed(
        number=number,
        side=sides[number[0]],
        kind="PHOTO",
        provenance="G4_PARTY_UPLOAD",
        name="tag.jpg",
        note="",
        file=FILE,
        picture=None,
        duration_ms=None,
        captured_at=None,
        received_at="2026-11-09T01:30:00.000Z",
        upload_id=f"upload-{number}",
    )
    return replace(exhibit, **changes)
