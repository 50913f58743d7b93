"""Which rule decides which command. Plain tables: a reader finds every door here."""

from __future__ import annotations

from portal.cases import commands as cases
from portal.cases.evolving import fold
from portal.cases.rules import expire_clock
from portal.cases.state import Case
from portal.claims import commands as claims
from portal.claims.rules import decide_offer, file_claim, ship_return
from portal.events import Event
from portal.evidence import commands as evidence
from portal.evidence.rules import add_evidence
from portal.history import History
from portal.livestreams.commands import RecordLivestream
from portal.livestreams.rules import record_livestream
from portal.orders.commands import RecordOrder
from portal.orders.rules import record_order
from portal.panels import commands as panels
from portal.panels.rules import (
    assign_track,
    call_panel,
    cast_ballot,
    draw_panel,
    enroll,
    open_ballots,
)
from portal.recorder import Handler
from portal.refunds import commands as refunds
from portal.refunds.rules import confirm_refund, submit_refund
from portal.responses import commands as responses
from portal.responses.rules import confirm_return, file_response


def as_case(history: History) -> Case:
    return fold(history.events)


def as_events(history: History) -> tuple[Event, ...]:
    return tuple(event for event, _at in history.events)


HANDLERS: dict[type, Handler] = {
    RecordOrder: Handler(as_events, record_order),
    RecordLivestream: Handler(as_events, record_livestream),
    panels.EnrollReviewer: Handler(as_events, enroll),
    claims.FileClaim: Handler(as_case, file_claim),
    evidence.AddEvidence: Handler(as_case, add_evidence),
    responses.FileResponse: Handler(as_case, file_response),
    claims.DecideOffer: Handler(as_case, decide_offer),
    panels.AssignTrack: Handler(as_case, assign_track),
    panels.CallPanel: Handler(as_case, call_panel),
    panels.DrawPanel: Handler(as_case, draw_panel),
    panels.CastBallot: Handler(as_case, cast_ballot),
    panels.OpenBallots: Handler(as_case, open_ballots),
    cases.ExpireClock: Handler(as_case, expire_clock),
    claims.ShipReturn: Handler(as_case, ship_return),
    responses.ConfirmReturn: Handler(as_case, confirm_return),
    refunds.SubmitRefund: Handler(as_case, submit_refund),
    refunds.ConfirmRefund: Handler(as_case, confirm_refund),
}
