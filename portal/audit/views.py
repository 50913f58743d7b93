"""Finding cases, reading their records, and checking them."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.access import EVERY_ROLE, Role, allow, current_actor, public
from portal.audit import desk, labels
from portal.audit.answers import send_absence, send_pack, send_pool
from portal.audit.forms import SearchForm, VerifyForm
from portal.audit.lookup import look_up
from portal.audit.pack import exhibits
from portal.audit.queries import Found, find_case, search
from portal.audit.records import records
from portal.audit.vouching import vouched, witness_keys
from portal.cases.numbers import is_case_no
from portal.database import db
from portal.errors import NotFound
from portal.house import house

bp = APIBlueprint("audit", __name__, enable_openapi=False)


@bp.get("/a", endpoint="search")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def find() -> tuple[str, int]:
    form = SearchForm(request.args)
    wish = form.read_wish()
    after = request.args.get("after", "")
    page = search(db.session, current_actor(), wish, after) if wish else None
    kept = {name: value for name, value in request.args.items() if value and name != "after"}
    by_number = kept.keys() == {"q"} and is_case_no(kept["q"].strip())
    answer = render_template(
        "audit/search.html",
        form=form,
        page=page,
        kept=kept,
        after=after,
        unknown=kept["q"].strip() if by_number and page and not page.count else "",
    )
    return answer, 200 if wish else 422


@bp.get("/a/none/<case_no>")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def absence(case_no: str) -> ResponseReturnValue:
    if _own(case_no) is not None:
        return redirect(url_for(".case", case_no=case_no))
    found = desk.prove_absence(house(), case_no)
    return render_template("audit/absence.html", case_no=case_no, found=found)


@bp.get("/a/none/<case_no>/bundle")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def absence_bundle(case_no: str) -> Response:
    return send_absence(case_no)


@bp.get("/a/case/<case_no>")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def case(case_no: str) -> str:
    dossier = desk.open_dossier(db.session, house(), current_actor(), case_no)
    return render_template(
        "audit/case.html",
        row=find_case(db.session, current_actor(), case_no),
        records=records(dossier),
        exhibits=exhibits(dossier.history),
        labels=labels,
        vkey=house().log.verifier.vkey,
        vouched=vouched(house().log),
        witness_keys=witness_keys(house().log),
    )


@bp.get("/a/case/<case_no>/proof.json")
@allow(*EVERY_ROLE)
def proof(case_no: str) -> Response:
    found = desk.prove_case(db.session, house(), current_actor(), case_no)
    return jsonify(found.as_json())


@bp.get("/a/case/<case_no>/bundle")
@allow(Role.ASSOCIATION, Role.OPERATOR, Role.BUYER, Role.MERCHANT)
def bundle(case_no: str) -> Response:
    return send_pack(case_no)


@bp.get("/a/pool/bundle")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def pool_bundle() -> Response:
    return send_pool()


@bp.get("/verify")
@public
def verify() -> tuple[str, int]:
    form, log = VerifyForm(request.args), house().log
    good = form.validate()
    case_no = (form.case_no.data or "").strip() if good else ""
    index = (form.index.data or "").strip() if good else ""
    answer = render_template(
        "audit/verify.html",
        form=form,
        case_no=case_no,
        found=_own(case_no) if case_no else None,
        index=index,
        kept=look_up(log, int(index), (form.digest.data or "").strip()) if index else None,
        vouched=vouched(log),
        vkey=log.verifier.vkey,
        witness_keys=witness_keys(log),
    )
    return answer, 200 if good else 422


def _own(case_no: str) -> Found | None:
    """The case, when the reader may see it; the page says the same of both other cases."""
    try:
        return find_case(db.session, current_actor(), case_no)
    except NotFound:
        return None
