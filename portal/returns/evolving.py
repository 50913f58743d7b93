"""How the events of a contested return change a case."""

from __future__ import annotations

from dataclasses import replace

from msgspec import structs

from portal import events as e
from portal.cases.state import Case
from portal.returns.state import ReturnDispute


def contested(case: Case, event: e.ReturnContested, at: str) -> Case:
    dispute = ReturnDispute(event, at)
    return replace(case, dispute=dispute, clock=None, state="RETURN_DISPUTED")


def answered(case: Case, event: e.ReturnAnswered, at: str) -> Case:
    assert case.dispute is not None, "an answer to nothing"
    answer = replace(case.dispute, answer=event, answered_at=at)
    return replace(case, dispute=answer, clock=None)


def asked(case: Case, event: e.CarrierAsked, at: str) -> Case:
    assert case.dispute is not None, "a question about nothing"
    return replace(case, dispute=replace(case.dispute, asked=(*case.dispute.asked, event)))


def judged(case: Case, event: e.ReturnJudged, at: str) -> Case:
    assert case.dispute is not None, "a word on nothing"
    dispute = replace(case.dispute, judged=event, judged_at=at)
    return replace(case, dispute=dispute, clock=None)


def reduced(case: Case, event: e.ExecutionReduced, at: str) -> Case:
    """Only before its first call, so that no provider ever hears two amounts for one number."""
    movements = tuple(
        replace(m, order=structs.replace(m.order, amount_fen=event.amount_fen))
        if m.refund_no == event.refund_no
        else m
        for m in case.movements
    )
    return replace(case, movements=movements)
