"""A merchant answers once, in time, with reasons when refusing."""

from __future__ import annotations

from datetime import datetime

from portal.cases.state import Case
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Event, OfferSealed, Remedy, ResponseFiled, ReturnReceived
from portal.responses.commands import ConfirmReturn, FileResponse
from portal.rulings.orders import settle
from portal.timers import start_clock
from portal.times import moment
from portal.words import REFUNDS, REFUSALS, REMEDIES

TEXT_LIMIT = 5_000
EXHIBITS_LIMIT = 100


def file_response(case: Case, command: FileResponse, now: datetime) -> tuple[Event, ...]:
    """RESPONSE_FILED with its exhibits, then what the answer leads to."""
    _refuse_late(case, now)
    _check(case, command)
    response = ResponseFiled(
        answer=command.answer,
        text=command.text,
        reason_code=command.reason_code,
        contested=command.contested,
    )
    return (response, *command.exhibits, *_consequence(case, command, now))


def _refuse_late(case: Case, now: datetime) -> None:
    if case.response:
        raise Refused(_("本案已经答复过，不能再改"))
    if case.state != "AWAITING_RESPONDENT" or case.clock is None:
        raise Refused(_("本案已经不在等商家答复"))
    if now >= moment(case.clock.due_at):
        raise Refused(_("答复期限 %(due)s 已过"), due=case.clock.due_at)


def _check(case: Case, command: FileResponse) -> None:
    if command.answer not in ("AGREE", "OFFER", "DENY"):
        raise BadInput("answer", _("请选同意、提出方案或不同意"))
    if len(command.text) > TEXT_LIMIT:
        raise BadInput("text", _("最多 %(most)s 个字"), most=TEXT_LIMIT)
    if len(command.exhibits) > EXHIBITS_LIMIT:
        raise BadInput("exhibits", _("一次最多 %(most)s 个文件"), most=EXHIBITS_LIMIT)
    if command.answer == "DENY":
        _check_denial(command)
    if command.answer == "OFFER":
        _check_offer(case, command.offer)


def _check_denial(command: FileResponse) -> None:
    if command.reason_code not in REFUSALS:
        raise BadInput("reason_code", _("请选不同意的理由"))
    if not command.text.strip():
        raise BadInput("text", _("不同意需要写明理由"))


def _check_offer(case: Case, offer: Remedy | None) -> None:
    if offer is None or offer.code not in REMEDIES:
        raise BadInput("offer", _("请写明提出的方案"))
    if offer.code not in REFUNDS:
        return
    paid_fen = sum(line.paid_fen for line in case.claim.lines)
    if not offer.amount_fen or not 0 < offer.amount_fen <= paid_fen:
        yuan = f"{paid_fen // 100}.{paid_fen % 100:02d}"
        raise BadInput("amount_fen", _("和解金额要大于 0，不能高于实付 ¥%(yuan)s"), yuan=yuan)


def _consequence(case: Case, command: FileResponse, now: datetime) -> tuple[Event, ...]:
    if command.answer == "AGREE":
        return settle(case, case.claim.remedies, now)
    if command.answer == "OFFER" and command.offer:
        clock = start_clock("BUYER_DECIDE", now, case.claim.rules_version)
        return (OfferSealed(remedy=command.offer), clock)
    return ()


def confirm_return(case: Case, command: ConfirmReturn, now: datetime) -> tuple[Event, ...]:
    """The merchant has the parcel and finds it in order; the refund may go."""
    if case.state != "RETURNING":
        raise Refused(_("现在没有等你验收的退货"))
    return (ReturnReceived(confirmed_by="MERCHANT"),)
