"""The closed lists that people choose from, each code with its Chinese label (the message id).

A list grows only with a reason written beside it. English labels are in the catalogue.
"""

from __future__ import annotations

from portal.errors import sentence as _
from portal.moneywords import CHANNELS as CHANNELS
from portal.moneywords import FUNDING as FUNDING
from portal.moneywords import MOVEMENTS as MOVEMENTS
from portal.moneywords import RAILS as RAILS
from portal.moneywords import ROUTES as ROUTES

REASONS: dict[str, str] = {
    "P01_MATERIAL": _("材质或成分和主播说的不一样"),
    "P02_FUNCTION": _("功能或性能不符"),
    "P03_SPEC_SIZE": _("规格、尺寸或数量不符"),
    "P04_COLOUR": _("色差"),
    "P05_ORIGIN": _("产地、品牌或资质不符"),
    "P06_EFFICACY": _("功效夸大"),
    "P07_PRICE_PROMISE": _("价格、最低价承诺没兑现"),
    "P08_GIFT": _("赠品、福袋或免单没兑现"),
    "P09_AFTERSALE_PROMISE": _("售后或赔付承诺没兑现"),
    "P10_AI_OR_IMPERSONATION": _("AI 主播或冒充宣传"),
    "P11_WRONG_SELLER": _("没有标明实际销售者"),
    "Q01_DAMAGED": _("收到就是坏的"),
    "Q02_MALFUNCTION": _("功能异常、无法使用"),
    "Q03_COUNTERFEIT": _("怀疑是假货"),
    "Q04_SPOILED": _("腐烂变质（生鲜）"),
    "Q05_EXPIRED": _("过期或临期未告知"),
    "Q06_SAFETY": _("有安全隐患、不符合标准"),
    "Q07_BATCH": _("批次质量问题"),
    "F01_NOT_RECEIVED": _("没有收到货"),
    "F02_SIGNED_NOT_RECEIVED": _("显示签收但没收到"),
    "F03_LATE": _("发货或物流延误"),
    "F04_WRONG_ITEM": _("发错货"),
    "F05_MISSING": _("少件、漏发或空包"),
    "F06_TRANSIT_DAMAGE": _("运输损坏"),
    "F07_OUT_OF_STOCK": _("缺货、砍单"),
    "S01_PROMISE_NOT_KEPT": _("客服承诺没兑现"),
    "S02_ATTITUDE": _("态度恶劣或骚扰"),
    "S03_NO_RESPONSE": _("商家不回应"),
    "S04_MISLEADING_GUIDE": _("客服误导、引导站外交易"),
    "N01_DISLIKE": _("不喜欢、效果不好"),
    "N02_WRONG_ORDER": _("多拍、错拍"),
    "N03_SIZE_FIT": _("尺寸不合适"),
    "N04_IMPULSE": _("冲动消费后悔"),
    "N05_NO_REASON_REFUSED": _("七天无理由，商家不给退"),
    "N06_INTACT_DISPUTE": _("对商品是否完好有争议"),
    "R01_OVERCHARGE": _("多收或重复扣款"),
    "R02_PRICE_DROP": _("价保差额"),
    "R03_COUPON": _("优惠券、满减或定金问题"),
    "R04_FREIGHT": _("运费争议"),
    "G01_REFUND_DELAY": _("说好退款却没到"),
    "G02_REFUND_AMOUNT": _("退款金额不对"),
    "G03_RETURN_REJECTED": _("退货被拒收或掉包争议"),
    "L01_PROHIBITED": _("禁售品"),
    "L02_MINOR": _("未成年人下单"),
    "M01_SWAP": _("退货调包、使用后退货"),
    "M02_FALSE_CLAIM": _("虚假售后、恶意退款"),
    "X01_OTHER": _("其他（请写明）"),
}

