"""Answers, queries, notices and bills in any order, doubled, late or false: the same end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import events as e
from portal.books.accounts import kind_of
from portal.books.postings import postings
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.invariants.checks import CASE_CHECKS
from portal.invariants.movement_checks import Told
from portal.providers.values import Answer, Outcome
from portal.refunds.commands import MoveMoney
from portal.refunds.reading import Heard, Reading, read
from portal.refunds.rules import move_money
from portal.refunds.state import Movement
from portal.rulings.orders import settle
from portal.times import stamp
from tests.portal.stages import NOW, case_after, filed
from tests.values import CASE_NO, PAYMENT

AMOUNT_FEN = 12_000
REFUND_NO = "RMA2026000001n1"
SOURCES = ("ANSWER", "QUERY", "NOTICE", "BILL")
CHECKED = ("I2", "I4", "I12", "I15", "I17")  # what events alone can show
QUIET = timedelta(minutes=1)


@dataclass
class World:
    """One movement whose request has just been sent, and everything that is heard about it."""

    case: Case
    now: datetime = NOW + timedelta(seconds=1)
    concerns: list[str] = field(default_factory=list)

    @property
    def movement(self) -> Movement:
        movement = self.case.movement(REFUND_NO)
        assert movement is not None
        return movement

    def hear(self, answer: Answer, source: str) -> Reading:
        """Read it, and record what it means by the very rule that records it."""
        self.now += timedelta(seconds=1)
        heard = Heard(answer, source, "wechat", PAYMENT, self.now, NOW, QUIET)
        reading = read(self.movement, heard)
        if reading.steps:
            self.record(*reading.steps)
        if reading.concern:
            self.concerns.append(reading.concern.kind)
        return reading

    def record(self, *steps: e.RefundState) -> None:
        events = move_money(self.case, MoveMoney(CASE_NO, steps), self.now)
        self.case = fold(((event, stamp(self.now)) for event in events), self.case)

    def problems(self) -> list[str]:
        told = Told(self.case, {}, (), (), self.now, timedelta(0))
        return [p for name in CHECKED for p in CASE_CHECKS[name](told)]

    def cleared_fen(self) -> int:
        """What the books say the provider has paid out."""
        legs = [posting.leg for posting in postings(self.case)]
        paid = sum(leg.amount_fen for leg in legs if kind_of(leg.credit) == "provider_clearing")
        back = sum(leg.amount_fen for leg in legs if kind_of(leg.debit) == "provider_clearing")
        return paid - back


def asked() -> World:
    """Ordered, set aside, the first call sent and not yet answered."""
    before = filed()
    remedies = (e.Remedy("REFUND_ONLY", AMOUNT_FEN),)
    ordered = (*before, *settle(case_after(*before), remedies, NOW))
    world = World(case_after(*ordered))
    held = (e.Funding("MERCHANT_PAYABLE", AMOUNT_FEN),)
    reserved = e.RefundState(REFUND_NO, "RESERVED", AMOUNT_FEN, funding=held)
    sent = replace_step(reserved, "SUBMITTED")
    world.record(reserved, sent)
    return world


def replace_step(step: e.RefundState, state: str) -> e.RefundState:
    return e.RefundState(
        step.refund_no, state, step.amount_fen, request_digest="d" * 64, provider="wechat"
    )


def says(outcome: Outcome, **changes: object) -> Answer:
    """The provider's word about the first attempt."""
    paid = outcome is Outcome.SUCCESS
    answer = Answer(
        outcome=outcome,
        number=f"{REFUND_NO}a1",
        raw=outcome.value.encode(),
        status=200,
        verified=True,
        provider_ref="50000",
        provider_at=stamp(NOW) if paid else "",
        amount_fen=AMOUNT_FEN if paid else 0,
        cash_fen=AMOUNT_FEN if paid else 0,
        route="ORIGINAL" if paid else "",
    )
    return replace(answer, **changes)  # type: ignore[arg-type]


