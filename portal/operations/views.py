"""The operator's pages, and the one that machines ask."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor, public
from portal.cases.access import visible_case
from portal.database import db
from portal.forms import done, faults_in
from portal.house import house
from portal.operations import desk, queries
from portal.operations.forms import AccountForm, TokenForm, TrackForm
from portal.operations.health import examine, vouching
from portal.panels.commands import AssignTrack

bp = APIBlueprint("operations", __name__, enable_openapi=False)


@bp.get("/health")
@public
def health() -> tuple[Response, int]:
    found = examine(house())
    answer = jsonify(
        ok=found.ok,
        store=found.store,
        database=found.database,
        entries=found.published,
        witnesses=[vouching(each) for each in found.outside.witnesses],
        timestamps=found.outside.stamp_error is None if found.outside.stamps else None,
    )
    return answer, 200 if found.ok else 503


@bp.get("/ops")
@allow(Role.OPERATOR)
def home() -> str:
    now, session = house().clock.now(), db.session
    return render_template(
        "operations/home.html",
        now=now,
        health=examine(house()),
        standing=queries.standing(session, now),
        failures=house().outbox.failures(queries.SHOWN),
        at_risk=queries.at_risk(session, now),
        messages=queries.newest_messages(session),
        looks=queries.newest_looks(session),
    )


def _issued_page(name: str, issued: desk.Issued) -> str:
    return render_template("operations/issued.html", name=name, issued=issued)


@bp.get("/ops/accounts")
@allow(Role.OPERATOR)
def accounts() -> str:
    return _accounts_page(AccountForm())


@bp.post("/ops/accounts")
@allow(Role.OPERATOR)
def add_account() -> ResponseReturnValue:
    form = AccountForm()
    if not form.validate():
        return _accounts_page(form), 422
    with faults_in(form, lambda: _accounts_page(form)):
        issued = desk.open_account(db.session, form.as_wish(), house().clock.now())
    db.session.commit()
    return _issued_page(form.name.data, issued)


def _accounts_page(form: AccountForm) -> str:
    after = request.args.get("after", default=0, type=int)
    found = queries.accounts(db.session, after)
    return render_template("operations/accounts.html", form=form, accounts=found, after=after)


@bp.get("/ops/accounts/<int:account_id>")
@allow(Role.OPERATOR)
def account(account_id: int) -> str:
    return _account_page(account_id, TokenForm())


@bp.post("/ops/accounts/<int:account_id>/tokens")
@allow(Role.OPERATOR)
def issue(account_id: int) -> ResponseReturnValue:
    form = TokenForm()
    if not form.validate():
        return _account_page(account_id, form), 422
    label, now = form.label.data, house().clock.now()
    with faults_in(form, lambda: _account_page(account_id, form)):
        issued = desk.issue_again(db.session, current_actor(), account_id, label, now)
    db.session.commit()
    return _issued_page(queries.account(db.session, account_id).name, issued)


@bp.post("/ops/accounts/<int:account_id>/tokens/revoke")
@allow(Role.OPERATOR)
def revoke(account_id: int) -> ResponseReturnValue:
    ended = desk.revoke(db.session, account_id, house().clock.now())
    db.session.commit()
    return done(gettext("已作废 %(n)s 个令牌。", n=ended), ".account", account_id=account_id)


def _account_page(account_id: int, form: TokenForm) -> str:
    found = queries.account(db.session, account_id)
    return render_template("operations/account.html", form=form, account=found)


@bp.get("/ops/track/<case_no>")
@allow(Role.OPERATOR)
def track(case_no: str) -> str:
    return _track_page(case_no, TrackForm())


@bp.post("/ops/track/<case_no>")
@allow(Role.OPERATOR)
def assign_track(case_no: str) -> ResponseReturnValue:
    form, actor = TrackForm(), current_actor()
    wish = AssignTrack(case_no, form.track.data or "", form.reason.data or "")
    visible_case(db.session, actor, case_no)
    with faults_in(form, lambda: _track_page(case_no, form)):
        desk.choose_track(house().recorder, actor, wish, form.key_of(actor))
    return done(gettext("评审类型已更改，并已记录。"), "audit.case", case_no=case_no)


def _track_page(case_no: str, form: TrackForm) -> str:
    case = visible_case(db.session, current_actor(), case_no)
    return render_template("operations/track.html", form=form, case=case, case_no=case_no)
