"""Which limits and switches there are, and what holds where nobody set one."""

from __future__ import annotations

from dataclasses import dataclass

from portal.errors import sentence as _

DUAL_FEN = "DUAL_FEN"
SHOP_DAY_FEN = "SHOP_DAY_FEN"
TOTAL_DAY_FEN = "TOTAL_DAY_FEN"
AUTHORITY_FEN = "AUTHORITY_FEN"
STOPPED = "STOPPED"
EVERYBODY = ""  # the subject of a limit that holds for all who have none of their own
MOST_FEN = 10**12
MOST_SUBJECT = 200  # platform/shop


@dataclass(frozen=True)
class Limit:
    """One kind of control. `subject`: what it may be set for besides all together, or nothing."""

    name: str
    label: str
    explanation: str
    usual: int
    subject: str = ""


LIMITS = {
    limit.name: limit
    for limit in (
        Limit(
            DUAL_FEN,
            _("两人批准的起点"),
            _("超过这个金额的付款，要两位不同的管理员批准。"),
            500_000,
        ),
        Limit(
            SHOP_DAY_FEN,
            _("每家店铺每天的上限"),
            _("一家店铺当天（北京时间）付出的合计。到了上限，第二天接着付。"),
            20_000_000,
            _("平台和店铺编号"),
        ),
        Limit(
            TOTAL_DAY_FEN,
            _("全平台每天的上限"),
            _("所有店铺当天（北京时间）付出的合计。到了上限，第二天接着付。"),
            200_000_000,
        ),
        Limit(
            AUTHORITY_FEN,
            _("一个人能批准的最大金额"),
            _("管理员批准付款、手工处理付款时，单笔不能超过这个金额。"),
            10_000_000,
            _("管理员账号编号"),
        ),
        Limit(
            STOPPED,
            _("停止付款"),
            _("停下后不再向这家支付机构发出任何付款；已经发出的继续查询结果。"),
            0,
            _("支付机构"),
        ),
    )
}


def subjects_of(name: str, subject: str) -> tuple[str, ...]:
    """Whose values may hold for a subject, its own first. What was set for a shop's number alone
    before platforms were told apart holds for that number on every platform."""
    number = subject.partition("/")[2] if name == SHOP_DAY_FEN else ""
    return tuple(dict.fromkeys((subject, number or subject, EVERYBODY)))
