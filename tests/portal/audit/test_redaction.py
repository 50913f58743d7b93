"""What points to a person is covered, and the story stays readable."""

from __future__ import annotations

import time

import pytest

from portal.audit.redaction import COVER, cover, cover_value, names_any


@pytest.mark.parametrize(
    "personal",
    [
        "13912345678",
        "139 1234 5678",
        "+86 139-1234-5678",
        "0571-88886666",
        "11010519491231002X",
        "zhang.san+shop@mail.example.com",
        "6222021234567890123",
        "SF1390077315588",
        "微信号：zhangsan_88",
        "QQ 12345678",
        "浙江省杭州市西湖区文三路123号4栋2单元501室",
        "中山路 12 号",
    ],
)
def test_what_points_to_a_person_is_covered(personal: str) -> None:
    covered = cover(f"客服说请联系，{personal}，谢谢")
    assert personal not in covered
    assert COVER in covered
    assert covered.endswith("，谢谢")


@pytest.mark.parametrize(
    "harmless",
    [
        "我在11月5日晚买了一号链接的衬衫，付款329元，要求赔偿三倍987元。",
        "评论区2号链接的款式不一样",
        "吊牌写面料成分聚酯纤维95%、氨纶5%，货号LH-1107。",
        "20:15:55 主播说“不是就退一赔三”，回放 00:55 到 01:00",
        "2026-11-05T20:15:58.000+08:00",
        "9c1e00000000000000000000000000000000000000000000000000000000004a",
        "15000元",
    ],
)
def test_the_story_stays(harmless: str) -> None:
    assert cover(harmless) == harmless


def test_a_known_secret_is_covered_wherever_it_stands() -> None:
    assert cover("我是 b_5640a7，订单HL2", {"b_5640a7", "HL2", ""}) == f"我是 {COVER}，订单{COVER}"


def test_a_short_secret_is_covered_where_it_stands_by_itself() -> None:
    assert cover("付款 p1，回放 p12，Hp1+", {"p1"}) == f"付款 {COVER}，回放 p12，Hp1+"
    assert not names_any({"seed": "a9p1ff"}, {"p1"})
    assert names_any({"note": "付款p1"}, {"p1"})


def test_values_are_covered_at_any_depth() -> None:
    value = {"a": [{"text": "打 13912345678"}], "amount_fen": 13912345678, "none": None}
    covered = cover_value(value)
    assert covered == {"a": [{"text": f"打 {COVER}"}], "amount_fen": 13912345678, "none": None}


@pytest.mark.parametrize("piece", ["市", "省市区县路", "1", "a@", "市1号", "1-", "QQ", "路 1 号 "])
def test_no_text_makes_the_search_slow(piece: str) -> None:
    text = (piece * 5000)[:5000]
    started = time.thread_time()  # what it costs, however much else the machine has to do
    cover(text)
    assert time.thread_time() - started < 2
