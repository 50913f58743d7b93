"""A case as the fold of its events."""

from __future__ import annotations

from portal import events as e
from portal.cases.evolving import EVOLVE, fold
from portal.cases.state import Case
from tests.portal.stages import PAID_FEN, case_after, denied, filed, offered, seated
from tests.values import a_claim

# Streams of their own: they never come into a case.
ELSEWHERE = {
    e.OrderRecorded,
    e.LivestreamRecorded,
    e.ReviewerEnrolled,
    e.ReviewersImported,
    e.ReviewerChanged,
    e.ReviewerStateSet,
    e.PracticeJudged,
    e.TrusteeEnrolled,
    e.TrusteeRetired,
    e.IntegrityReported,
    e.IntegrityAnswered,
    e.IntegrityDecided,
    e.ControlSet,
    e.DepositSet,
    e.Reconciled,
    e.DifferenceClosed,
}


def test_nothing_has_happened_to_a_new_case() -> None:
    assert fold(()) == Case(state="NEW")


def test_every_event_of_a_case_has_a_meaning() -> None:
    assert set(e.Event.__subclasses__()) - set(EVOLVE) == ELSEWHERE


def test_a_denied_offered_and_seated_case_waits_for_whom_it_should() -> None:
    assert (case_after(*filed()).state, case_after(*filed()).todo) == ("AWAITING_RESPONDENT", "")
    assert (case_after(*offered()).state, case_after(*offered()).todo) == ("NEGOTIATION", "")
    assert (case_after(*denied()).state, case_after(*denied()).todo) == ("PANEL_DRAW", "SEAT")
    assert (case_after(*seated()).state, case_after(*seated()).todo) == ("DELIBERATION", "")


def test_an_answer_stops_the_merchants_clock() -> None:
    assert case_after(*filed()).clock is not None
    assert case_after(*denied()).clock is None


def test_the_claim_is_split_into_refund_and_what_goes_beyond() -> None:
    claimed = case_after(*filed()).claimed
    assert (claimed.remedy, claimed.refund_fen) == ("REFUND_RETURN", PAID_FEN)
    assert (claimed.compensation_code, claimed.compensation_fen) == ("CONTRACT_PENALTY", 98_700)


def test_a_claim_for_goods_alone_claims_no_money() -> None:
    claimed = case_after(a_claim(remedies=(e.Remedy("RESHIP_MISSING"),))).claimed
    assert (claimed.remedy, claimed.refund_fen) == ("RESHIP_MISSING", 0)
    assert (claimed.compensation_code, claimed.compensation_fen) == (None, 0)


def test_a_reviewer_finds_the_own_seat_only() -> None:
    case = case_after(*seated())
    seat = case.seat_of("r_4")
    assert seat is not None
    assert (seat.number, seat.stratum) == (4, "MERCHANT_SIDE")
    assert case.seat_of("r_99") is None
