"""The buyer says whether money is there."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import Role, allow, current_actor
from portal.arrivals.commands import ConfirmArrival, QuestionArrival
from portal.arrivals.desk import say
from portal.arrivals.forms import ArrivalForm
from portal.forms import done
from portal.house import house
from portal.idempotency import command_id

bp = APIBlueprint("arrivals", __name__, enable_openapi=False)


@bp.post("/cases/<case_no>/movements/<refund_no>/arrived")
@allow(Role.BUYER)
def arrived(case_no: str, refund_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ArrivalForm()
    wish = command_id(actor, f"arrived/{refund_no}/{form.command_id.data}")
    say(house(), actor, ConfirmArrival(case_no, refund_no), wish)
    return _done(case_no, gettext("已记录：你收到了这笔款。"))


@bp.post("/cases/<case_no>/movements/<refund_no>/missing")
@allow(Role.BUYER)
def missing(case_no: str, refund_no: str) -> ResponseReturnValue:
    actor, form = current_actor(), ArrivalForm()
    wish = command_id(actor, f"missing/{refund_no}/{form.command_id.data}")
    text = (form.text.data or "").strip()
    say(house(), actor, QuestionArrival(case_no, refund_no, text), wish)
    said = gettext("已记录：你没有收到这笔款。运营会向支付机构核实，结果在这一页。")
    return _done(case_no, said)


def _done(case_no: str, said: str) -> ResponseReturnValue:
    return done(said, "cases.page", case_no=case_no, _anchor="money")
