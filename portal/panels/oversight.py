"""Pages on running panels for the operator, and on proposed voids for the association."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.forms import WishForm, done, drawn, faults_in
from portal.house import house
from portal.panels import overseeing
from portal.panels.commands import ConsentToVoid
from portal.panels.seat_forms import ProposeForm, RemoveForm, VoidForm

bp = APIBlueprint("oversight", __name__, enable_openapi=False)

Forms = RemoveForm | VoidForm | ProposeForm
# What the rules call otherwise than these forms do.
NAMES: dict[type[Forms], dict[str, str]] = {
    RemoveForm: {},
    VoidForm: {"text": "explanation", "reviewer_id": "about"},
    ProposeForm: {"text": "lost"},
}


@bp.get("/ops/panels")
@allow(Role.OPERATOR)
def panels() -> str:
    counts = overseeing.standing_counts(db.session)
    wanted = request.args.get("state", "")
    busiest = next((state for state, count in counts.items() if count), overseeing.RUNNING[0])
    state = wanted if wanted in overseeing.RUNNING else busiest
    after = request.args.get("after", "")
    return render_template(
        "panels/oversight.html",
        counts=counts,
        state=state,
        after=after,
        page=overseeing.running(db.session, state, after),
        voided=overseeing.voided(db.session),
        now=house().clock.now(),
    )


@bp.get("/ops/panels/<case_no>")
@allow(Role.OPERATOR)
def panel(case_no: str) -> str:
    return _panel_page(case_no)


@bp.post("/ops/panels/<case_no>/remove")
@allow(Role.OPERATOR)
def remove(case_no: str) -> ResponseReturnValue:
    return _overseen(case_no, RemoveForm(), gettext("已移出本案的评审席。"))


@bp.post("/ops/panels/<case_no>/void")
@allow(Role.OPERATOR)
def void(case_no: str) -> ResponseReturnValue:
    seen = overseeing.panel_seen(db.session, current_actor(), case_no)
    alone = gettext("这一轮评审已作废，正在重新抽选。")
    said = gettext("已提议作废，等消费者协会同意。") if seen.needs_consent else alone
    return _overseen(case_no, VoidForm(), said)


@bp.post("/ops/panels/<case_no>/propose")
@allow(Role.OPERATOR)
def propose(case_no: str) -> ResponseReturnValue:
    return _overseen(case_no, ProposeForm(), gettext("已提议作废，等消费者协会同意。"))


def _overseen(case_no: str, form: Forms, said: str) -> ResponseReturnValue:
    actor = current_actor()
    with faults_in(form, lambda: _panel_page(case_no, form), NAMES[type(form)]):
        overseeing.oversee(house(), actor, form.as_wish(case_no), form.key_of(actor))
    return done(said, ".panel", case_no=case_no)


@bp.get("/a/voids")
@allow(Role.ASSOCIATION, Role.OPERATOR)
def voids() -> str:
    return _voids_page(WishForm())


@bp.post("/a/voids/<case_no>")
@allow(Role.ASSOCIATION)
def consent(case_no: str) -> ResponseReturnValue:
    form, actor = WishForm(), current_actor()
    with faults_in(form, lambda: _voids_page(form)):
        overseeing.oversee(house(), actor, ConsentToVoid(case_no), form.key_of(actor))
    return done(gettext("已同意作废 %(no)s 的这一轮评审，正在重新抽选。", no=case_no), ".voids")


def _voids_page(form: WishForm) -> str:
    return render_template(
        "panels/voids.html",
        form=form,
        proposed=overseeing.proposed(db.session),
        voided=overseeing.voided(db.session),
        may_consent=current_actor().has(Role.ASSOCIATION),
    )


def _panel_page(case_no: str, faulty: Forms | None = None) -> str:
    """The panel with its forms; one that was filled in wrongly comes back as it was."""
    seen = overseeing.panel_seen(db.session, current_actor(), case_no)
    sitting = [seat.reviewer_id for seat in seen.seats if seat.reviewer_id]
    forms = {kind: drawn(kind, faulty) for kind in NAMES}
    for form in forms.values():
        form.offer(sitting)
    return render_template(
        "panels/panel.html",
        seen=seen,
        missing=overseeing.missing_for(db.session, case_no) if seen.case.todo == "SEAT" else None,
        removing=forms[RemoveForm],
        voiding=forms[VoidForm],
        proposing=forms[ProposeForm],
        faulty=faulty,
        now=house().clock.now(),
    )
