"""A split of liability as a bar: each party's part with its place and its figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from portal.formats import percent
from portal.words import LIABLE
from reviewers.parties import PARTIES


@dataclass(frozen=True)
class Band:
    """`start` and `width` in basis points of the bar; `place` counts the bands from 0."""

    label: str
    start: int
    width: int
    percent: str
    place: int


def bands_of(liability: Mapping[str, int]) -> tuple[Band, ...]:
    """The parties that bear a part, in the published order; empty when nothing was said."""
    bands: list[Band] = []
    start = 0
    for party in (p for p in PARTIES if liability.get(p)):
        width = liability[party]
        bands.append(Band(gettext(LIABLE[party]), start, width, percent(width), len(bands)))
        start += width
    return tuple(bands)
