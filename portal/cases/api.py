"""GET /api/v1/cases/{no}: one case as its parties, its panel and the offices may see it."""

from __future__ import annotations

from apiflask import APIBlueprint
from pydantic import BaseModel

from portal.access import EVERY_ROLE, allow, current_actor
from portal.bodies import Answered
from portal.cases.queries import SeenCase, seen_case
from portal.cases.state import Case
from portal.database import db
from portal.rulings.outcome import standing_in

bp = APIBlueprint("cases_api", __name__, url_prefix="/api/v1", tag="cases")


class ClaimedOut(Answered):
    remedy: str
    refund_fen: int
    compensation_code: str | None
    compensation_fen: int


class ExhibitOut(Answered):
    number: str
    side: str
    kind: str
    name: str
    sha256: str
    upload_id: str


class ContestOut(Answered):
    number: str
    point: str
    text: str


class ResponseOut(Answered):
    answer: str
    text: str
    reason_code: str
    contested: list[ContestOut]


class RemedyOut(Answered):
    code: str
    amount_fen: int | None


class PanelOut(Answered):
    seats: int
    voted: int
    track: str


class OwedOut(Answered):
    """`standing`: OWED, PAID, AWAITING an officer's confirmation, or DENIED by it."""

    code: str
    amount_fen: int | None
    standing: str


class RulingOut(Answered):
    """`appeal` says of an appeal's ruling what it did to the one before: UPHOLDS, CHANGES, VOIDS.
    `liability` is basis points by party."""

    outcome: str
    basis: str
    round: int
    appeal: str
    liability: dict[str, int]
    remedy: str
    refund_fen: int
    return_goods: bool
    owed: list[OwedOut]
    counts: dict[str, int]
    clause: str


class AppealOut(BaseModel):
    """`answer` is null until the other side has spoken."""

    side: str
    ground: str
    text: str
    answer: str | None


class RefundOut(Answered):
    refund_no: str
    state: str
    amount_fen: int
    provider_ref: str
    provider_at: str


class CaseOut(BaseModel):
    """Parts that have not happened, or that this reader may not see, are null.

    `turn`: the party that may act now, BUYER, MERCHANT, BOTH or empty.
    """

    case_no: str
    state: str
    title: str
    reason_code: str
    filed_at: str
    clock: str | None
    due_at: str | None
    claimed: ClaimedOut
    exhibits: list[ExhibitOut]
    response: ResponseOut | None
    offer: RemedyOut | None
    panel: PanelOut | None
    ruling: RulingOut | None
    turn: str
    appeal_until: str | None
    accepted: list[str]
    appeal: AppealOut | None
    refund: RefundOut | None
    closed: str | None


@bp.get("/cases/<case_no>")
@allow(*EVERY_ROLE)
@bp.output(CaseOut)
def show(case_no: str) -> CaseOut:
    """One case. A reviewer sees only cases with an own seat, and nothing of the negotiation."""
    return case_out(seen_case(db.session, current_actor(), case_no))


def case_out(seen: SeenCase) -> CaseOut:
    case = seen.case
    return CaseOut(
        case_no=case.claim.case_no,
        state=case.state,
        title=seen.title,
        reason_code=case.claim.reason_code,
        filed_at=case.filed_at,
        clock=case.clock.clock if case.clock else None,
        due_at=case.clock.due_at if case.clock else None,
        claimed=ClaimedOut.model_validate(case.claimed),
        exhibits=_exhibits(case),
        response=_response(seen),
        offer=RemedyOut.model_validate(seen.offer.remedy) if seen.offer else None,
        panel=_panel(case),
        ruling=_ruling(case),
        turn=case.turn,
        appeal_until=case.appeal_until or None,
        accepted=sorted(case.accepted),
        appeal=_appeal(case),
        refund=RefundOut.model_validate(case.refund) if case.refund else None,
        closed=case.closed.reason if case.closed else None,
    )


def _exhibits(case: Case) -> list[ExhibitOut]:
    return [
        ExhibitOut(
            number=exhibit.number,
            side=exhibit.side,
            kind=exhibit.kind,
            name=exhibit.name,
            sha256=exhibit.file.sha256,
            upload_id=exhibit.upload_id,
        )
        for exhibit in case.exhibits
    ]


def _response(seen: SeenCase) -> ResponseOut | None:
    response = seen.case.response
    if response is None:
        return None
    return ResponseOut(
        answer=seen.answer,
        text=response.text,
        reason_code=response.reason_code,
        contested=[ContestOut.model_validate(each) for each in response.contested],
    )


def _panel(case: Case) -> PanelOut | None:
    if case.drawn is None:
        return None
    return PanelOut(seats=len(case.drawn.seats), voted=len(case.ballots), track=case.track)


def _ruling(case: Case) -> RulingOut | None:
    ruling = case.ruling
    if ruling is None:
        return None
    owed = [
        OwedOut(code=o.code, amount_fen=o.amount_fen, standing=standing_in(case, o))
        for o in ruling.owed
    ]
    return RulingOut(
        outcome=ruling.outcome,
        basis=ruling.basis,
        round=ruling.round,
        appeal=ruling.appeal,
        liability=dict(ruling.liability),
        remedy=ruling.remedy,
        refund_fen=ruling.refund_fen,
        return_goods=ruling.return_goods,
        owed=owed,
        counts=dict(ruling.counts),
        clause=ruling.clause,
    )


def _appeal(case: Case) -> AppealOut | None:
    if case.appeal is None:
        return None
    filed, answer = case.appeal.filed, case.appeal.answer
    return AppealOut(
        side=filed.side,
        ground=filed.ground,
        text=filed.text,
        answer=answer.text if answer else None,
    )
