"""A shop's movements as CSV, as a spreadsheet opens it: UTF-8 with its mark, one line each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask_babel import gettext

from portal.formats import moment
from portal.moneypages.shown import funded, road
from portal.refunds.tables import MovementRow
from portal.words import CHANNELS, MOVEMENTS, RAILS

MARK = "\ufeff"  # without it a spreadsheet takes UTF-8 for something else
FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so is calculated by spreadsheets


def as_csv(rows: Iterable[MovementRow]) -> Iterator[str]:
    """The file in pieces, so that a long list needs no memory."""
    yield MARK + _line(_heads())
    for row in rows:
        yield _line(_cells(row))


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(_harmless(cell) for cell in cells)
    return out.getvalue()


def _harmless(cell: str) -> str:
    return "'" + cell if cell.startswith(FORMULAS) else cell


def _heads() -> tuple[str, ...]:
    return (
        gettext("退款单号"),
        gettext("案件"),
        gettext("种类"),
        gettext("金额（元）"),
        gettext("状态"),
        gettext("渠道"),
        gettext("路径"),
        gettext("钱从哪里出"),
        gettext("下达"),
        gettext("支付机构付款"),
        gettext("承诺最早到账"),
        gettext("承诺最晚到账"),
        gettext("支付机构凭证"),
    )


def _cells(row: MovementRow) -> tuple[str, ...]:
    return (
        row.refund_no,
        row.case_no,
        gettext(RAILS[row.rail]),
        f"{row.amount_fen // 100}.{row.amount_fen % 100:02d}",
        gettext(MOVEMENTS[row.state]),
        gettext(CHANNELS.get(row.channel, row.channel)),
        road(row),
        funded(row),
        moment(row.ordered_at, year=True),
        moment(row.succeeded_at, year=True) if row.succeeded_at else "",
        row.earliest,
        row.latest,
        row.provider_ref,
    )
