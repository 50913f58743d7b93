"""A case's page, by who looks at it, and its files."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import EVERY_ROLE, Role, allow, current_actor
from portal.cases.buyer import buyer_page
from portal.cases.gallery import may_have_original
from portal.cases.queries import case_story, seen_case
from portal.claims.forms import OfferForm, ReturnForm
from portal.database import db
from portal.errors import NotAllowed, NotFound
from portal.errors import sentence as _
from portal.filestream import answer_file
from portal.forms import WishForm, drawn
from portal.house import house
from portal.idempotency import new_command_id
from portal.refunds.turns import blocked_of

bp = APIBlueprint("cases", __name__, enable_openapi=False)

# One address for everybody: who may see the case lands on the page made for their side.
PAGES = {"MERCHANT": "responses.case", "REVIEWER": "panels.case", "OFFICE": "audit.case"}


@bp.get("/cases/<case_no>")
@allow(Role.BUYER, Role.MERCHANT, Role.REVIEWER, Role.ASSOCIATION, Role.OPERATOR)
def page(case_no: str) -> ResponseReturnValue:
    story = case_story(db.session, current_actor(), case_no)
    if story.seen.side in PAGES:
        return redirect(url_for(PAGES[story.seen.side], case_no=case_no), 303)
    return render_buyer(case_no)


def render_buyer(case_no: str, sent: WishForm | None = None) -> str:
    """The buyer's page, with the form that came back with a fault."""
    story = case_story(db.session, current_actor(), case_no)
    blocked = blocked_of(db.session, story.seen.case)
    shown = buyer_page(story, house().clock.now(), blocked)
    vkey = house().log.verifier.vkey
    return render_template(
        "cases/buyer.html",
        page=shown,
        form=sent,
        offer=drawn(OfferForm, sent),
        parcel=drawn(ReturnForm, sent),
        arriving=new_command_id(),
        vkey=vkey,
    )


@bp.get("/cases/<case_no>/exhibits/<number>")
@allow(*EVERY_ROLE)
def exhibit(case_no: str, number: str) -> Response:
    """The file as it was received."""
    seen = seen_case(db.session, current_actor(), case_no)
    found = seen.exhibit(number)
    if not may_have_original(seen, found):
        raise NotAllowed(_("原件可能带有拍摄地点等信息，只给提交方和监督机构；请看页面上的画面。"))
    return answer_file(house().files, found.file, f"{case_no}-{number}-{found.name}")


@bp.get("/cases/<case_no>/exhibits/<number>/picture")
@allow(*EVERY_ROLE)
def picture(case_no: str, number: str) -> Response:
    """What the file shows, drawn anew by us and without its metadata."""
    found = seen_case(db.session, current_actor(), case_no).exhibit(number)
    if found.picture is None:
        raise NotFound(_("这件凭证没有画面"))
    return answer_file(house().files, found.picture, f"{case_no}-{number}.webp")


@bp.get("/cases/<case_no>/replay")
@allow(*EVERY_ROLE)
def replay(case_no: str) -> Response:
    """The livestream that the claim is about."""
    claim = seen_case(db.session, current_actor(), case_no).case.claim
    if claim.replay is None:
        raise NotFound(_("平台没有提供这场直播的回放"))
    return answer_file(house().files, claim.replay, f"{case_no}-replay.mp4")
