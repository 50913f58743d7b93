"""A statement as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import gettext

from portal.amounts import plain_yuan
from portal.books.statements import Line
from portal.books.words import KINDS
from portal.spreadsheet import as_csv, beijing_time


def csv_lines(lines: Iterable[Line]) -> Iterator[str]:
    """The file, a row at a time."""
    return as_csv(_heads(), map(_cells, lines))


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
        beijing_time(line.at),
        line.case_no,
        line.refund_no,
        gettext(KINDS[line.kind]),
        plain_yuan(line.amount_fen),
        plain_yuan(line.balance_fen),
        line.other,
        str(line.entry_index),
        line.entry_digest,
    )
