"""Bills from a file, by the operator's own hand: right ones and wrong ones."""

from __future__ import annotations

import gzip
import io
import zipfile
from argparse import Namespace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.cases.tables import EntryRow
from portal.errors import BadInput
from portal.formats import BEIJING
from portal.reconciling.console import reconcile_by_hand
from tests.portal.reconciling.bank import NUMBERS, STRANGER, Bank, whole
from tests.portal.reconciling.bills import Row, alipay_bill, wechat_bill
from tests.portal.refunds.ordering import FEN


def test_by_hand_from_a_file_the_exit_status_tells(bank: Bank, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_bytes(wechat_bill(whole()))
    options = Namespace(provider="wechat", day=bank.day, file=path)
    assert reconcile_by_hand(bank.house, options) == 0
    path.write_bytes(wechat_bill([Row(STRANGER, 1)]))
    assert reconcile_by_hand(bank.house, options) == 1


def wrong_files(day: date) -> dict[str, tuple[str, bytes, str]]:
    """Provider, content and what is said about it."""
    good = wechat_bill(whole())
    before = f"{day - timedelta(days=1)} 12:00:00"
    dated = wechat_bill([Row(number, FEN, at=before) for number in NUMBERS])
    strangers = wechat_bill([Row("s1", 5), Row("s2", 5)])
    zipped = alipay_bill([Row("平台自退1", 12_345)])
    return {
        "empty": ("wechat", b"", "是空的"),
        "a picture": ("wechat", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "不是这家支付机构"),
        "Alipay's for WeChat's": ("wechat", zipped, "不是这家支付机构"),
        "WeChat's for Alipay's": ("alipay", good, "zip 文件"),
        "Douyin's twin": ("douyin", good, "另一家支付机构（wechat）"),
        "yesterday's": ("wechat", dated, f"不是 {day} 的"),
        "half a gzip": ("wechat", gzip.compress(good)[:-20], "压缩文件不完整"),
        "half a zip": ("alipay", zipped[:-30], "zip 文件"),
        "another encoding": ("wechat", good.decode().encode("utf-16"), "UTF-8"),
        "in GBK": ("wechat", good.decode("utf-8-sig").encode("gbk"), "UTF-8"),
        "other columns": ("wechat", good.replace("微信退款单号".encode(), b"x"), "列"),
        "a row left out": ("wechat", good.replace(NUMBERS[0].encode(), b"0"), "合计不符"),
        "no list in the zip": ("alipay", empty_zip(), "业务明细"),
        "strangers at Alipay": ("alipay", strangers, "zip 文件"),
    }


def entries(bank: Bank) -> int:
    with bank.house.sessions() as session:
        return session.scalar(select(func.count()).select_from(EntryRow)) or 0


def empty_zip() -> bytes:
    packed = io.BytesIO()
    zipfile.ZipFile(packed, "w").close()
    return packed.getvalue()


def test_a_wrong_file_is_refused_in_a_sentence_and_no_day_turns_red(
    bank: Bank, tmp_path: Path
) -> None:
    path = tmp_path / "bill"
    path.write_bytes(wechat_bill(whole()))
    right = Namespace(provider="wechat", day=bank.day, file=path)
    assert reconcile_by_hand(bank.house, right) == 0
    known = entries(bank), bank.open_differences(), bank.open_items()
    for name, (provider, content, said) in wrong_files(bank.day).items():
        path.write_bytes(content)
        wrong = Namespace(provider=provider, day=bank.day, file=path)
        with pytest.raises(BadInput) as refused:
            reconcile_by_hand(bank.house, wrong)
        sentence = refused.value.message % refused.value.params
        assert said in sentence, name
    for missing in (tmp_path, tmp_path / "none"):
        with pytest.raises(BadInput, match="没有这个文件"):
            reconcile_by_hand(bank.house, Namespace(**vars(right) | {"file": missing}))
    assert (entries(bank), bank.open_differences(), bank.open_items()) == known


def test_a_day_that_is_not_over_is_not_reconciled(bank: Bank) -> None:
    today = bank.house.clock.now().astimezone(BEIJING).date()
    with pytest.raises(BadInput, match="还没有过完"):
        reconcile_by_hand(bank.house, Namespace(provider="wechat", day=today, file=None))
