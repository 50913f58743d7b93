"""What a claim must hold before it becomes a case, and what follows from a buyer's decisions."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from portal import events as e
from portal.cases.state import Case
from portal.claims.commands import DecideOffer, FileClaim, ShipReturn
from portal.claims.pricing import refundable_fen
from portal.claims.rules import decide_offer, file_claim, ship_return
from portal.errors import BadInput, Refused
from portal.events import Remedy
from tests.portal.stages import case_after, filed, later, offered
from tests.values import CASE_NO, LINE, PAYMENT, a_claim, an_exhibit


def file(exhibits: tuple[e.EvidenceSealed, ...] = (), **changes: Any) -> tuple[e.Event, ...]:
    return file_claim(Case(), FileClaim(a_claim(**changes), exhibits, "k"), later())


def test_filing_seals_the_exhibits_and_starts_the_merchants_clock() -> None:
    events = file((an_exhibit(), an_exhibit(number="B2")))
    assert [type(event) for event in events] == [
        e.CaseFiled,
        e.EvidenceSealed,
        e.EvidenceSealed,
        e.ClockStarted,
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason_code": "P99"}, "reason_code"),
        ({"secondary_codes": ("P99",)}, "secondary_codes"),
        ({"text": " \n"}, "text"),
        ({"text": "字" * 5001}, "text"),
        ({"remedies": ()}, "remedies"),
        ({"remedies": (Remedy("GOLD", 1),)}, "remedies"),
        ({"remedies": (Remedy("REFUND_ONLY", 1), Remedy("PARTIAL_REFUND", 1))}, "remedies"),
        ({"remedies": (Remedy("REFUND_ONLY", 0),)}, "amount_fen"),
        ({"remedies": (Remedy("REFUND_ONLY", -1),)}, "amount_fen"),
        ({"remedies": (Remedy("REFUND_ONLY", 32_901),)}, "amount_fen"),
        ({"remedies": (Remedy("STATUTORY_TRIPLE", None),)}, "remedies"),
    ],
)
def test_a_claim_that_cannot_be_decided_is_refused_by_its_field(
    changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as bad:
        file(**changes)
    assert bad.value.field == field


def test_a_buyer_hands_in_at_most_a_hundred_files_beside_the_platforms() -> None:
    own = tuple(an_exhibit(number=f"B{n}") for n in range(1, 101))
    platform = tuple(an_exhibit(number=f"P{n}", side="PLATFORM") for n in range(1, 6))
    assert len(file((*platform, *own))) == 107
    with pytest.raises(BadInput):
        file((*own, an_exhibit(number="B101")))


def test_a_number_that_is_taken_is_refused() -> None:
    with pytest.raises(Refused):
        file_claim(case_after(*filed()), FileClaim(a_claim(), (), "k"), later())


def test_what_was_refunded_before_is_not_refunded_again() -> None:
    spent = replace(PAYMENT, refunded_fen=30_000)
    assert refundable_fen(a_claim(payment=spent)) == 2_900
    overdrawn = replace(PAYMENT, refunded_fen=99_999)
    assert refundable_fen(a_claim(payment=overdrawn)) == 0
    cheap = replace(LINE, paid_fen=100)
    assert refundable_fen(a_claim(lines=(cheap,))) == 100


def test_accepting_an_offer_grants_the_offer_and_not_the_claim() -> None:
    case = case_after(*offered())
    assert case.offer is not None
    events = decide_offer(case, DecideOffer(CASE_NO, accept=True), later())
    ruling = next(event for event in events if isinstance(event, e.RulingIssued))
    assert (ruling.outcome, ruling.refund_fen) == ("SETTLED", case.offer.remedy.amount_fen)


def test_declining_an_offer_changes_nothing_in_the_claim() -> None:
    events = decide_offer(case_after(*offered()), DecideOffer(CASE_NO, accept=False), later())
    assert [type(event) for event in events] == [e.OfferDeclined]
    assert case_after(*offered(), *events).state == "PANEL_DRAW"


def test_there_is_no_decision_without_an_offer() -> None:
    with pytest.raises(Refused):
        decide_offer(case_after(*filed()), DecideOffer(CASE_NO, accept=True), later())


def test_nothing_is_sent_back_before_it_is_asked_for() -> None:
    with pytest.raises(Refused):
        ship_return(case_after(*filed()), ShipReturn(CASE_NO, "顺丰", "SF1"), later())
