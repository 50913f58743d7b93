"""The operator's money pages, put together; forms that were sent come back with what was typed."""

from __future__ import annotations

from flask import render_template
from flask_babel import gettext

from portal.access import current_actor
from portal.controls import words
from portal.controls.commands import SetControl
from portal.controls.desk import person
from portal.controls.dossier import dossier
from portal.controls.forms import ApprovalForm, CardForm, ControlForm, OverrideForm, SwitchForm
from portal.controls.listing import changes, holders, pending, standing, switches
from portal.controls.queries import control, missing_approvals
from portal.controls.telling import told
from portal.database import db
from portal.errors import sentence as _
from portal.forms import WishForm, drawn
from portal.house import house

LABELS = {
    "overrides": words.OVERRIDES,
    "kinds": words.KINDS,
    "outcomes": words.OUTCOMES,
}


def approvals_page() -> str:
    found = pending(db.session, person(current_actor()))
    now = house().clock.now()
    return render_template("controls/approvals.html", pending=found, now=now, labels=LABELS)


def movement_page(refund_no: str, sent: WishForm | None = None) -> str:
    """The page, with the form that came back with a fault. Raises NotFound."""
    now = house().clock.now()
    found = dossier(db.session, refund_no, now)
    missing = 0
    if found.possible:
        missing = missing_approvals(db.session, found.movement)
    by_form = tuple(code for code in found.possible if code != "ABNORMAL_CARD")
    return render_template(
        "controls/movement.html",
        dossier=found,
        missing=missing,
        mine=person(current_actor()) in found.movement.approvals,
        approval=drawn(ApprovalForm, sent),
        override=drawn(OverrideForm, sent).offer(by_form),
        card=drawn(CardForm, sent),
        explained={code: gettext(text) for code, text in words.EXPLANATIONS.items()},
        now=now,
        labels=LABELS,
    )


def controls_page(sent: WishForm | None = None) -> str:
    session, now = db.session, house().clock.now()
    return render_template(
        "controls/controls.html",
        form=drawn(ControlForm, sent),
        switch=drawn(SwitchForm, sent),
        standing=standing(session),
        switches=switches(session, house().providers, now),
        changes=changes(session),
        holders=holders(session),
        told=told,
        now=now,
        labels=LABELS,
    )


def said_of(asked: SetControl) -> str:
    """What became of a wish for a limit: it holds, or it waits for somebody else."""
    with house().sessions() as session:
        holds = control(session, asked.name, asked.subject.strip()) == asked.value
    if holds:
        return _("已记录，新的限额现在生效。")
    return _("已记录。放宽的限额要另一位管理员填同样的数值才生效。")
