"""The closed lists of the docket, each code with its Chinese label."""

from __future__ import annotations

from portal.errors import sentence as _

FLAGS: dict[str, str] = {
    "CANVASSING": _("拉票"),
    "BRIBE_OFFER": _("许诺好处"),
    "VOTE_LEAK": _("泄露或打听投票"),
    "SPEED_VOTE": _("没看就投"),
    "COLLUSION_PATTERN": _("几个人串通"),
    "THREAT": _("威胁、骚扰"),
    "FAKE_EVIDENCE": _("假凭证"),
    "SERIAL_CLAIM": _("反复恶意投诉"),
    "RETURN_SWAP": _("退货调包"),
    "GOOD_REVIEW_BRIBE": _("好评返现、改评换钱"),
}
PARTIES: dict[str, str] = {"BUYER": _("买家"), "MERCHANT": _("商家")}
FINDINGS: dict[str, str] = {
    "FOUNDED": _("成立"),
    "UNFOUNDED": _("不成立"),
    "UNCLEAR": _("查不清"),
}
ACTIONS: dict[str, str] = {
    "NONE": _("不作处理"),
    "WARN": _("提醒"),
    "PAUSE": _("暂停抽选"),
    "REMOVE": _("移出评审库"),
    "VOID_PANEL": _("作废这次评审"),
}
STATES: dict[str, str] = {
    "OPEN": _("等说明"),
    "ANSWERED": _("已说明，等处理"),
    "DECIDED": _("已处理"),
}
ROLES: dict[str, str] = {
    "ANYBODY": _("没有登录的人"),
    "BUYER": _("买家"),
    "MERCHANT": _("商家"),
    "REVIEWER": _("评审员"),
    "PLATFORM": _("平台"),
    "ASSOCIATION": _("消费者协会"),
    "OPERATOR": _("运营"),
}
