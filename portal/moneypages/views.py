"""A case's money on one printable page; a shop's movements as a list, one by one, and as CSV."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, render_template, request

from portal.access import Role, allow, current_actor
from portal.cases.queries import SeenCase, seen_case
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.house import house
from portal.idempotency import new_command_id
from portal.moneypages import queries, shown
from portal.moneypages.export import csv_lines
from portal.moneypages.steps import steps_of
from portal.refunds.turns import blocked_of
from portal.rulings.rail import Rail, rails_of
from portal.spreadsheet import answer_csv

bp = APIBlueprint("moneypages", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/money")
@allow(Role.BUYER, Role.MERCHANT, Role.ASSOCIATION, Role.OPERATOR)
def case(case_no: str) -> str:
    seen = seen_case(db.session, current_actor(), case_no)
    if seen.side == "REVIEWER" or not seen.case.movements:
        raise NotFound(_("本案没有款项"))
    return render_template(
        "moneypages/case.html",
        case=seen.case,
        side=seen.side,
        rails=_rails(seen),
        steps={each.refund_no: steps_of(each) for each in seen.case.movements},
        arriving=new_command_id(),
    )


@bp.get("/shop/refunds")
@allow(Role.MERCHANT)
def refunds() -> str:
    tab, after = queries.tab_of(request.args.get("tab")), request.args.get("after")
    found = queries.listed(db.session, queries.of_tab(current_actor(), tab), after)
    return render_template(
        "moneypages/refunds.html",
        found=found,
        tab=tab,
        all_tabs=queries.TABS,
        shown=shown,
        first_page=not after,
    )


@bp.get("/shop/refunds.csv")
@allow(Role.MERCHANT)
def refunds_csv() -> Response:
    tab = queries.tab_of(request.args.get("tab"))
    rows = queries.every(db.session, queries.of_tab(current_actor(), tab))
    return answer_csv(csv_lines(rows), f"refunds-{tab.key}.csv")


@bp.get("/shop/refunds/<refund_no>")
@allow(Role.MERCHANT)
def refund(refund_no: str) -> str:
    actor = current_actor()
    row = queries.visible_movement(db.session, actor, refund_no)
    if not actor.sells_at(row.platform, row.shop_id):
        raise NotFound(_("没有这笔款，或者它不是你的"))
    seen = seen_case(db.session, actor, row.case_no)
    rail = next(each for each in _rails(seen) if each.refund_no == refund_no)
    movement = seen.case.movement(refund_no)
    assert movement is not None, "its row is there"
    return render_template(
        "moneypages/refund.html", case=seen.case, rail_shown=rail, steps=steps_of(movement)
    )


def _rails(seen: SeenCase) -> tuple[Rail, ...]:
    blocked = blocked_of(db.session, seen.case)
    return rails_of(seen.case, house().clock.now(), blocked)
