"""Which rule decides which command. Plain tables: a reader finds every door here."""

from __future__ import annotations

from portal.appeals import commands as appeals
from portal.appeals.rules import accept_ruling, answer_appeal, file_appeal
from portal.arrivals import commands as arrivals
from portal.arrivals.rules import confirm_arrival, question_arrival
from portal.books import commands as books
from portal.books.rules import move_return, record_recoup, set_deposit, want_return
from portal.cases import commands as cases
from portal.cases.evolving import fold
from portal.cases.rules import expire_clock
from portal.cases.state import Case
from portal.claims import commands as claims
from portal.claims.rules import decide_offer, file_claim, ship_return
from portal.controls import commands as controls
from portal.controls.rules import approve_money, override_money, set_control
from portal.events import Event
from portal.evidence import commands as evidence
from portal.evidence.rules import add_evidence
from portal.history import History
from portal.integrity import commands as integrity
from portal.integrity import rules as integrity_rules
from portal.livestreams.commands import RecordLivestream
from portal.livestreams.rules import record_livestream
from portal.monitors import commands as monitors
from portal.monitors.rules import escalate_item, resolve_item
from portal.obligations import commands as obligations
from portal.obligations import rules as obligation_rules
from portal.officers import commands as officers
from portal.officers.rules import (
    confirm_statutory,
    decide_case,
    order_appraisal,
    receive_appraisal,
)
from portal.orders.commands import RecordOrder
from portal.orders.rules import record_order
from portal.panels import commands as panels
from portal.panels.rules import (
    assign_track,
    call_panel,
    cast_ballot,
    draw_panel,
    open_ballots,
)
from portal.panels.seating import answer_seat, recuse, remove_reviewer
from portal.panels.voiding import consent_to_void, propose_void, void_panel
from portal.pool import commands as pool
from portal.pool import rules as pool_rules
from portal.pool.state import Members, fold_pool
from portal.reconciling import commands as reconciling
from portal.reconciling.rules import close_difference, record_day
from portal.recorder import Handler
from portal.refunds import commands as refunds
from portal.refunds.rules import move_money
from portal.responses import commands as responses
from portal.responses.rules import confirm_return, file_response
from portal.returns import commands as returns
from portal.returns import rules as return_rules
from portal.trustees import commands as trustees
from portal.trustees import rules as trustee_rules


def as_case(history: History) -> Case:
    return fold(history.events)


def as_events(history: History) -> tuple[Event, ...]:
    return tuple(event for event, _at in history.events)


def as_dated(history: History) -> tuple[tuple[Event, str], ...]:
    return history.events


def as_pool(history: History) -> Members:
    return fold_pool(history.events)


def as_keyholders(history: History) -> trustee_rules.Keyholders:
    return trustee_rules.fold_trustees(as_events(history))


HANDLERS: dict[type, Handler] = {
    RecordOrder: Handler(as_events, record_order),
    RecordLivestream: Handler(as_events, record_livestream),
    pool.EnrollReviewer: Handler(as_pool, pool_rules.enroll),
    pool.ImportReviewers: Handler(as_pool, pool_rules.import_reviewers),
    pool.ChangeReviewer: Handler(as_pool, pool_rules.change),
    pool.SetReviewerState: Handler(as_pool, pool_rules.set_state),
    pool.PauseMyself: Handler(as_pool, pool_rules.pause_myself),
    pool.JudgePractice: Handler(as_pool, pool_rules.judge_practice),
    integrity.FileReport: Handler(as_dated, integrity_rules.file_report),
    integrity.AnswerReport: Handler(as_dated, integrity_rules.answer_report),
    integrity.DecideReport: Handler(as_dated, integrity_rules.decide_report),
    claims.FileClaim: Handler(as_case, file_claim),
    evidence.AddEvidence: Handler(as_case, add_evidence),
    responses.FileResponse: Handler(as_case, file_response),
    claims.DecideOffer: Handler(as_case, decide_offer),
    panels.AssignTrack: Handler(as_case, assign_track),
    panels.CallPanel: Handler(as_case, call_panel),
    panels.DrawPanel: Handler(as_case, draw_panel),
    panels.AnswerSeat: Handler(as_case, answer_seat),
    panels.Recuse: Handler(as_case, recuse),
    panels.RemoveReviewer: Handler(as_case, remove_reviewer),
    panels.VoidPanel: Handler(as_case, void_panel),
    panels.ProposeVoid: Handler(as_case, propose_void),
    panels.ConsentToVoid: Handler(as_case, consent_to_void),
    panels.CastBallot: Handler(as_case, cast_ballot),
    panels.OpenBallots: Handler(as_case, open_ballots),
    officers.DecideCase: Handler(as_case, decide_case),
    officers.OrderAppraisal: Handler(as_case, order_appraisal),
    officers.ReceiveAppraisal: Handler(as_case, receive_appraisal),
    officers.ConfirmStatutory: Handler(as_case, confirm_statutory),
    appeals.FileAppeal: Handler(as_case, file_appeal),
    appeals.AnswerAppeal: Handler(as_case, answer_appeal),
    appeals.AcceptRuling: Handler(as_case, accept_ruling),
    trustees.EnrollTrustee: Handler(as_keyholders, trustee_rules.enroll_trustee),
    trustees.NotePeeled: Handler(as_case, trustee_rules.note_peeled),
    trustees.NoteFailed: Handler(as_case, trustee_rules.note_failed),
    trustees.NoteDelayed: Handler(as_case, trustee_rules.note_delayed),
    cases.ExpireClock: Handler(as_case, expire_clock),
    claims.ShipReturn: Handler(as_case, ship_return),
    responses.ConfirmReturn: Handler(as_case, confirm_return),
    returns.ContestReturn: Handler(as_case, return_rules.contest_return),
    returns.AnswerReturn: Handler(as_case, return_rules.answer_return),
    returns.AskCarrier: Handler(as_case, return_rules.ask_carrier),
    returns.JudgeReturn: Handler(as_case, return_rules.judge_return),
    obligations.ShipObligation: Handler(as_case, obligation_rules.ship),
    obligations.DeliverObligation: Handler(as_case, obligation_rules.deliver),
    obligations.CarryOutObligation: Handler(as_case, obligation_rules.carry_out),
    obligations.ConfirmObligation: Handler(as_case, obligation_rules.confirm),
    obligations.DisputeObligation: Handler(as_case, obligation_rules.dispute),
    obligations.JudgeObligation: Handler(as_case, obligation_rules.judge),
    obligations.ExpireObligation: Handler(as_case, obligation_rules.expire),
    refunds.MoveMoney: Handler(as_case, move_money),
    controls.ApproveMoney: Handler(as_case, approve_money),
    controls.OverrideMoney: Handler(as_case, override_money),
    controls.SetControl: Handler(as_events, set_control),
    books.SetDeposit: Handler(as_events, set_deposit),
    books.RecordRecoup: Handler(as_case, record_recoup),
    books.WantReturn: Handler(as_case, want_return),
    books.MoveReturn: Handler(as_case, move_return),
    monitors.EscalateItem: Handler(as_events, escalate_item),
    monitors.ResolveItem: Handler(as_events, resolve_item),
    reconciling.RecordDay: Handler(as_events, record_day),
    reconciling.CloseDifference: Handler(as_events, close_difference),
    arrivals.ConfirmArrival: Handler(as_case, confirm_arrival),
    arrivals.QuestionArrival: Handler(as_case, question_arrival),
}
