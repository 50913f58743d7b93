"""Cases whose money is ordered and not yet moved, recorded by the real recorder.

The shortest honest road to an order: a claim is filed and the merchant agrees.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import events as e
from portal.claims.commands import FileClaim
from portal.house import House
from portal.responses.commands import FileResponse
from tests.values import LINE, PAYMENT, a_claim, an_exhibit

PAID_FEN = PAYMENT.paid_fen
PAID_AT = "2026-11-05T20:17:00+08:00"


@dataclass(frozen=True)
class Ordered:
    """What one case orders. Cases with the same `payment` share what was paid once."""

    number: int
    refund_fen: int = PAID_FEN
    compensation_fen: int = 0
    channel: str = "wechat"
    payment: str = ""
    shop_id: str = "shop-1"
    platform: str = "hailiao-live"
    sub_merchant: str = ""  # the shop's own number at WeChat, where the platform may advance

    @property
    def case_no(self) -> str:
        return f"MA-2026-{self.number:06}"

    @property
    def refund_no(self) -> str:
        return f"RMA2026{self.number:06}n1"

    @property
    def payment_id(self) -> str:
        return self.payment or f"pay-{self.number}"

    @property
    def remedies(self) -> tuple[e.Remedy, ...]:
        refund = e.Remedy("REFUND_ONLY", self.refund_fen)
        penalty = e.Remedy("COMPENSATE", self.compensation_fen)
        return (refund, penalty) if self.compensation_fen else (refund,)


def order_money(house: House, ordered: Ordered) -> None:
    """File the claim and agree to it; the worker does the rest."""
    claim = _claim(ordered)
    key = house.keyring.make()
    photo = house.files.put_bytes(b"a photo", key.kid, "image/jpeg")
    filing = FileClaim(claim, (an_exhibit(file=photo),), key.kid)
    agreeing = FileResponse(ordered.case_no, "AGREE", "", "", None, (), ())
    record = house.recorder.record
    record(filing, by="BUYER", command_id=f"claim/{ordered.case_no}")
    record(agreeing, by="MERCHANT", command_id=f"agree/{ordered.case_no}")


def _claim(ordered: Ordered) -> e.CaseFiled:
    payment = e.Payment(
        payment_id=ordered.payment_id,
        channel=ordered.channel,
        method="wallet",
        provider_txn=f"42000{ordered.payment_id}",
        paid_fen=PAID_FEN,
        refunded_fen=0,
        refundable_until="2126-11-05T20:17:00+08:00",
        merchant_txn=f"HL{ordered.payment_id}",
        merchant_account="1900000001",
        sub_merchant=ordered.sub_merchant,
        paid_at=PAID_AT,
        total_fen=PAID_FEN,
    )
    return a_claim(
        case_no=ordered.case_no,
        platform=ordered.platform,
        shop_id=ordered.shop_id,
        order_id=f"HL{ordered.number}",
        payment=payment,
        lines=(LINE,),
        remedies=ordered.remedies,
    )
