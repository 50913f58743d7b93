"""Promised moments and citations as the components of a page take them, with links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import url_for
from flask_babel import gettext

from portal.cases.gallery import Tile, tiles
from portal.cases.queries import SeenCase
from portal.cases.state import Case
from portal.formats import clock_ms, exhibit_label, time_of_day
from portal.times import moment
from reviewers.ballot import replay_millisecond


@dataclass(frozen=True)
class Cited:
    """A citation as a link; `href` is None when this reader may not open what it names."""

    label: str
    href: str | None


def marks(case: Case) -> tuple[tuple[int, str, str, str, int], ...]:
    """The cited promises for the player: start, time of day, words, by whom, end."""
    by = gettext("买家引用")
    return tuple(
        (p.start_ms, time_of_day(p.at), f"“{p.text}”", by, p.end_ms) for p in case.claim.promises
    )


def first_moment_ms(case: Case) -> int:
    """Where the player starts: at the first cited promise, else when the order was placed, unless
    that was after the end."""
    claim = case.claim
    if claim.promises:
        return claim.promises[0].start_ms
    return claim.ordered_ms if claim.ordered_ms < claim.replay_ms else 0


def all_tiles(seen: SeenCase) -> dict[str, Tile]:
    """Every exhibit by its number."""
    sides = ("BUYER", "MERCHANT", "PLATFORM")
    return {tile.number: tile for side in sides for tile in tiles(seen, side)}


def cite(seen: SeenCase, known: dict[str, Tile], citation: str) -> Cited:
    """An exhibit's number or a second of the replay, as people read it."""
    milliseconds = replay_millisecond(citation)
    if milliseconds is not None:
        href = url_for("cases.replay", case_no=seen.case.claim.case_no)
        return Cited(_said(seen.case, milliseconds), f"{href}#t={milliseconds / 1000:g}")
    tile = known.get(citation)
    if tile is None:
        return Cited(citation, None)
    return Cited(exhibit_label(citation), tile.picture_url or tile.original_href)


def _said(case: Case, milliseconds: int) -> str:
    """The time of day, with the words when it is where a cited promise begins."""
    words = [f" “{p.text}”" for p in case.claim.promises if p.start_ms == milliseconds]
    return air_time(case, milliseconds) + "".join(words)


def air_time(case: Case, milliseconds: int) -> str:
    """The time of day of a second of the replay, from a promise whose both times are recorded."""
    for promise in case.claim.promises:
        start = moment(promise.at) - timedelta(milliseconds=promise.start_ms)
        return time_of_day(start + timedelta(milliseconds=milliseconds))
    return clock_ms(milliseconds)
