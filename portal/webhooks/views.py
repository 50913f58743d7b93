"""The operator's pages of a platform's webhooks."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.database import db
from portal.forms import done, faults_in
from portal.house import house
from portal.webhooks import desk
from portal.webhooks.forms import SubscriptionForm

bp = APIBlueprint("webhooks", __name__, enable_openapi=False)


@bp.get("/ops/webhooks")
@allow(Role.OPERATOR)
def home() -> str:
    return _home(SubscriptionForm(formdata=None))


@bp.post("/ops/webhooks")
@allow(Role.OPERATOR)
def add() -> ResponseReturnValue:
    form = SubscriptionForm()
    if not form.validate():
        return _home(form), 422
    with faults_in(form, lambda: _home(form)):
        opened = desk.subscribe(house(), db.session, current_actor(), form.as_wish())
    db.session.commit()
    return render_template("webhooks/secret.html", opened=opened)


def _home(form: SubscriptionForm) -> str:
    found = desk.subscriptions(db.session, current_actor())
    return render_template("webhooks/home.html", form=form, subscriptions=found)


@bp.get("/ops/webhooks/<subscription_id>")
@allow(Role.OPERATOR)
def one(subscription_id: str) -> str:
    row = desk.own_subscription(db.session, current_actor(), subscription_id)
    before = request.args.get("before", default=0, type=int)
    found = desk.deliveries(db.session, row, before)
    more = found[-1].id if len(found) == desk.PAGE else None
    return render_template(
        "webhooks/one.html", row=row, deliveries=found, more=more, first_page=not before
    )


@bp.post("/ops/webhooks/<subscription_id>/secret")
@allow(Role.OPERATOR)
def rotate(subscription_id: str) -> str:
    opened = desk.rotate(house(), db.session, current_actor(), subscription_id)
    db.session.commit()
    return render_template("webhooks/secret.html", opened=opened)


@bp.post("/ops/webhooks/<subscription_id>/enabled")
@allow(Role.OPERATOR)
def set_enabled(subscription_id: str) -> ResponseReturnValue:
    wanted = request.form.get("enabled") == "1"
    desk.set_enabled(house(), db.session, current_actor(), subscription_id, wanted)
    db.session.commit()
    said = gettext("已启用，没送到的马上再送。") if wanted else gettext("已停用。")
    return done(said, ".one", subscription_id=subscription_id)


@bp.post("/ops/webhooks/<subscription_id>/deliveries/<message_id>/replay")
@allow(Role.OPERATOR)
def replay(subscription_id: str, message_id: str) -> ResponseReturnValue:
    desk.replay(house(), db.session, current_actor(), subscription_id, message_id)
    db.session.commit()
    return done(gettext("正在重新推送，编号不变。"), ".one", subscription_id=subscription_id)
