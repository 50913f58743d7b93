"""Who may judge: reviewers and the strata that keep a panel balanced."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stratum(StrEnum):
    """The side a reviewer stands for. The order here is the order of the draw."""

    BUYER_SIDE = "BUYER_SIDE"
    MERCHANT_SIDE = "MERCHANT_SIDE"
    EXPERT = "EXPERT"
    SENIOR_USER = "SENIOR_USER"
    ASSOCIATION = "ASSOCIATION"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One member of the pool.

    `weight` is a positive integer: twice the weight, twice the chance of each seat.
    `fields` are an expert's subjects. Only state "ACTIVE" can be drawn.
    """

    id: str
    stratum: Stratum
    weight: int = 1
    fields: tuple[str, ...] = ()
    state: str = "ACTIVE"
