"""An obligation as pages read it: its course, and what happens when a deadline is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from portal.cases.appealing import Node
from portal.cases.state import Case
from portal.errors import sentence as _
from portal.events import ObligationState
from portal.formats import carrier, yuan
from portal.formats import moment as shown
from portal.obligations.falling import refund_for
from portal.obligations.state import OPEN, Obligation
from portal.words import IN_KIND, OBLIGATION_ENDS, OBLIGATION_STATES, SHORTFALLS, SIDES

LATER = {
    "SHIPPED": _("到时没有异议，视为已经收到。"),
    "DELIVERED": _("到时没有异议，视为已经收到。"),
    "DONE": _("到时没有异议，视为已履行。"),
    "DISPUTED": _("到时还没有决定，会提醒运营和消费者协会，并重新计时。"),
    "OVERDUE": _("到时还没有决定，会提醒运营和消费者协会，并重新计时。"),
}
SPEAKERS = {**SIDES, "OFFICER": _("专员")}
AWAITED = {
    "MERCHANT": _("等商家履行"),
    "PLATFORM": _("等平台履行"),
    "BUYER": _("等买家确认"),
    "OFFICER": _("等专员决定"),
}
BY = {"BUYER": _("买家确认"), "CLOCK": _("期满没有异议"), "OFFICER": _("专员认定")}


@dataclass(frozen=True)
class Card:
    """One obligation of a case in short: what, how it stands, until when, where to go."""

    number: str
    label: str
    standing: str
    tone: str
    due_at: str
    turn: str
    href: str


def cards(case: Case) -> tuple[Card, ...]:
    return tuple(_card(case, obligation) for obligation in case.obligations)


def _card(case: Case, obligation: Obligation) -> Card:
    place = {"case_no": case.claim.case_no, "number": obligation.number}
    tones = {"MET": "ok", "FAILED": "bad"}
    return Card(
        number=obligation.number,
        label=gettext(IN_KIND[obligation.code]),
        standing=standing(case, obligation),
        tone=tones.get(obligation.state, "act"),
        due_at=obligation.due_at,
        turn=obligation.turn,
        href=url_for("obligations.page", **place),
    )


def standing(case: Case, obligation: Obligation) -> str:
    """Its state in words, with the refund that stands in for it."""
    words = gettext(OBLIGATION_STATES[obligation.state])
    refund = refund_for(case, obligation)
    if refund is None:
        return words
    amount = yuan(refund.order.amount_fen)
    return gettext("%(state)s，改为退款 %(amount)s", state=words, amount=amount)


def consequence(obligation: Obligation) -> str:
    """What happens when the running deadline is over, as a message id."""
    if obligation.state == OPEN:
        return OBLIGATION_ENDS[obligation.ordered.fallback]
    return LATER.get(obligation.state, "")


def course(case: Case, obligation: Obligation) -> tuple[Node, ...]:
    """Every step, then what is awaited."""
    return tuple(_course(case, obligation))


def _course(case: Case, obligation: Obligation) -> Iterator[Node]:
    what = gettext(IN_KIND[obligation.code])
    yield Node(gettext("应当履行：%(what)s", what=what), "done", shown(obligation.ordered_at))
    for event, at in obligation.states:
        bad = event.state in ("FAILED", "DISPUTED", "OVERDUE")
        title = gettext(OBLIGATION_STATES[event.state])
        yield Node(title, "bad" if bad else "done", shown(at), _note(event))
    if not obligation.is_over:
        until = gettext("最迟 %(time)s", time=shown(obligation.due_at))
        yield Node(gettext(AWAITED[obligation.turn]), "now", until)
    refund = refund_for(case, obligation)
    if refund:
        amount = yuan(refund.order.amount_fen)
        state = "done" if refund.is_paid else "now"
        yield Node(gettext("改为退款 %(amount)s", amount=amount), state, note=refund.refund_no)


def texts_of(obligation: Obligation) -> tuple[tuple[str, str], ...]:
    """Who said what, oldest first."""
    said = (event for event, _at in obligation.states if event.text)
    return tuple((gettext(SPEAKERS[event.source]), event.text) for event in said)


def _note(event: ObligationState) -> str:
    """Who said so, and the parcel or the problem that was named."""
    by = gettext(BY[event.source]) if event.state == "MET" and event.source in BY else ""
    why = gettext(SHORTFALLS[event.why]) if event.why else ""
    parcel = f"{carrier(event.carrier)} {event.waybill}".strip()
    return gettext("，").join(filter(None, (by, why, parcel)))
