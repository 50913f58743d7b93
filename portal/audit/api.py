"""For programs of an association, and for anybody who checks: cases, proofs, packs, the log."""

from __future__ import annotations

from datetime import datetime

from apiflask import APIBlueprint
from flask import Response

from ledger import NotStored
from portal.access import EVERY_ROLE, Role, allow, current_actor, public
from portal.audit import desk
from portal.audit.answers import send_absence, send_pack
from portal.audit.proof import Proof
from portal.audit.queries import FoundPage, Search, search
from portal.bodies import Answered, Asked
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house

bp = APIBlueprint("audit_api", __name__, url_prefix="/api/v1", tag="Audit")

TEXT = "text/plain; charset=utf-8"


class SearchQuery(Asked):
    """`q`: a case number, or the exact name or reference of shop, merchant, session or host."""

    q: str = ""
    state: str = ""
    outcome: str = ""
    shop_id: str = ""
    reason: str = ""
    after: str = ""

    def as_wish(self) -> Search:
        return Search(**self.model_dump(exclude={"after"}))


class FoundOut(Answered):
    case_no: str
    state: str
    outcome: str
    platform: str
    shop_id: str
    shop: str
    merchant_id: str
    session_id: str | None
    title: str
    reason_code: str
    claimed_fen: int
    refund_fen: int
    filed_at: datetime
    due_at: datetime | None


class FoundPageOut(Answered):
    """`next` goes into `after` for the next page; null on the last."""

    cases: list[FoundOut]
    next: str | None


class ProvenOut(Answered):
    index: int
    raw: str
    proof: list[str]
    disclosures: list[str]


class ProvenMapOut(Answered):
    index: int
    raw: str
    proof: list[str]
    stream: str


class ProofOut(Answered):
    """`map` proves that these are all records; null while `pending`: witnesses are awaited."""

    vkey: str
    witnesses: list[str]
    checkpoint: str
    stream: str
    entries: list[ProvenOut]
    map: ProvenMapOut | None
    pending: bool


@bp.get("/cases")
@allow(Role.ASSOCIATION, Role.OPERATOR)
@bp.input(SearchQuery, location="query", arg_name="query")
@bp.output(FoundPageOut)
def find_cases(query: SearchQuery) -> FoundPage:
    """Cases, newest first; nothing in the list tells who the buyer is."""
    return search(db.session, current_actor(), query.as_wish(), query.after)


@bp.get("/cases/<case_no>/proof")
@allow(*EVERY_ROLE)
@bp.output(ProofOut)
def prove_case(case_no: str) -> Proof:
    """Every record of a case with its proof, and the fields that this reader may have."""
    return desk.prove_case(db.session, house(), current_actor(), case_no)


@bp.get("/cases/<case_no>/bundle")
@allow(Role.ASSOCIATION, Role.OPERATOR, Role.BUYER, Role.MERCHANT)
@bp.doc(responses={200: {"content": {"application/zip": {}}}})
def pack_case(case_no: str) -> Response:
    """The same as a zip for `python -m ledger verify`; both parties, association, operator."""
    return send_pack(case_no)


@bp.get("/log/checkpoint")
@public
@bp.doc(responses={200: {"content": {"text/plain": {}}}})
def checkpoint() -> Response:
    """The newest published checkpoint: origin, number of entries, root, all signatures."""
    log = house().log
    return Response((log.latest() or log.publish()).text, content_type=TEXT)


@bp.get("/log/vkey")
@public
@bp.doc(responses={200: {"content": {"text/plain": {}}}})
def vkey() -> Response:
    """The Ed25519 key that signs checkpoints, as a C2SP verifier key."""
    return Response(f"{house().log.verifier.vkey}\n", content_type=TEXT)


@bp.get("/log/witnesses")
@public
@bp.doc(responses={200: {"content": {"text/plain": {}}}})
def witnesses() -> Response:
    """The witnesses that are asked for cosignatures, as a C2SP policy; empty if there are none."""
    asked = house().log.witnesses
    return Response(asked.policy.text if asked else b"", content_type=TEXT)


@bp.get("/cases/<case_no>/absence")
@allow(Role.ASSOCIATION, Role.OPERATOR)
@bp.doc(responses={200: {"content": {"application/zip": {}}}})
def pack_absence(case_no: str) -> Response:
    """A bundle of a number without a case: the proof that the log has no record of it."""
    return send_absence(case_no)


@bp.get("/receipts/<int:index>")
@public
@bp.doc(responses={200: {"content": {"text/plain": {}}}})
def receipt(index: int) -> Response:
    """The proof (C2SP tlog-proof) that entry `index` is in the log."""
    try:
        answer = Response(house().log.receipt(index), content_type=TEXT)
        answer.headers["Content-Disposition"] = f"inline; filename=mingan-{index}.tlog-proof"
        return answer
    except NotStored:
        raise NotFound(_("没有这一条记录")) from None