# Groups of the first page of a claim, in the order in which livestream buyers need them.
REASON_GROUPS: dict[str, tuple[str, ...]] = {
    _("和直播说的不一样"): tuple(c for c in REASONS if c.startswith("P")),
    _("商品质量"): tuple(c for c in REASONS if c.startswith("Q")),
    _("发货与收货"): tuple(c for c in REASONS if c.startswith("F")),
    _("退款、价格与服务"): tuple(c for c in REASONS if c[0] in "GRS"),
    _("无理由退货"): tuple(c for c in REASONS if c.startswith("N")),
    _("其他"): ("L01_PROHIBITED", "L02_MINOR", "X01_OTHER"),
}

REMEDIES: dict[str, str] = {
    "REFUND_RETURN": _("退货退款"),
    "REFUND_ONLY": _("仅退款（不退货）"),
    "PARTIAL_REFUND": _("退一部分"),
    "PRICE_ADJUST": _("退差价"),
    "REPLACE": _("换货"),
    "REPAIR": _("维修"),
    "RESHIP_MISSING": _("补寄"),
    "REPLACE_NO_RETURN": _("换货不退旧"),
    "GIFT_DELIVER": _("补发赠品"),
    "GIFT_VALUE": _("赠品折价"),
    "COMPENSATE": _("赔偿实际损失"),
    "CONTRACT_PENALTY": _("按主播承诺赔付"),
    "STATUTORY_TRIPLE": _("退一赔三（法定）"),
    "STATUTORY_TENFOLD": _("食品十倍赔偿（法定）"),
    "FREIGHT_OUT": _("发货运费"),
    "FREIGHT_RETURN": _("退货运费由商家承担"),
    "QC_FEE": _("检测鉴定费"),
    "DEPOSIT_DOUBLE": _("双倍返还定金"),
    "COUPON_RESTORE": _("退还券或积分"),
    "ADVANCE_PAY": _("先行赔付"),
    "CORRECT_LISTING": _("更正宣传"),
    "PUBLIC_STATEMENT": _("直播间公开说明"),
    "APOLOGY": _("致歉"),
    "DISMISS": _("不支持"),
}

# Owed in kind; SEND_BACK only by an officer's word on a contested return.
IN_KIND: dict[str, str] = {
    **{
        code: REMEDIES[code]
        for code in (
            "REPLACE",
            "REPAIR",
            "RESHIP_MISSING",
            "REPLACE_NO_RETURN",
            "GIFT_DELIVER",
            "COUPON_RESTORE",
            "CORRECT_LISTING",
            "PUBLIC_STATEMENT",
            "APOLOGY",
        )
    },
    "SEND_BACK": _("把商品寄回买家"),
}

REFUNDS = ("REFUND_RETURN", "REFUND_ONLY", "PARTIAL_REFUND", "PRICE_ADJUST")  # capped by the price
STATUTORY = ("STATUTORY_TRIPLE", "STATUTORY_TENFOLD")  # need two thirds and an officer
PENALTIES = ("CONTRACT_PENALTY", *STATUTORY, "COMPENSATE", "GIFT_VALUE", "DEPOSIT_DOUBLE", "QC_FEE")

REFUSALS: dict[str, str] = {
    "AS_SAID": _("与直播所说一致"),
    "OTHER_ITEM": _("买家下单的是另一款"),
    "DELIVERED": _("已按约定发货并签收"),
    "NOT_RESALEABLE": _("商品已影响二次销售"),
    "OUT_OF_SCOPE": _("不在退货范围（已明示）"),
    "OTHER": _("其他（请写明）"),
}

# What a party may doubt about an exhibit of the other side.
CONTESTS: dict[str, str] = {
    "AUTHENTICITY": _("真实性"),
    "LEGALITY": _("来源合法性"),
    "RELEVANCE": _("和本案的关系"),
    "WEIGHT": _("证明力"),
}

CHOICES: dict[str, str] = {
    "SUPPORT_CLAIMANT": _("支持买家"),
    "SUPPORT_RESPONDENT": _("支持商家"),
    "PARTIAL": _("部分支持"),
    "CANNOT_DETERMINE": _("证据不足"),
}

