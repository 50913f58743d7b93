"""Exhibits as the gallery shows them, and who may have the original."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext

from portal.cases.queries import SeenCase
from portal.events import EvidenceSealed
from portal.formats import exhibit_label
from portal.words import EVIDENCE, SIDES


@dataclass(frozen=True)
class Tile:
    """See components/evidence.html; `original_href` is None for those who may not have it."""

    number: str
    label: str
    title: str
    kind: str
    url: str
    picture_url: str | None
    by: str
    received_at: str
    taken_at: str | None
    sha256: str
    name: str
    note: str
    original_href: str | None


def tiles(seen: SeenCase, side: str) -> tuple[Tile, ...]:
    """The exhibits of BUYER, MERCHANT or PLATFORM."""
    return tuple(_tile(seen, x) for x in seen.case.exhibits if x.side == side)


def may_have_original(seen: SeenCase, exhibit: EvidenceSealed) -> bool:
    """A photo's original may say where somebody lives, an order's record more than a reader needs.

    Photos go to their own side and to the offices, the order's record to the parties; everybody
    else sees the picture without its metadata, and the facts on the page.
    """
    if exhibit.kind == "ORDER_RECORD":
        return seen.side in ("BUYER", "MERCHANT", "PLATFORM")
    if exhibit.file.media_type.startswith("image/"):
        return seen.side in (exhibit.side, "OFFICE")
    return True


def _tile(seen: SeenCase, exhibit: EvidenceSealed) -> Tile:
    case_no = seen.case.claim.case_no
    place = {"case_no": case_no, "number": exhibit.number}
    original = url_for("cases.exhibit", **place)
    picture = url_for("cases.picture", **place) if exhibit.picture else None
    kind = _kind(exhibit)
    return Tile(
        number=exhibit.number,
        label=exhibit_label(exhibit.number),
        title=gettext(EVIDENCE[exhibit.kind]),
        kind=kind,
        url=picture if kind == "image" and picture else original,
        picture_url=picture,
        by=gettext(SIDES[exhibit.side]),
        received_at=exhibit.received_at,
        taken_at=exhibit.captured_at.replace("T", " ") if exhibit.captured_at else None,
        sha256=exhibit.file.sha256,
        name=exhibit.name,
        note=exhibit.note,
        original_href=original if may_have_original(seen, exhibit) else None,
    )


def _kind(exhibit: EvidenceSealed) -> str:
    """image, video or pdf; pdf stands for whatever is opened by itself."""
    kind = exhibit.file.media_type.partition("/")[0]
    return kind if kind in ("image", "video") else "pdf"
