"""A contested return as the sum of its events, and the legal ceiling of a refund for goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.events import CarrierAsked, ReturnAnswered, ReturnContested, ReturnJudged
from portal.times import moment

# 消费者权益保护法 25, 七日无理由退货暂行办法 13: the price within seven days of the goods' return.
REFUND_WITHIN = timedelta(days=7)


@dataclass(frozen=True)
class ReturnDispute:
    """`None` and empty mean: has not happened."""

    contested: ReturnContested
    contested_at: str
    answer: ReturnAnswered | None = None
    answered_at: str = ""
    asked: tuple[CarrierAsked, ...] = ()
    judged: ReturnJudged | None = None
    judged_at: str = ""

    @property
    def has_parcel(self) -> bool:
        """Whether the merchant says it holds the goods: then the seven days run."""
        return self.contested.reason != "NOT_ARRIVED"


def refund_by(dispute: ReturnDispute | None, received_at: str) -> datetime | None:
    """By when the law wants a refund for returned goods; None while nobody has them back.

    A merchant who contests a parcel has it, so the days run from then.
    """
    if dispute and dispute.has_parcel:
        return moment(dispute.contested_at) + REFUND_WITHIN
    return moment(received_at) + REFUND_WITHIN if received_at else None
