"""What helps to prove what, by reason. Nothing of it is required."""

from __future__ import annotations

from portal.errors import sentence as _

_BY_REASON: dict[str, tuple[str, ...]] = {
    "P01_MATERIAL": (_("吊牌或成分标签的照片"), _("商品正面的照片")),
    "P03_SPEC_SIZE": (_("吊牌、标签或量尺的照片"), _("商品正面的照片")),
    "P04_COLOUR": (_("自然光下的照片"), _("详情页颜色的截图")),
    "P07_PRICE_PROMISE": (_("下单页价格的截图"), _("其他渠道价格的截图")),
    "P08_GIFT": (_("收到的全部物品的照片"), _("与客服的聊天记录")),
    "P09_AFTERSALE_PROMISE": (_("与客服的聊天记录"), _("申请售后的截图")),
    "Q01_DAMAGED": (_("外包装的照片"), _("面单的照片"), _("破损处的照片")),
    "Q02_MALFUNCTION": (_("故障时的视频"),),
    "Q03_COUNTERFEIT": (_("防伪标、细节的照片"), _("鉴定报告（如有）")),
    "F04_WRONG_ITEM": (_("收到的商品和面单的照片"), _("开箱视频")),
    "F05_MISSING": (_("开箱视频"), _("包裹称重的照片")),
    "F06_TRANSIT_DAMAGE": (_("外包装的照片"), _("面单的照片"), _("破损处的照片")),
}
_BY_GROUP: dict[str, tuple[str, ...]] = {
    "P": (_("实物或标签的照片"), _("与客服的聊天记录")),
    "Q": (_("问题处的照片或视频"), _("外包装和面单的照片")),
    "F": (_("物流页的截图（系统也会查物流）"),),
    "S": (_("与客服的聊天记录"),),
    "N": (_("商品现状的照片"), _("申请退货被拒的截图")),
    "R": (_("付款页的截图"),),
    "G": (_("退款进度的截图（系统也会查退款）"),),
}
_ANYTHING = (_("能说明问题的照片或截图"),)


def helpful(reason_code: str) -> tuple[str, ...]:
    """Sentences to translate, the most useful first."""
    return _BY_REASON.get(reason_code) or _BY_GROUP.get(reason_code[:1], _ANYTHING)
