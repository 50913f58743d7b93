"""What accounts and lines of the books are called."""

from __future__ import annotations

from collections.abc import Mapping

from portal.errors import sentence as _

ACCOUNTS: Mapping[str, str] = {
    "merchant_payable": _("货款"),
    "merchant_deposit": _("保证金"),
    "recoup_receivable": _("垫付待还"),
    "platform_advance": _("平台垫付"),
    "buyer_refund": _("留给买家"),
    "provider_clearing": _("支付机构付出"),
}
# What an account's balance says, for whoever reads it the first time.
MEANINGS: Mapping[str, str] = {
    "merchant_payable": _("负数是从店铺货款里退给买家、或记下要还平台的钱"),
    "merchant_deposit": _("负数是从保证金里付出的钱"),
    "recoup_receivable": _("平台先付了，店铺还没有还的钱"),
    "platform_advance": _("负数是平台先付、还没有收回的钱"),
    "buyer_refund": _("已经留出、还没有付到买家手里的钱"),
    "provider_clearing": _("支付机构已经付给买家的钱"),
}
KINDS: Mapping[str, str] = {
    "RESERVED": _("留出"),
    "ADVANCED": _("垫付记欠"),
    "RELEASED": _("退回留款"),
    "PAID": _("付出"),
    "REVERSED": _("付出后被退回"),
    "RECOUPED": _("追偿收回"),
}
HOWS: Mapping[str, str] = {
    "TRANSFER": _("店铺转账"),
    "WITHHELD": _("从货款里扣"),
    "PROVIDER": _("支付机构回补"),
}
RETURNS: Mapping[str, str] = {
    "WANTED": _("有人要求回补"),
    "ASKED": _("已请支付机构回补，等结果"),
    "DONE": _("已回补"),
    "FAILED": _("没有回补成"),
}
PROVIDERS: Mapping[str, str] = {
    "wechat": _("微信支付"),
    "alipay": _("支付宝"),
    "douyin": _("抖音支付"),
    "balance": _("平台余额"),
    "unionpay": _("银联"),
    "outside": _("支付机构之外"),
    "offline": _("线下付款"),
}
