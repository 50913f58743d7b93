"""The published rules, by version. A case is decided under the version pinned when it was filed.

Periods follow the vocabulary's table 5.8 (T04, T05, T11, T13, T14, T16, T18); a version never
changes after it took effect, a new one is added.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from portal.errors import sentence as _


@dataclass(frozen=True)
class Clause:
    number: int
    text: str


@dataclass(frozen=True)
class Rules:
    """One version: how long each clock runs, and the clauses."""

    version: str
    clocks: dict[str, timedelta]
    clauses: tuple[Clause, ...]
    periods: dict[str, timedelta] = field(default_factory=dict)  # of obligations, by what is owed

    def clause(self, number: int) -> str:
        """The citation of a clause: version and number."""
        return f"{self.version}#{number}"


CURRENT = Rules(
    version="2026-12",
    clocks={
        "MERCHANT_RESPOND": timedelta(hours=24),
        "BUYER_DECIDE": timedelta(hours=48),
        "SEATING": timedelta(hours=12),
        "SEATING/REPLACED": timedelta(hours=6),
        "DELIBERATION": timedelta(hours=48),
        "DELIBERATION/FAST": timedelta(hours=24),
        "DELIBERATION/APPEAL": timedelta(hours=72),
        "DELIBERATION/REPLACED": timedelta(hours=24),
        "OFFICER_DECIDE": timedelta(hours=72),
        "APPRAISAL": timedelta(days=21),
        "CONFIRM_STATUTORY": timedelta(hours=72),
        "APPEAL_WINDOW": timedelta(days=7),
        "APPEAL_EVIDENCE": timedelta(hours=48),
        "RETURN_GOODS": timedelta(days=7),
        "RETURN_INSPECT": timedelta(days=10),
        "RETURN_ANSWER": timedelta(hours=48),
        "RETURN_JUDGE": timedelta(hours=72),
    },
    periods={
        "OBLIGATION": timedelta(days=7),
        "OBLIGATION/REPAIR": timedelta(days=15),
        "OBLIGATION/COUPON_RESTORE": timedelta(days=3),
        "OBLIGATION/CORRECT_LISTING": timedelta(days=3),
        "OBLIGATION/APOLOGY": timedelta(days=3),
        # Fifteen days on the way, where nobody reports a delivery, and seven to look at it.
        "SHIPPED": timedelta(days=22),
        "DELIVERED": timedelta(days=7),
        "DONE": timedelta(days=7),
        "JUDGE": timedelta(hours=72),
    },
    clauses=(
        Clause(
            1,
            _(
                "主播在直播中对商品的说明，视为商家对商品的承诺。口播与详情页不一致的，以口播为准，除非口播明确指向其他商品。"
            ),
        ),
        Clause(2, _("直播中作出的更正只对它所更正的商品和说法有效。")),
        Clause(
            3, _("商家应当在 24 小时内答复。逾期没有答复的，按现有材料支持买家有记录依据的诉求。")
        ),
        Clause(4, _("协商方案由买家决定是否接受；不接受的转入评审，协商内容不给评审员看。")),
        Clause(5, _("评审员由公开可复算的抽签产生，买卖双方代表人数相等，至少有一名行业专家。")),
        Clause(
            6,
            _(
                "作出判断的票数达到席位三分之二才能计票；支持与不支持以多数为准，金额取判断票的下中位数，不超过买家的请求。"
            ),
        ),
        Clause(
            7,
            _(
                "退款不超过买家实付且尚未退还的金额，原路退回；需要退货的，商家验收或者期限届满后退款。"
            ),
        ),
        Clause(8, _("商家承诺的赔付高于法定标准的，按承诺执行；超过实付部分记为应付，另行支付。")),
        Clause(9, _("法定惩罚性赔偿需要席位三分之二同意，并由专员确认。")),
        Clause(
            10, _("本结论不是法院判决或仲裁裁决，不影响任何一方向 12315 投诉、申请调解或者起诉。")
        ),
        Clause(
            11,
            _(
                "评审没有得出多数意见的，由专员在 72 小时内写明理由作出结论，或者委托检测鉴定。"
                "专员不能单独决定法定惩罚性赔偿。"
            ),
        ),
        Clause(
            12,
            _(
                "主张没有得到全部支持的一方，可以在结论作出后 7 天内申请复核，每件只有一次；"
                "对方有 48 小时补充凭证和回应。"
                "复核由 15 位没有参与过本案的评审员进行，结论是最终的；"
                "复核没有多数意见的，原结论维持。"
                "期满没有人申请或者有权申请的各方都接受的，结论才执行。"
            ),
        ),
        Clause(
            13,
            _(
                "选票封给三位保管人，存证里记下投票结束之后，由其中两位一起打开，任何一位都不能单独打开。没有保管人时由服务器封存，页面如实写明。"
            ),
        ),
        Clause(
            14,
            _(
                "责任比例取判断票里各方比例的下中位数，再折算成合计百分之百。它说明责任由谁承担，不改变退款金额。"
            ),
        ),
        Clause(
            15,
            _(
                "商家可以在验收期内对退回的商品提出异议，写明问题；买家有 48 小时回应一次；"
                "专员在 72 小时内写明理由，决定全部退款、退一部分或者不退款。"
                "商家收到退货的，退款最迟在收到之日起 7 天内作出。"
            ),
        ),
        Clause(
            16,
            _(
                "换货、维修、补寄、赠品、券和积分、更正、公开说明和致歉，由商家或者平台在页面写明的期限内履行。"
                "买家可以确认或者提出异议，没有表示的，期满视为已履行。"
                "没有履行的，有价的改为退款，没有价的公开记录。"
            ),
        ),
        Clause(
            17,
            _(
                "退货运费由有责任的一方承担：结论或者和解写明由商家承担的，由商家承担；"
                "定了责任比例的，按买家以外各方的比例；七天无理由退货由买家承担；其余由商家承担。"
                "没有单据的最多 50 元，有单据的最多 500 元。"
            ),
        ),
    ),
)

VERSIONS: dict[str, Rules] = {CURRENT.version: CURRENT}