BALLOT_REASONS: dict[str, str] = {
    "PROMISE_PROVED": _("承诺成立"),
    "PROMISE_NOT_PROVED": _("承诺不成立"),
    "DEFECT_PROVED": _("不符成立"),
    "DEFECT_NOT_PROVED": _("不符不成立"),
    "DAMAGE_IN_TRANSIT": _("运输造成"),
    "BUYER_MISUSE": _("买家使用造成"),
    "RULE_FAVOURS_CLAIMANT": _("规则支持买家"),
    "RULE_FAVOURS_RESPONDENT": _("规则支持商家"),
    "ADVERSE_INFERENCE": _("一方不提供，作不利推定"),
    "EVIDENCE_DOUBTFUL": _("凭证可疑"),
    "BOTH_AT_FAULT": _("双方都有责任"),
    "OTHER": _("其他"),
}

OUTCOMES: dict[str, str] = {
    "UPHELD": _("支持买家"),
    "PARTLY_UPHELD": _("部分支持买家"),
    "REJECTED": _("没有支持退款"),
    "SETTLED": _("双方和解"),
    "DEFAULT_UPHELD": _("商家逾期未答复，按买家诉求处理"),
    "REFUSED_TO_RULE": _("无法判定"),
}

# Why a ruling is looked at again.
GROUNDS: dict[str, str] = {
    "NEW_EVIDENCE": _("有新的凭证"),
    "PROCEDURE": _("程序有问题"),
    "PANEL_CONFLICT": _("评审员应当回避"),
    "RULE_MISAPPLIED": _("规则用错了"),
    "CALCULATION": _("金额算错了"),
    "FRAUD": _("有人作假"),
}

STATES: dict[str, str] = {
    "AWAITING_RESPONDENT": _("等商家答复"),
    "NEGOTIATION": _("等买家决定"),
    "PANEL_DRAW": _("正在抽选评审员"),
    "SEATING": _("等评审员就位"),
    "DELIBERATION": _("评审中"),
    "TALLY": _("正在开封"),
    "OFFICER": _("等专员决定"),
    "APPRAISAL": _("检测鉴定中"),
    "APPEAL_WINDOW": _("已有结论，等复核期满"),
    "APPEALED": _("已申请复核，等对方回应"),
    "AWAITING_RETURN": _("等买家寄回"),
    "RETURNING": _("退货途中，等商家验收"),
    "RETURN_DISPUTED": _("退货有异议"),
    "REFUNDING": _("退款中"),
    "FULFILLING": _("等履行"),
    "EXECUTED": _("已退款"),
    "CLOSED": _("已结案"),
}

CLOCKS: dict[str, str] = {
    "MERCHANT_RESPOND": _("到时没有答复，就按现有记录支持买家的诉求。"),
    "BUYER_DECIDE": _("到时没有选择，自动转入评审，诉求不变。"),
    "SEATING": _("到时没有答复的评审员，由候补按抽签顺序接替。"),
    "DELIBERATION": _("到时开封计票；票数不够或者没有多数意见，就由专员决定。"),
    "OFFICER_DECIDE": _("到时还没有决定，会提醒运营和消费者协会，并重新计时。"),
    "APPRAISAL": _("到时没有收到报告，由专员按现有材料决定。"),
    "APPEAL_WINDOW": _("到时没有人申请复核，结论生效并执行。"),
    "APPEAL_EVIDENCE": _("到时没有回应，就按现有材料抽选新的评审员复核。"),
    "CONFIRM_STATUTORY": _("到时还没有确认，会提醒运营和消费者协会，并重新计时。"),
    "RETURN_GOODS": _("到时没有填写单号，视为放弃退货退款。"),
    "RETURN_INSPECT": _("到时没有异议，视为验收通过，自动退款。"),
    "RETURN_ANSWER": _("到时没有回应，由专员按现有材料决定。"),
    "RETURN_JUDGE": _("到时还没有决定，会提醒运营和消费者协会，并重新计时。"),
}

