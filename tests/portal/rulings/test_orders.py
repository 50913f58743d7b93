"""Settlements, default judgements and what carries them out."""

from __future__ import annotations

from portal import events as e
from portal.rulings.orders import default, settle
from tests.portal.stages import NOW, PAID_FEN, case_after, filed
from tests.values import PENALTY_PROMISE, a_claim

PENALTY = e.Remedy("CONTRACT_PENALTY", 98_700)
REFUND = e.Remedy("REFUND_RETURN", PAID_FEN)


def default_of(**changes: object) -> e.RulingIssued:
    ruling = default(case_after(*filed(**changes)), NOW)[0]
    assert isinstance(ruling, e.RulingIssued)
    return ruling


def test_silence_grants_what_the_record_supports() -> None:
    ruling = default_of()
    assert (ruling.outcome, ruling.basis, ruling.refund_fen) == (
        "DEFAULT_UPHELD",
        "DEFAULT",
        PAID_FEN,
    )
    assert ruling.owed == (e.Owed("CONTRACT_PENALTY", 98_700),)
    assert ruling.clause == "2026-12#3"


def test_silence_proves_no_promise_that_was_not_recorded() -> None:
    assert default_of(promises=()).owed == ()


def test_silence_does_not_revive_a_corrected_promise() -> None:
    corrected = e.CitedPromise(
        **{field: getattr(PENALTY_PROMISE, field) for field in PENALTY_PROMISE.__struct_fields__}
        | {"correction": "刚才说错了，不赔三倍"}
    )
    assert default_of(promises=(corrected,)).owed == ()


def test_silence_grants_a_penalty_up_to_what_was_promised() -> None:
    greedy = (REFUND, e.Remedy("CONTRACT_PENALTY", 10 * PAID_FEN))
    assert default_of(remedies=greedy).owed == (e.Owed("CONTRACT_PENALTY", 3 * PAID_FEN),)


def test_silence_proves_no_loss_above_the_price() -> None:
    greedy = (REFUND, e.Remedy("COMPENSATE", 10**9))
    assert default_of(remedies=greedy).owed == (e.Owed("COMPENSATE", PAID_FEN),)


def test_silence_grants_no_statutory_penalty() -> None:
    assert default_of(remedies=(REFUND, e.Remedy("STATUTORY_TRIPLE", 98_700))).owed == ()


def test_silence_that_supports_nothing_upholds_nothing() -> None:
    for wanted in ("CONTRACT_PENALTY", "STATUTORY_TRIPLE"):
        ruling = default_of(remedies=(e.Remedy(wanted, 98_700),), promises=())
        assert (ruling.outcome, ruling.remedy, ruling.owed) == ("REJECTED", "DISMISS", ())


def test_a_default_is_named_after_what_it_grants() -> None:
    ruling = default_of(remedies=(e.Remedy("STATUTORY_TRIPLE", 98_700), e.Remedy("APOLOGY")))
    assert (ruling.outcome, ruling.remedy) == ("DEFAULT_UPHELD", "APOLOGY")


def test_a_default_names_what_it_rests_on() -> None:
    cited = [c for reason in default_of().reasons for c in reason.citations]
    assert cited == ["58.000", "B1"]


def test_goods_that_go_back_are_awaited_before_the_money_moves() -> None:
    case = case_after(*filed(), *default(case_after(*filed()), NOW))
    assert case.state == "AWAITING_RETURN"
    assert case.clock is not None
    assert (case.clock.clock, case.clock.due_at) == ("RETURN_GOODS", "2026-11-27T03:10:00.000Z")


def test_a_settlement_without_a_refund_closes_the_case_and_says_so() -> None:
    before = filed()
    events = settle(case_after(*before), (e.Remedy("FREIGHT_OUT"),), NOW)
    assert events[-1] == e.CaseClosed("NO_MOVEMENT")
    assert case_after(*before, *events).state == "CLOSED"


def test_a_settlement_orders_exactly_the_agreed_refund() -> None:
    before = filed()
    events = settle(case_after(*before), (e.Remedy("REFUND_ONLY", 26_000), PENALTY), NOW)
    order = next(event for event in events if isinstance(event, e.ExecutionOrdered))
    assert (order.amount_fen, order.return_first) == (26_000, False)
    assert order.payment_id == a_claim().payment.payment_id


def test_a_settlement_is_named_after_its_refund_whatever_comes_first() -> None:
    ruling = settle(case_after(*filed()), (PENALTY, REFUND), NOW)[1]
    assert isinstance(ruling, e.RulingIssued)
    assert (ruling.remedy, ruling.refund_fen, ruling.return_goods) == (
        "REFUND_RETURN",
        PAID_FEN,
        True,
    )
