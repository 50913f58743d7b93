"""The reviewer's pages: own seats, a case under review, the slip."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.errors import BadInput, NotFound, Refused, Unconfirmed
from portal.errors import sentence as _
from portal.forms import show_fault
from portal.house import house
from portal.panels import desk
from portal.panels.forms import NAMES, BallotForm, ballot_form
from portal.panels.invitations import load_of
from portal.panels.pages import review_page
from portal.panels.queries import my_seats, sealed_vote

bp = APIBlueprint("panels", __name__, enable_openapi=False)


@bp.get("/r")
@allow(Role.REVIEWER)
def mine() -> str:
    actor = current_actor()
    return render_template(
        "panels/mine.html",
        seats=my_seats(db.session, actor),
        load=load_of(db.session, actor),
        now=house().clock.now(),
    )


@bp.get("/r/<case_no>")
@allow(Role.REVIEWER)
def case(case_no: str) -> ResponseReturnValue:
    held = desk.held_seat(house(), current_actor(), case_no)
    return review_page(held, ballot_form(held.case, held.seat))


@bp.post("/r/<case_no>")
@allow(Role.REVIEWER)
def cast(case_no: str) -> ResponseReturnValue:
    actor = current_actor()
    form = BallotForm()
    try:
        form.check_read()
        desk.cast(house(), actor, case_no, form.as_vote(), form.key_of(actor))
    except (BadInput, Refused, Unconfirmed) as fault:
        held = desk.held_seat(house(), actor, case_no)
        again = ballot_form(held.case, held.seat)
        show_fault(again, fault, NAMES)
        return make_response(review_page(held, again), fault.status)
    return redirect(url_for(".sealed", case_no=case_no), 303)


@bp.get("/r/<case_no>/sealed")
@allow(Role.REVIEWER)
def sealed(case_no: str) -> ResponseReturnValue:
    held = desk.held_seat(house(), current_actor(), case_no)
    vote = sealed_vote(db.session, case_no, held.seat.number)
    if vote is None:
        raise NotFound(_("你还没有投票"))
    return render_template(
        "panels/sealed.html", case=held.case, seat=held.seat, vote=vote, now=house().clock.now()
    )
