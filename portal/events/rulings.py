"""What was decided and what became of the decision: rulings, officers, appeals."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from portal.events.values import Event, Owed, Reason


class RulingIssued(Event, tag="RULING_ISSUED"):
    outcome: str
    basis: str  # PANEL, OFFICER, APPEAL, DEFAULT, SETTLEMENT
    remedy: str
    refund_fen: int
    return_goods: bool
    owed: tuple[Owed, ...]
    reasons: tuple[Reason, ...]
    clause: str
    counts: Mapping[str, int]
    dissent: tuple[int, ...] = ()
    liability: Mapping[str, int] = msgspec.field(default_factory=dict)  # party -> basis points
    round: int = 1
    appeal: str = ""  # of an appeal's ruling: UPHOLDS, CHANGES or VOIDS the one before


class StatutoryConfirmed(Event, tag="STATUTORY_CONFIRMED"):
    """An officer's word on a statutory finding that two thirds of all seats made."""

    confirmed: bool
    text: str


class RulingAccepted(Event, tag="RULING_ACCEPTED"):
    side: str  # BUYER or MERCHANT: will not appeal


class AppealFiled(Event, tag="APPEAL_FILED"):
    side: str
    ground: str
    text: str


class AppealAnswered(Event, tag="APPEAL_ANSWERED"):
    side: str
    text: str


class AppraisalOrdered(Event, tag="APPRAISAL_ORDERED"):
    question: str
    laboratory: str
    payer: str  # who pays in advance: BUYER, MERCHANT, PLATFORM


class AppraisalReceived(Event, tag="APPRAISAL_RECEIVED"):
    exhibit: str
    text: str
