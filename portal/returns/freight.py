"""Who bears what it cost to send the goods back: a pure rule, with the ground it rests on.

消费者权益保护法 24 (the operator bears the freight of goods that are not as they should be) and
25 (the consumer bears it in a return without a reason, unless agreed otherwise); 七日无理由退货
暂行办法 18.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal.cases.state import Case
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.events import ExecutionOrdered
from portal.rulings.orders import order
from reviewers.parties import WHOLE

MOST_UNPROVEN_FEN = 5_000
MOST_PROVEN_FEN = 50_000

GROUNDS: dict[str, str] = {
    "GRANTED": _("结论或者和解写明退货运费由商家承担"),
    "IN_SUM": _("退货运费已经写成一笔金额，另行支付"),
    "LIABILITY": _("按责任比例，买家以外各方承担"),
    "NO_REASON": _("七天无理由退货，退货运费由买家承担"),
    "FAULT": _("商品或者服务与约定不符，退货运费由商家承担"),
}


@dataclass(frozen=True)
class Freight:
    """`others_bp`: basis points borne by others than the buyer; `ground` is one of GROUNDS."""

    cost_fen: int
    others_bp: int
    ground: str

    @property
    def owed_fen(self) -> int:
        """What the buyer gets back, half a fen rounded up."""
        return (self.cost_fen * self.others_bp + WHOLE // 2) // WHOLE


def check_freight(freight_fen: int, has_receipt: bool) -> None:
    """Raise BadInput for a cost that needs a receipt, or is above any parcel's."""
    if freight_fen < 0:
        raise BadInput("freight_fen", _("金额要大于 0"))
    if freight_fen > MOST_PROVEN_FEN:
        raise BadInput("freight_fen", _("退货运费最多填 500 元"))
    if freight_fen > MOST_UNPROVEN_FEN and not has_receipt:
        raise BadInput("freight_fen", _("超过 50 元要附上运费单据"))


def freight_of(case: Case) -> Freight:
    """The cost that the buyer stated and the part of it that others bear."""
    cost_fen = case.shipped.freight_fen if case.shipped else 0
    others_bp, ground = _borne_by_others(case)
    return Freight(cost_fen, others_bp, ground)


def _borne_by_others(case: Case) -> tuple[int, str]:
    assert case.ruling is not None, "goods on their way back without a ruling"
    granted = [o for o in case.ruling.owed if o.code == "FREIGHT_RETURN"]
    if any(o.amount_fen for o in granted):
        return 0, "IN_SUM"
    if granted:
        return WHOLE, "GRANTED"
    if case.ruling.liability:
        return WHOLE - case.ruling.liability.get("BUYER", 0), "LIABILITY"
    if case.claim.reason_code.startswith("N"):
        return 0, "NO_REASON"
    return WHOLE, "FAULT"


def freight_order(case: Case) -> tuple[ExecutionOrdered, ...]:
    """The order of the others' part; nothing where nothing was stated or the buyer bears it."""
    owed_fen = freight_of(case).owed_fen
    if not owed_fen:
        return ()
    return (order(case, "f1", owed_fen, rail="FREIGHT"),)
