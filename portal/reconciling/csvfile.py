"""The differences of a day as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import gettext

from portal.amounts import plain_yuan
from portal.reconciling.comparing import KINDS
from portal.reconciling.queries import Line
from portal.spreadsheet import as_csv, beijing_time


def csv_lines(rows: Iterable[Line]) -> Iterator[str]:
    """The file, a row at a time."""
    return as_csv(_heads(), map(_cells, rows))


def _heads() -> tuple[str, ...]:
    return (
        gettext("支付机构"),
        gettext("日期"),
        gettext("差异"),
        gettext("付款编号"),
        gettext("案件"),
        gettext("账单金额（元）"),
        gettext("存证金额（元）"),
        gettext("账单状态"),
        gettext("存证状态"),
        gettext("账单行"),
        gettext("发现（北京）"),
        gettext("消失（北京）"),
        gettext("了结理由"),
        gettext("凭证"),
        gettext("了结记录"),
    )


def _cells(line: Line) -> tuple[str, ...]:
    row, word = line.row, line.closed
    return (
        row.provider,
        row.day,
        gettext(KINDS[row.kind]),
        row.number,
        row.case_no,
        plain_yuan(row.bill_fen),
        plain_yuan(row.our_fen),
        row.bill_state,
        row.our_state,
        str(row.place or ""),
        beijing_time(row.found_at),
        beijing_time(row.gone_at),
        word.event.reason if word else "",
        word.event.evidence if word else "",
        str(word.index) if word else "",
    )
