"""The differences of a day as a file for a spreadsheet: UTF-8 with a mark, amounts in yuan.

Numbers and states come from a provider's file, so a cell that a spreadsheet could take for a
formula gets an apostrophe in front (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime

from flask_babel import gettext

from portal.books.csvfile import MARK, safe, signed_yuan
from portal.formats import BEIJING
from portal.reconciling.comparing import KINDS
from portal.reconciling.tables import DifferenceRow


def csv_lines(rows: Iterable[DifferenceRow]) -> Iterator[str]:
    """The file, a row at a time."""
    yield MARK + _row(_heads())
    for row in rows:
        yield _row(_cells(row))


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
    )


def _cells(row: DifferenceRow) -> tuple[str, ...]:
    return (
        row.provider,
        row.day,
        gettext(KINDS[row.kind]),
        safe(row.number),
        row.case_no,
        signed_yuan(row.bill_fen),
        signed_yuan(row.our_fen),
        safe(row.bill_state),
        row.our_state,
        str(row.place or ""),
        _moment(row.found_at),
        _moment(row.gone_at) if row.gone_at else "",
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _row(cells: Iterable[str]) -> str:
    target = io.StringIO()
    csv.writer(target).writerow(cells)
    return target.getvalue()
