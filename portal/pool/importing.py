"""Reviewers from a table (CSV): every line is tried before the first one is recorded.

    reviewer_id,stratum,weight,fields,languages,quota,buyer_ref,merchant,shop,worked_for,relative_of

Only the first two columns are needed; several values in one cell are separated by a semicolon.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from portal.access import Actor
from portal.database import AnySession
from portal.errors import BadInput, PortalError
from portal.errors import sentence as _
from portal.events import NewReviewer
from portal.house import House
from portal.idempotency import by
from portal.panels.tables import ReviewerRow
from portal.pool.commands import ImportReviewers
from portal.pool.rules import BATCH, check_values
from portal.pool.ties import checked, write_ties

MOST_BYTES = 8 * 1024 * 1024
MOST_LINES = 20_000
SHOWN = 50
NEEDED = ("reviewer_id", "stratum")
TIE_COLUMNS = {
    "buyer_ref": "BUYER_REF",
    "merchant": "MERCHANT",
    "shop": "SHOP",
    "worked_for": "WORKED_FOR",
    "relative_of": "RELATIVE_OF",
}
Item = TypeVar("Item")
COLUMNS = (*NEEDED, "weight", "fields", "languages", "quota", *TIE_COLUMNS)
ASKED = 10_000  # ids in one query stay below the database's limit of parameters


@dataclass(frozen=True)
class Line:
    number: int
    reviewer: NewReviewer
    ties: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fault:
    """A line that cannot be taken, with the sentence that says why."""

    number: int
    error: PortalError


@dataclass(frozen=True)
class Imported:
    """Either faults and nothing recorded, or how many came in."""

    count: int = 0
    faults: tuple[Fault, ...] = ()


def import_table(session: AnySession, house: House, actor: Actor, content: bytes) -> Imported:
    """Record the whole table in batches, or nothing of it. The same table again adds nothing:
    a run that was interrupted goes on where it stopped. Raises BadInput for what is no table."""
    lines, faults = _read(content)
    name = hashlib.sha256(content).hexdigest()
    batches = [(f"pool-import/{name}/{n}", b) for n, b in enumerate(_parts(lines, BATCH))]
    waiting = [(key, batch) for key, batch in batches if not house.log.recorded(key)]
    faults += _known(session, [line for _key, batch in waiting for line in batch])
    if faults:
        return Imported(faults=tuple(sorted(faults, key=lambda fault: fault.number)))
    _write_ties(session, house, lines)
    for key, batch in waiting:
        command = ImportReviewers(tuple(line.reviewer for line in batch))
        house.recorder.record(command, by=by(actor), command_id=key)
    return Imported(count=len(lines))


def _read(content: bytes) -> tuple[list[Line], list[Fault]]:
    lines: list[Line] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, row in _rows(content):
        try:
            line = _line(number, row)
            check_values(line.reviewer)
            if line.reviewer.reviewer_id in seen:
                raise BadInput("reviewer_id", _("代号在表里出现了两次"))
        except PortalError as error:
            faults.append(Fault(number, error))
            continue
        seen.add(line.reviewer.reviewer_id)
        lines.append(line)
    return lines, faults


def _rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    if len(content) > MOST_BYTES:
        raise BadInput("table", _("表格太大"))
    try:
        text = content.decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        names = reader.fieldnames or ()
        if not set(NEEDED) <= set(names) or set(names) - set(COLUMNS):
            raise BadInput("table", _("第一行要写列名：%(names)s"), names=", ".join(COLUMNS))
        for count, row in enumerate(reader):
            if count >= MOST_LINES:
                raise BadInput("table", _("一次最多 %(most)s 行"), most=MOST_LINES)
            yield reader.line_num, row
    except (UnicodeDecodeError, csv.Error):
        raise BadInput("table", _("不是 UTF-8 编码的 CSV 表格")) from None


def _line(number: int, row: Mapping[str, str]) -> Line:
    if None in row or None in row.values():
        raise BadInput("table", _("列数和第一行不一样"))
    reviewer = NewReviewer(
        reviewer_id=row["reviewer_id"].strip(),
        stratum=row["stratum"].strip(),
        weight=_count(row.get("weight"), 1, "weight"),
        fields=_several(row.get("fields")),
        languages=_several(row.get("languages")) or ("zh",),
        quota=_count(row.get("quota"), 5, "quota"),
    )
    ties = {kind: _several(row.get(column)) for column, kind in TIE_COLUMNS.items()}
    return Line(number, reviewer, checked(ties))


def _several(cell: str | None) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, (cell or "").split(";"))))


def _count(cell: str | None, usual: int, name: str) -> int:
    text = (cell or "").strip()
    if not text:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise BadInput(name, _("要填整数"))
    return int(text)


def _known(session: AnySession, lines: list[Line]) -> list[Fault]:
    ids = [line.reviewer.reviewer_id for line in lines]
    known: set[str] = set()
    for some in _parts(ids, ASKED):
        query = select(ReviewerRow.reviewer_id).where(ReviewerRow.reviewer_id.in_(some))
        known.update(session.scalars(query))
    there = BadInput("reviewer_id", _("这位评审员已经登记"))
    return [Fault(ln.number, there) for ln in lines if ln.reviewer.reviewer_id in known]


def _write_ties(session: AnySession, house: House, lines: list[Line]) -> None:
    """Before the reviewers themselves: nobody can be drawn whose ties are not yet known."""
    now = house.clock.now()
    for line in lines:
        if line.ties:
            write_ties(session, line.reviewer.reviewer_id, line.ties, "IMPORTED", now)
    session.commit()


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