WORDS = st.builds(
    lambda outcome, changes: says(outcome, **changes),
    st.sampled_from(Outcome),
    st.sampled_from(
        (
            {},
            {"amount_fen": AMOUNT_FEN + 1},
            {"amount_fen": AMOUNT_FEN - 1, "cash_fen": AMOUNT_FEN - 1},
            {"number": f"{REFUND_NO}a2"},
            {"number": "R0n1a1"},
            {"arrived": True},
            {"route": "BALANCE"},
            {"code": "MISMATCH"},
            {"provider_at": "yesterday"},
        )
    ),
)
SAID = st.lists(st.tuples(WORDS, st.sampled_from(SOURCES)), max_size=12)


@settings(max_examples=300, deadline=None)
@given(SAID)
def test_whatever_is_said_the_record_stays_lawful(said: list[tuple[Answer, str]]) -> None:
    world = asked()
    for answer, source in said:
        paid_before = world.movement.is_paid
        world.hear(answer, source)
        assert world.problems() == []
        assert world.cleared_fen() == (AMOUNT_FEN if world.movement.is_paid else 0)
        if paid_before and not world.movement.is_paid:
            assert source in ("QUERY", "BILL"), "a success was taken back by a mere notice"
    paid = [event for event, _at in world.movement.states if event.state == "SUCCESS"]
    assert len(paid) <= 1, "one attempt succeeds once"


@settings(max_examples=300, deadline=None)
@given(SAID)
def test_everything_said_twice_means_what_it_meant_once(said: list[tuple[Answer, str]]) -> None:
    once, twice = asked(), asked()
    for answer, source in said:
        once.hear(answer, source)
        twice.hear(answer, source)
        twice.hear(answer, source)
        assert twice.movement.state == once.movement.state
        assert len(twice.movement.states) == len(once.movement.states)


# What became of a refund, and everything its provider says of it on the way.
LIVES = {
    "SUCCESS": (Outcome.PROCESSING, Outcome.SUCCESS),
    "CLOSED": (Outcome.PROCESSING, Outcome.CLOSED),
    "ABNORMAL": (Outcome.PROCESSING, Outcome.ABNORMAL),
    "paid after all": (Outcome.PROCESSING, Outcome.ABNORMAL, Outcome.SUCCESS),
    "taken back": (Outcome.PROCESSING, Outcome.SUCCESS, Outcome.CLOSED),
}
ENDS = {"paid after all": "SUCCESS", "taken back": "REVERSED"}


@settings(max_examples=200, deadline=None)
@given(st.data())
@pytest.mark.parametrize("life", LIVES)
def test_any_order_of_notices_ends_where_the_provider_ended(life: str, data: st.DataObject) -> None:
    """Each state is told by a notice, doubled and in any order; then the next query is answered."""
    told = data.draw(st.permutations(LIVES[life] * 2))
    world = asked()
    for outcome in told:
        world.hear(says(outcome), "NOTICE")
        assert world.problems() == []
    truth = LIVES[life][-1]
    for _look in range(2):
        world.hear(says(truth), "QUERY")
    wanted = ENDS.get(life, life)
    believed = world.movement.state
    # The notice of the taking back may have come before that of the success: no money either way.
    assert believed == wanted or (life == "taken back" and believed == "CLOSED")
    assert world.cleared_fen() == (AMOUNT_FEN if wanted == "SUCCESS" else 0)


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.BUSY])
def test_silence_books_nothing_and_is_asked_about(outcome: Outcome) -> None:
    world = asked()
    for source in SOURCES:
        reading = world.hear(says(outcome), source)
        assert (reading.steps, reading.may_send) == ((), False)
        assert reading.again is not None


def test_not_found_is_believed_only_from_a_query_after_the_quiet_time() -> None:
    nothing = says(Outcome.NOT_FOUND)
    early, notice, late = asked(), asked(), asked()
    assert not early.hear(nothing, "QUERY").may_send
    notice.now += QUIET
    assert not notice.hear(nothing, "NOTICE").may_send
    late.now += QUIET
    assert late.hear(nothing, "QUERY").may_send
