"""A case's exhibits and promised moments as the components of a page take them, with links."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from portal.cases.state import Case
from portal.events import EvidenceSealed
from portal.formats import time_of_day
from portal.words import EVIDENCE, SIDE_LETTERS, SIDES

KINDS = {"video": "video", "image": "image", "application": "pdf"}


@dataclass(frozen=True)
class Tile:
    """One exhibit of a gallery; `code` is its number in the record, `number` as people read it."""

    code: str
    number: str
    side: str
    title: str
    note: str
    kind: str
    url: str
    picture_url: str | None
    by: str
    received_at: str
    taken_at: str | None
    sha256: str


def tiles(case: Case, *sides: str) -> tuple[Tile, ...]:
    """The exhibits of these sides in the order of the record; of all sides when none is named."""
    return tuple(_tile(case, x) for x in case.exhibits if not sides or x.side in sides)


def number_label(number: str) -> str:
    """B1 as 买1: the side's letter in the reader's language."""
    return gettext(SIDE_LETTERS.get(number[:1], number[:1])) + number[1:]


def marks(case: Case) -> tuple[tuple[int, str, str, str, int], ...]:
    """The cited promises for the player: start, time of day, words, by whom, end."""
    by = gettext("买家引用")
    return tuple(
        (p.start_ms, time_of_day(p.at), f"“{p.text}”", by, p.end_ms) for p in case.claim.promises
    )


def _tile(case: Case, exhibit: EvidenceSealed) -> Tile:
    place = {"case_no": case.claim.case_no, "number": exhibit.number}
    return Tile(
        code=exhibit.number,
        number=number_label(exhibit.number),
        side=exhibit.side,
        title=gettext(EVIDENCE.get(exhibit.kind, exhibit.kind)),
        note=exhibit.note,
        kind=KINDS.get(exhibit.file.media_type.split("/")[0], "pdf"),
        url=url_for("cases.exhibit", **place),
        picture_url=url_for("cases.picture", **place) if exhibit.picture else None,
        by=gettext(SIDES[exhibit.side]),
        received_at=exhibit.received_at,
        taken_at=exhibit.captured_at,
        sha256=exhibit.file.sha256,
    )