# What is wrong with a parcel that came back.
RETURN_FAULTS: dict[str, str] = {
    "DAMAGED": _("商品有损坏或使用过的痕迹"),
    "OTHER_GOODS": _("退回的不是原来的商品"),
    "EMPTY": _("空包裹"),
    "INCOMPLETE": _("少了商品或配件"),
    "NOT_ARRIVED": _("没有收到包裹"),
}
# The codes that platforms use for the usual carriers; any other is shown as it was written.
CARRIERS: dict[str, str] = {
    "sf": _("顺丰"),
    "zto": _("中通"),
    "yto": _("圆通"),
    "sto": _("申通"),
    "yunda": _("韵达"),
    "jd": _("京东"),
    "ems": _("邮政 EMS"),
    "jtexpress": _("极兔"),
    "deppon": _("德邦"),
}
# What a carrier reports of a parcel, as far as it matters here.
CARRIER_STATES: dict[str, str] = {
    "delivered": _("已签收"),
    "refused": _("已拒收"),
    "returned": _("已退回寄件人"),
    "in_transit": _("运输途中"),
    "exception": _("疑难件"),
    "lost": _("丢失"),
    "unknown": _("查不到"),
}
RETURN_OUTCOMES: dict[str, str] = {
    "FULL": _("全部退款"),
    "PART": _("退一部分"),
    "NONE": _("不退款"),
}
OBLIGATION_STATES: dict[str, str] = {
    "OPEN": _("等履行"),
    "SHIPPED": _("已寄出"),
    "DELIVERED": _("已送达"),
    "DONE": _("已履行，等买家确认"),
    "DISPUTED": _("买家有异议，等专员决定"),
    "OVERDUE": _("逾期没有履行，等专员定价"),
    "MET": _("已履行"),
    "FAILED": _("没有履行"),
}
# What becomes of it when the time is over, by its fallback.
OBLIGATION_ENDS: dict[str, str] = {
    "REFUND": _("到时没有履行，自动改为退款。"),
    "ASSESSED": _("到时没有履行，由专员定价，改为退款。"),
    "NONE": _("到时没有履行，会公开记录为没有履行。"),
}
# What a buyer may say of something that was to be fulfilled.
SHORTFALLS: dict[str, str] = {
    "NOT_RECEIVED": _("没有收到"),
    "NOT_AS_OWED": _("和应当履行的不一样"),
}

EVIDENCE: dict[str, str] = {
    "PHOTO": _("照片"),
    "VIDEO": _("视频"),
    "UNBOXING_VIDEO": _("开箱视频"),
    "REPLAY_FULL": _("直播回放"),
    "REPLAY_CLIP": _("回放片段"),
    "TRANSCRIPT": _("语音转写"),
    "ON_SCREEN_TEXT": _("画面文字"),
    "LIVE_CHAT": _("直播评论"),
    "HOST_NOTICE": _("直播场次记录"),
    "ONAIR_CORRECTION": _("直播更正记录"),
    "DETAIL_SNAPSHOT": _("下单时的详情页"),
    "ORDER_RECORD": _("订单与物流"),
    "PAYMENT_RECORD": _("支付记录"),
    "LOGISTICS_TRACE": _("物流轨迹"),
    "SIGN_PROOF": _("签收凭证"),
    "CARRIER_STATEMENT": _("快递公司的说明"),
    "OUTBOUND_RECORD": _("出库记录"),
    "INSPECTION_RECORD": _("检验记录"),
    "QUALIFICATION": _("资质证书"),
    "LAB_REPORT": _("检测报告"),
    "AUTH_REPORT": _("鉴定报告"),
    "SUPPLY_CHAIN": _("进货凭证"),
    "INVOICE": _("发票"),
    "IM_ARCHIVE": _("聊天记录"),
    "CS_TICKET": _("客服记录"),
    "STATEMENT": _("说明"),
    "OFFICIAL_DOC": _("官方文书"),
}

