"""What a claim must hold, and what follows from a buyer's decisions."""

from __future__ import annotations

from datetime import datetime

from portal.amounts import plain_yuan
from portal.cases.state import Case
from portal.claims.commands import DecideOffer, FileClaim, ShipReturn
from portal.claims.pricing import refundable_fen
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import (
    CaseFiled,
    Event,
    OfferDeclined,
    Remedy,
    ReturnShipped,
)
from portal.evidence.rules import check_numbers
from portal.parcels import check_parcel
from portal.returns.freight import check_freight
from portal.rulings.orders import settle
from portal.timers import start_clock
from portal.words import PENALTIES, REASONS, REFUNDS, REMEDIES

TEXT_LIMIT = 5_000
EXHIBITS_LIMIT = 100


def file_claim(case: Case, command: FileClaim, now: datetime) -> tuple[Event, ...]:
    """CASE_FILED, one EVIDENCE_SEALED per exhibit, the merchant's clock."""
    if case.filed:
        raise Refused(_("这个编号已经用过，请重新提交"))
    check_claim(command.claim)
    if sum(exhibit.side == "BUYER" for exhibit in command.exhibits) > EXHIBITS_LIMIT:
        raise BadInput("exhibits", _("一次最多 %(most)s 个文件"), most=EXHIBITS_LIMIT)
    clock = start_clock("MERCHANT_RESPOND", now, command.claim.rules_version)
    return (command.claim, *command.exhibits, clock)


def check_claim(claim: CaseFiled) -> None:
    """Raise BadInput, naming the field, for anything the rules do not accept."""
    if claim.reason_code not in REASONS:
        raise BadInput("reason_code", _("请选一个问题"))
    if any(code not in REASONS for code in claim.secondary_codes):
        raise BadInput("secondary_codes", _("有一个问题不在列表里"))
    if not claim.text.strip():
        raise BadInput("text", _("请写一句主播怎么说、你收到的是什么样"))
    if len(claim.text) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)
    _check_remedies(claim)


def _check_remedies(claim: CaseFiled) -> None:
    if not claim.remedies:
        raise BadInput("remedies", _("请选希望怎么解决"))
    if sum(r.code in REFUNDS for r in claim.remedies) > 1:
        raise BadInput("remedies", _("退款方式只能选一种"))
    for remedy in claim.remedies:
        _check_remedy(remedy, claim)


def _check_remedy(remedy: Remedy, claim: CaseFiled) -> None:
    if remedy.code not in REMEDIES:
        raise BadInput("remedies", _("有一个诉求不在列表里"))
    if remedy.code in REFUNDS:
        _check_refund(remedy.amount_fen, refundable_fen(claim))
    if remedy.code in PENALTIES and not (remedy.amount_fen and remedy.amount_fen > 0):
        raise BadInput("remedies", _("请写赔付金额"))


def _check_refund(amount_fen: int | None, refundable: int) -> None:
    if not amount_fen or amount_fen <= 0:
        raise BadInput("amount_fen", _("请写退款金额，要大于 0"))
    if amount_fen > refundable:
        yuan = plain_yuan(refundable)
        raise BadInput("amount_fen", _("退款金额不能高于还可以退的 ¥%(yuan)s"), yuan=yuan)


def decide_offer(case: Case, command: DecideOffer, now: datetime) -> tuple[Event, ...]:
    """Acceptance settles the case; declining sends it to a panel with the claim unchanged."""
    if case.state != "NEGOTIATION" or case.offer is None:
        raise Refused(_("现在没有等你决定的方案"))
    if command.accept:
        return settle(case, (case.offer.remedy,), now)
    return (OfferDeclined(text=command.text[:TEXT_LIMIT]),)


def ship_return(case: Case, command: ShipReturn, now: datetime) -> tuple[Event, ...]:
    """The parcel is on its way; from now the merchant's inspection clock runs."""
    if case.state != "AWAITING_RETURN":
        raise Refused(_("现在不需要寄回商品，或者单号已经填过"))
    check_parcel(command.carrier, command.waybill)
    receipt = command.receipt.number if command.receipt else command.known
    check_freight(command.freight_fen, has_receipt=bool(receipt))
    shipped = ReturnShipped(
        carrier=command.carrier.strip(),
        waybill=command.waybill.strip(),
        freight_fen=command.freight_fen,
        receipt=receipt,
    )
    clock = start_clock("RETURN_INSPECT", now, case.claim.rules_version)
    return (*_sealed(case, command), shipped, clock)


def _sealed(case: Case, command: ShipReturn) -> tuple[Event, ...]:
    if command.receipt is None:
        return ()
    check_numbers(case, (command.receipt,))
    return (command.receipt,)
