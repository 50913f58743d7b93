"""What each side is told of a case."""

from __future__ import annotations

import pytest

from portal.cases.api import CaseOut, case_out
from portal.cases.queries import SeenCase
from tests.portal.stages import case_after, filed, offered


def told(side: str) -> CaseOut:
    return case_out(SeenCase(case_after(*offered()), side))


def test_a_reviewer_is_told_nothing_of_the_negotiation() -> None:
    answer = told("REVIEWER")
    assert answer.offer is None
    assert answer.response is not None
    assert answer.response.answer == ""
    assert "26000" not in answer.model_dump_json()


@pytest.mark.parametrize("side", ["BUYER", "MERCHANT", "PLATFORM", "OFFICE"])
def test_everybody_else_sees_the_offer(side: str) -> None:
    answer = told(side)
    assert answer.offer is not None
    assert answer.offer.amount_fen == 26_000


def test_what_has_not_happened_is_null() -> None:
    answer = case_out(SeenCase(case_after(*filed()), "BUYER"))
    assert (answer.response, answer.panel, answer.ruling, answer.refund, answer.closed) == (
        (None,) * 5
    )
