"""A shop's movements as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flask_babel import gettext

from portal.amounts import plain_yuan
from portal.formats import moment
from portal.moneypages.shown import funded, road
from portal.refunds.tables import MovementRow
from portal.spreadsheet import as_csv
from portal.words import CHANNELS, MOVEMENTS, RAILS


def csv_lines(rows: Iterable[MovementRow]) -> Iterator[str]:
    """The file, a row at a time."""
    return as_csv(_heads(), map(_cells, rows))


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
        plain_yuan(row.amount_fen),
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