PROMISES: dict[str, str] = {
    "MATERIAL": _("材质"),
    "FUNCTION": _("功能"),
    "SPEC": _("规格"),
    "SIZE": _("尺寸"),
    "COLOUR": _("颜色"),
    "QUANTITY": _("数量"),
    "ORIGIN": _("产地"),
    "AUTHENTICITY": _("正品"),
    "EFFICACY": _("功效"),
    "PRICE": _("价格"),
    "GIFT": _("赠品"),
    "DELIVERY": _("发货"),
    "WARRANTY": _("质保"),
    "RETURN": _("退换"),
    "COMPENSATION": _("赔付"),
    "ENDORSEMENT": _("资质"),
}

# Who can bear liability, in the order of reviewers.parties.
LIABLE: dict[str, str] = {
    "MERCHANT": _("商家"),
    "ROOM_OPERATOR": _("直播间运营者"),
    "HOST": _("主播"),
    "MCN": _("主播机构（MCN）"),
    "PLATFORM": _("平台"),
    "CARRIER": _("物流"),
    "BRAND": _("品牌方"),
    "BUYER": _("买家"),
}

# Who holds a key of sealed ballots.
HOLDERS: dict[str, str] = {
    "OPERATOR": _("运营方"),
    "ASSOCIATION": _("消费者协会"),
    "THIRD": _("第三方"),
}

SIDES: dict[str, str] = {"BUYER": _("买家"), "MERCHANT": _("商家"), "PLATFORM": _("平台")}
SIDE_LETTERS: dict[str, str] = {"B": _("买"), "M": _("商"), "P": _("台")}
STRATA: dict[str, str] = {
    "BUYER_SIDE": _("买家代表"),
    "MERCHANT_SIDE": _("商家代表"),
    "EXPERT": _("行业专家"),
    "SENIOR_USER": _("资深用户"),
    "ASSOCIATION": _("消协代表"),
}
# Why a reviewer is left out of a draw.
CONFLICTS: dict[str, str] = {
    "SAME_PARTY": _("就是当事人"),
    "RELATIVE": _("当事人的亲属"),
    "EMPLOYMENT": _("与商家有雇佣关系"),
    "SHOP_RELATION": _("与店铺有关系"),
    "PRIOR_BUYER": _("在这家店买过东西"),
    "PRIOR_ROUND": _("参与过本案"),
    "SAME_DEVICE_OR_ADDRESS": _("与当事人同设备或同地址"),
    "COMPETITOR": _("商家的同行对手"),
    "PUBLIC_STATEMENT": _("公开评论过本案"),
    "CONSCIENCE": _("自行回避"),
    "WORKLOAD": _("手上案件太多"),
    "OTHER": _("其他原因"),
}
# Why a panel does not count.
VOIDS: dict[str, str] = {
    "CONFLICT_FOUND": _("评审员与本案有关系"),
    "PROCEDURE": _("程序有误"),
    "INTEGRITY": _("诚信问题"),
    "TRUSTEES_LOST": _("保管人失联，开不了封"),
    "POOL_EXHAUSTED": _("候补评审员用完"),
}
# How a reviewer left a seat.
LEAVING: dict[str, str] = {
    "DECLINED": _("已谢绝"),
    "SILENT": _("没有答复"),
    "RECUSED": _("接受后退出"),
    "REMOVED": _("被移出"),
}
SEATS: dict[str, str] = {
    "INVITED": _("等答复"),
    "ACCEPTED": _("已就位"),
    "VACANT": _("空缺"),
}
CLOSURES: dict[str, str] = {
    "EXECUTED": _("已执行"),
    "NO_MOVEMENT": _("不涉及退款"),
    "ABANDONED": _("买家没有在期限内寄回"),
    "FULFILLED": _("已履行，不涉及退款"),
    "UNFULFILLED": _("没有履行，已公开记录"),
    "COVERED": _("平台已另行退还，没有再付"),
    "RETURN_REFUSED": _("专员对退货作出决定，不退款"),
}
