"""The opening for everybody: how the seats voted and what it adds up to, without anybody's words.

No role is asked for, so nothing is shown that tells who anybody is: choices, amounts, codes of
reasons, slips and keys' digests. Free texts stay with those who may see the case.
"""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import Response, jsonify, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.access import public
from portal.cases.numbers import is_case_no
from portal.database import db
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.history import load_case
from portal.panels.desk import REFUSALS
from portal.rulings.published import Published, published_rounds
from portal.rulings.reasoning import NO_MAJORITY
from portal.words import CHOICES, LIABLE, OUTCOMES, REMEDIES

SIDES_DECIDED = {"SUPPORT": _("支持买家"), "REJECT": _("支持商家")}
WHY = {"MAJORITY": _("多数意见"), **NO_MAJORITY}

bp = APIBlueprint("opening", __name__, enable_openapi=False)


@bp.get("/cases/<case_no>/opening")
@public
def page(case_no: str) -> ResponseReturnValue:
    return render_template(
        "rulings/opening.html",
        case_no=case_no,
        published=_published(case_no),
        refusals=REFUSALS,
        source=url_for(".source", case_no=case_no),
        labels=_labels(),
    )


@bp.get("/cases/<case_no>/opening.json")
@public
def source(case_no: str) -> Response:
    """What js/opening.js counts again."""
    return jsonify(_published(case_no).as_fields())


def _labels() -> dict[str, str]:
    """What the script calls the codes of a result, in the reader's language."""
    lists = (CHOICES, OUTCOMES, REMEDIES, LIABLE, SIDES_DECIDED, WHY)
    return {code: gettext(text) for labels in lists for code, text in labels.items()}


def _published(case_no: str) -> Published:
    """Raises NotFound before the first opening, as for a case that does not exist."""
    published = published_rounds(load_case(db.session, case_no)) if is_case_no(case_no) else None
    if published is None:
        raise NotFound(_("没有这次开封，或者票还没有打开"))
    return published
