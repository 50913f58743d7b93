"""A statement as a file for a spreadsheet: UTF-8 with a mark, amounts in yuan.

Nothing in it was typed by a person, yet a cell that a spreadsheet could take for a formula gets an
apostrophe in front: numbers of cases and movements come from elsewhere.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask_babel import gettext

from portal.amounts import plain_yuan
from portal.books.statements import Line
from portal.books.words import KINDS
from portal.formats import BEIJING

MARK = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(lines: Iterable[Line]) -> Iterator[str]:
    """The file, a row at a time."""
    yield MARK + _row(_heads())
    for line in lines:
        yield _row(_cells(line))


def _heads() -> tuple[str, ...]:
    return (
        gettext("时间（北京）"),
        gettext("案件"),
        gettext("款项单号"),
        gettext("事由"),
        gettext("金额（元）"),
        gettext("余额（元）"),
        gettext("对方账户"),
        gettext("记录序号"),
        gettext("记录指纹"),
    )


def _cells(line: Line) -> tuple[str, ...]:
    return (
        f"{line.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}",
        safe(line.case_no),
        safe(line.refund_no),
        gettext(KINDS[line.kind]),
        signed_yuan(line.amount_fen),
        signed_yuan(line.balance_fen),
        safe(line.other),
        str(line.entry_index),
        line.entry_digest,
    )


def safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def signed_yuan(fen: int) -> str:
    return f"-{plain_yuan(-fen)}" if fen < 0 else plain_yuan(fen)


def _row(cells: Iterable[str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow(cells)
    return target.getvalue()
