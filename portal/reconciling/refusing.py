"""What a person hands in as a bill is looked at before it counts: a wrong file says nothing about
the day, so it is refused with the reason, and nothing is recorded.

A bill that the provider's own counter gives out broken is another matter: that is a red day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.errors import BadInput
from portal.errors import sentence as _
from portal.formats import BEIJING
from portal.house import House
from portal.providers.values import BillRow, Forged
from portal.reconciling.byhand import bill_in
from portal.reconciling.record import CHUNK
from portal.reconciling.spool import in_batches
from portal.reconciling.tables import PaidRow
from portal.times import moment

# What the readers complain about, for people; any other complaint is UNREADABLE.
WHY = {
    "the bill is too long": _("这个文件太大，不是一天的账单。没有采用，也没有记录"),
    "the bill is not gzip": _("压缩文件不完整。没有采用，也没有记录；请重新下载整个文件"),
    "the bill has no totals": _(
        "这个文件不是这家支付机构的账单，或者缺了末尾的合计，或者编码不是 UTF-8。"
        "没有采用，也没有记录；请重新下载整个文件"
    ),
    "the bill has other columns": _(
        "这个文件的列和这家支付机构的退款账单不同。没有采用，也没有记录；请下载退款账单"
    ),
    "the bill's rows do not add up to its totals": _(
        "账单各行加起来和它自己的合计不符，文件不完整或者被改动过。"
        "没有采用，也没有记录；请重新下载整个文件"
    ),
    "the bill is not a zip": _(
        "支付宝的账单是 zip 文件，这个文件不是，或者不完整。"
        "没有采用，也没有记录；请重新下载整个文件"
    ),
    "the zip holds no list of trades": _(
        "这个 zip 文件里没有业务明细，不是支付宝的账单。没有采用，也没有记录"
    ),
    "the zip holds no totals (汇总)": _(
        "这个 zip 文件里没有汇总，可能不完整。没有采用，也没有记录；请重新下载整个文件"
    ),
}
UNREADABLE = _(
    "账单里有一处读不出来，文件不完整、被改动过，或者编码不对。没有采用，也没有记录；请重新下载整个文件"
)


def check_bill(house: House, provider: str, day: date, path: Path) -> None:
    """Read it to its end. Raises BadInput for a file that is no whole bill of this provider and
    this day, NotAvailable for a provider that gives none."""
    try:
        if path.stat().st_size == 0:
            raise BadInput("file", _("这个文件是空的。没有采用，也没有记录；请重新下载整个文件"))
        rows = bill_in(provider, day, path).rows
        with house.sessions() as session:
            days, others = _looked_over(session, provider, rows)
    except OSError:
        raise BadInput("file", _("没有这个文件，或者不能读：%(path)s"), path=str(path)) from None
    except Forged as error:
        raise BadInput("file", WHY.get(str(error), UNREADABLE)) from None
    _check_day(days, day)
    _check_provider(others)


def _looked_over(
    session: Session, provider: str, rows: Iterable[BillRow]
) -> tuple[Counter[str], Counter[str]]:
    """How many rows there are of each Beijing day, and how many are by our record another
    provider's; both count all others under an empty name."""
    days: Counter[str] = Counter()
    others: Counter[str] = Counter()
    for batch in in_batches(rows, CHUNK):
        days.update(_day(row.at) for row in batch)
        paid = select(PaidRow.number, PaidRow.provider).where(
            PaidRow.number.in_({row.number for row in batch})
        )
        owners = {number: name for number, name in session.execute(paid) if name != provider}
        others.update(owners.get(row.number, "") for row in batch)
    return days, others


def _day(at: str) -> str:
    return moment(at).astimezone(BEIJING).date().isoformat() if at else ""


def _check_day(days: Counter[str], day: date) -> None:
    """Around midnight a bill and our record may differ by a row or two, but not by most of them."""
    dated = sum(count for found, count in days.items() if found)
    if dated and 2 * days[day.isoformat()] < dated:
        newest = max(days, key=lambda found: (bool(found), days[found], found))
        raise BadInput(
            "file",
            _("这是 %(found)s 的账单，不是 %(day)s 的。没有采用，也没有记录"),
            found=newest,
            day=day.isoformat(),
        )


def _check_provider(others: Counter[str]) -> None:
    """WeChat's and Douyin's bills look alike; the numbers in them tell."""
    foreign = sum(count for name, count in others.items() if name)
    if 2 * foreign > others.total():
        name = max(filter(None, others), key=lambda found: others[found])
        raise BadInput(
            "file",
            _("账单里的付款是经另一家支付机构（%(other)s）付的。没有采用，也没有记录"),
            other=name,
        )
