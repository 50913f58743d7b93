"""What keeps a reviewer away from some cases: written down here, held against cases by the draw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from portal.database import AnySession
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.panels.tables import ReviewerTie

TIES: dict[str, str] = {
    "BUYER_REF": _("自己的买家代号"),
    "MERCHANT": _("自己的公司"),
    "SHOP": _("自己的店铺"),
    "WORKED_FOR": _("工作过的店铺或公司"),
    "RELATIVE_OF": _("亲属的店铺或公司"),
    "COMPETITOR": _("有利益的同行公司"),
    "ADDRESS": _("地址指纹"),
    "DEVICE": _("设备指纹"),
}
MOST = 100
LONGEST = 128

Ties = Mapping[str, Iterable[str]]


def checked(ties: Ties) -> tuple[tuple[str, str], ...]:
    """(kind, value) pairs without repetition. Raises BadInput."""
    pairs = dict.fromkeys(
        (kind, value.strip()) for kind, values in ties.items() for value in values if value.strip()
    )
    if len(pairs) > MOST or any(len(value) > LONGEST for _kind, value in pairs):
        raise BadInput("ties", _("关系太多，或者有一个太长"))
    return tuple(pairs)


def write_ties(
    session: AnySession,
    reviewer_id: str,
    pairs: Iterable[tuple[str, str]],
    source: str,
    now: datetime,
) -> None:
    """Add what is new; the caller commits. What is known keeps its source and time."""
    known = select(ReviewerTie.kind, ReviewerTie.value)
    there = {
        (kind, value)
        for kind, value in session.execute(known.where(ReviewerTie.reviewer_id == reviewer_id))
    }
    for kind, value in dict.fromkeys(pairs):
        if (kind, value) not in there:
            session.add(
                ReviewerTie(reviewer_id=reviewer_id, kind=kind, value=value, source=source, at=now)
            )


def ties_of(session: AnySession, reviewer_id: str) -> tuple[ReviewerTie, ...]:
    """Of one reviewer, as they stand."""
    query = select(ReviewerTie).where(ReviewerTie.reviewer_id == reviewer_id)
    return tuple(session.scalars(query.order_by(ReviewerTie.kind, ReviewerTie.value)))


def listed(text: str | None) -> tuple[str, ...]:
    """``a、b，c`` -> ("a", "b", "c")"""
    plain = (text or "").replace("，", ",").replace("、", ",").replace("\n", ",")
    return tuple(filter(None, map(str.strip, plain.split(","))))
