"""What movements of money are called: channels, kinds, states, routes and whose money it is."""

from __future__ import annotations

from portal.errors import sentence as _

CHANNELS: dict[str, str] = {
    "wechat": _("微信支付"),
    "alipay": _("支付宝"),
    "unionpay": _("银联"),
    "douyin": _("抖音支付"),
    "stripe": _("Stripe"),
    "balance": _("平台余额"),
}
RAILS: dict[str, str] = {"REFUND": _("退款"), "PAYOUT": _("赔付"), "FREIGHT": _("退货运费")}
# Where a movement of money stands: a list's few words for each state.
MOVEMENTS: dict[str, str] = {
    "PLANNED": _("等待付款"),
    "RESERVED": _("款项已留出"),
    "SUBMITTED": _("已提交支付机构"),
    "PROCESSING": _("支付机构已受理"),
    "SUCCESS": _("支付机构已付款"),
    "ARRIVED": _("已到账"),
    "CLOSED": _("支付机构已关闭"),
    "ABNORMAL": _("原账户收不了款"),
    "REFUSED": _("支付机构拒绝"),
    "REVERSED": _("付款被撤回"),
    "CANCELLED": _("不再付款"),
}
ROUTES: dict[str, str] = {
    "ORIGINAL": _("原路退回"),
    "BALANCE": _("退到支付机构的余额，不是原来的付款账户"),
    "OTHER_BALANCE": _("退到另一个余额账户，不是原来的付款账户"),
    "OTHER_BANKCARD": _("退到另一张银行卡，不是原来的付款账户"),
    "OFFLINE": _("线下付款，不经过支付机构"),
}
FUNDING: dict[str, str] = {
    "MERCHANT_PAYABLE": _("商家货款"),
    "MERCHANT_DEPOSIT": _("商家保证金"),
    "PLATFORM_ADVANCE": _("平台先行赔付"),
}
