"""What decisions, calls and reasons to rest are called."""

from __future__ import annotations

from collections.abc import Mapping

from portal.errors import sentence as _

OVERRIDES: Mapping[str, str] = {
    "RETRY": _("现在再试一次"),
    "ADVANCE": _("平台先行赔付"),
    "TO_PAYOUT": _("改为转账付款"),
    "CAP": _("不受当天上限"),
    "ABNORMAL_CARD": _("改付到另一张银行卡"),
    "OFFLINE": _("已在线下付款"),
    "COVERED": _("平台已另行退还，不再付款"),
}
EXPLANATIONS: Mapping[str, str] = {
    "RETRY": _("先查询，证实没有付过才会再付。停住的付款用新的编号。"),
    "ADVANCE": _("等支付机构证实没有付出，再由保证金或平台的钱付，之后向商家追回。"),
    "TO_PAYOUT": _("不走原路退回，用转账付给买家。买家会看到不是原路。"),
    "CAP": _("这一笔不计入店铺和全平台当天的上限检查。"),
    "OFFLINE": _("写明凭证（银行流水号、时间、收款人）。要两位不同的管理员确认才记账。"),
    "COVERED": _("买家已从平台另外拿到这笔钱。写明平台的退款编号。要两位不同的管理员确认才了结。"),
}
KINDS: Mapping[str, str] = {
    "SUBMIT": _("请求付款"),
    "QUERY": _("查询结果"),
    "NOTICE": _("支付机构的通知"),
    "ABNORMAL": _("请求改付"),
    "ABNORMAL_SHOP": _("请求退到商家的卡"),
    "RETURN": _("请求回补垫付"),
    "RETURN_QUERY": _("查询回补"),
}
OUTCOMES: Mapping[str, str] = {
    "SUCCESS": _("成功"),
    "PROCESSING": _("处理中"),
    "ABNORMAL": _("原账户收不了款"),
    "CLOSED": _("已关闭，没有付出"),
    "REFUSED": _("拒绝"),
    "NOT_ENOUGH": _("付款账户余额不足"),
    "BUSY": _("没有受理，稍后再来"),
    "NOT_FOUND": _("没有这个编号"),
    "UNKNOWN": _("不明，可能已经付出"),
    "": _("没有等到应答"),
}
