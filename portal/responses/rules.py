"""A merchant answers once, in time, with reasons when refusing."""

from __future__ import annotations

from datetime import datetime

from portal.amounts import plain_yuan
from portal.cases.state import Case
from portal.claims.pricing import refundable_fen
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.events import Contest, Event, OfferSealed, Remedy, ResponseFiled
from portal.responses.commands import ConfirmReturn, FileResponse
from portal.returns.rules import goods_back
from portal.rulings.orders import settle
from portal.timers import start_clock
from portal.times import moment
from portal.words import CONTESTS, PENALTIES, REFUNDS, REFUSALS, REMEDIES, STATUTORY

TEXT_LIMIT = 5_000
CONTEST_LIMIT = 500
NOT_OFFERED = ("DISMISS", *STATUTORY)  # a party cannot offer what only a decision can grant
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
    _check_exhibits(case, command)
    for contest in command.contested:
        _check_contest(case, contest)
    if command.answer == "DENY":
        _check_denial(command)
    if command.answer == "OFFER":
        _check_offer(case, command.offer)


def _check_denial(command: FileResponse) -> None:
    if command.reason_code not in REFUSALS:
        raise BadInput("reason_code", _("请选不同意的理由"))
    if not command.text.strip():
        raise BadInput("text", _("不同意需要写明理由"))


def _check_exhibits(case: Case, command: FileResponse) -> None:
    if len(command.exhibits) > EXHIBITS_LIMIT:
        raise BadInput("exhibits", _("一次最多 %(most)s 个文件"), most=EXHIBITS_LIMIT)
    taken = {x.number for x in case.exhibits}
    if any(x.number in taken for x in command.exhibits):
        raise Refused(_("凭证编号刚被用掉，请再提交一次"))


def _check_contest(case: Case, contest: Contest) -> None:
    if not any(x.number == contest.number and x.side != "MERCHANT" for x in case.exhibits):
        raise BadInput("contested", _("只能对买家或平台的凭证提出异议"))
    if contest.point not in CONTESTS:
        raise BadInput("contested", _("请选对凭证的哪一点有异议"))
    if len(contest.text) > CONTEST_LIMIT:
        raise BadInput("contested", _("每条异议最多 %(most)s 个字"), most=CONTEST_LIMIT)


def _check_offer(case: Case, offer: Remedy | None) -> None:
    if offer is None or offer.code not in REMEDIES or offer.code in NOT_OFFERED:
        raise BadInput("offer", _("请写明提出的方案"))
    if offer.code in REFUNDS:
        _check_refund(offer.amount_fen, refundable_fen(case.claim))
    elif offer.code in PENALTIES and not offer.amount_fen:
        raise BadInput("amount_fen", _("请写赔付金额"))
    elif offer.amount_fen is not None and offer.amount_fen <= 0:
        raise BadInput("amount_fen", _("金额要大于 0"))


def _check_refund(amount_fen: int | None, refundable: int) -> None:
    if not amount_fen or not 0 < amount_fen <= refundable:
        yuan = plain_yuan(refundable)
        raise BadInput("amount_fen", _("和解金额要大于 0，不能高于还可以退的 ¥%(yuan)s"), yuan=yuan)


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
    return goods_back(case, "MERCHANT")
