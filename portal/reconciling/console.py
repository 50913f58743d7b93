"""`mingan reconcile`: one day or all that are due, with what was found, line by line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from portal.errors import BadInput
from portal.errors import sentence as _
from portal.events import Reconciled
from portal.formats import BEIJING
from portal.house import House
from portal.providers.values import NotAvailable
from portal.reconciling.byhand import bill_in
from portal.reconciling.daily import Due, reconcile_day, to_do
from portal.reconciling.queries import is_day
from portal.reconciling.refusing import check_bill
from portal.reconciling.running import RED, Wanted, reconcile
from portal.speech import say, words

EVERY = 100_000  # rows between two signs of life


def describe_reconcile(command: argparse.ArgumentParser) -> None:
    """The arguments."""
    command.add_argument("--provider", help="wechat, alipay, …; all that have settings")
    command.add_argument("--day", type=_day, metavar="YYYY-MM-DD", help="a day of Beijing's")
    command.add_argument("--file", type=Path, metavar="BILL", help="a bill as it was downloaded")


def _day(text: str) -> date:
    """In the one form that pages and addresses have too."""
    if not is_day(text):
        raise argparse.ArgumentTypeError(
            words(
                f"“{text}”不是日期，要写成 2026-11-21 这样（北京时间）",
                f"'{text}' is no day; write it like 2026-11-21 (Beijing time)",
            )
        )
    return date.fromisoformat(text)


def reconcile_by_hand(house: House, options: argparse.Namespace) -> int:
    """Do it and say what was found; returns how many days differ. Raises BadInput."""
    if options.day is not None and options.day >= house.clock.now().astimezone(BEIJING).date():
        raise BadInput("day", _("这一天（北京时间）还没有过完，不能对账"))
    if options.file is not None:
        return _from_file(house, options.provider, options.day, options.file)
    results = [_one(house, due) for due in _wanted(house, options)]
    if not results:
        say("没有要对的账", "nothing to reconcile")
    return sum(result is not None and result.result == RED for result in results)


def _from_file(house: House, provider: str | None, day: date | None, path: Path) -> int:
    if provider is None or day is None:
        raise BadInput("file", _("导入对账单要写明支付机构和日期"))
    _names(house, provider)
    try:
        check_bill(house, provider, day, path)
        wanted = Wanted(provider, day, bill_in(provider, day, path))
    except NotAvailable:
        raise BadInput("provider", _("这家支付机构没有可以导入的账单文件")) from None
    result = reconcile(house, wanted, _progress)
    _tell(result)
    return int(result.result == RED)


def _names(house: House, asked: str | None) -> list[str]:
    """The providers that are meant. Raises BadInput for one without settings."""
    names = [provider.name for provider in house.providers]
    if asked is not None and asked not in names:
        raise BadInput("provider", _("没有这家支付机构的设置"))
    return names if asked is None else [asked]


def _wanted(house: House, options: argparse.Namespace) -> Iterator[Due]:
    names = _names(house, options.provider)
    if options.day is not None:
        yield from (Due(name, options.day) for name in names)
        return
    with house.sessions() as session:
        yield from list(to_do(session, names, house.clock.now()))


def _one(house: House, due: Due) -> Reconciled | None:
    result = reconcile_day(house, house.providers.named(due.provider), due.day, _progress)
    if result is None:
        say(
            f"{due.provider} {due.day}：账单还没有出来",
            f"{due.provider} {due.day}: the bill is not there yet",
        )
    else:
        _tell(result)
    return result


def _progress(rows: int) -> None:
    if rows % EVERY == 0:
        text = words(f"已读 {rows:,} 行", f"{rows:,} rows read")
        print(text, file=sys.stderr, flush=True)


def _tell(result: Reconciled) -> None:
    found = " ".join(f"{kind}={count}" for kind, count in result.differences)
    fen = f"{result.bill_fen} / {result.journal_fen} / {result.ledger_fen}"
    say(
        f"{result.provider} {result.day} {result.result}：{result.rows} 行，"
        f"账单 / 日记账 / 存证：{fen} 分 {found}",
        f"{result.provider} {result.day} {result.result}: {result.rows} rows, "
        f"bill / journal / ledger: {fen} fen {found}",
    )
