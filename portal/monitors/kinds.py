"""What an item can be about: its name, how long its owner has, whether a buyer waits meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from portal.errors import sentence as _

SOON = timedelta(minutes=30)
HOURS = timedelta(hours=4)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Kind:
    """`patience`: from opening to the first escalation. `advice`: what to look at first."""

    label: str
    patience: timedelta
    buyer_waits: bool
    advice: str


KINDS: dict[str, Kind] = {
    "NO_CALL": Kind(
        _("结论后一直没有发出退款"),
        SOON,
        True,
        _("看后台进程是否在运行，付款开关和限额是否挡住了它。"),
    ),
    "UNKNOWN_TOO_LONG": Kind(
        _("支付机构迟迟没有最后结果"),
        SOON,
        True,
        _("系统会继续查询，不会换编号重发。可以联系支付机构核实。"),
    ),
    "PAST_PROMISE": Kind(
        _("过了承诺的到账时间"),
        DAY,
        True,
        _("凭退款流水号请支付机构查询银行入账。"),
    ),
    "AMOUNT_DIFFERS": Kind(
        _("金额与结论不一致"),
        HOURS,
        False,
        _("核对支付机构原始应答和对账单，不要补记差额。"),
    ),
    "ROUTE_DIFFERS": Kind(
        _("没有原路退回"),
        DAY,
        False,
        _("告诉买家钱退到了哪里，核对是否符合原路优先。"),
    ),
    "WAIT_USER_CONFIRM": Kind(
        _("收款人还没有在微信里确认收款"),
        HOURS,
        False,
        _("这里不能给收款人看确认页。24 小时没有确认，微信会关闭转账，之后由两人线下付款并登记。"),
    ),
    "FUNDING_DIFFERS": Kind(
        _("出钱的不是申请时定的一方"),
        DAY,
        False,
        _("支付机构说用了另一方的钱。商家自己出的，账已经改过来，不要再向商家追回。"),
    ),
    "DEPOSIT_LOW": Kind(
        _("商家保证金低于下限"),
        3 * DAY,
        False,
        _("通知商家补足；不足部分由平台先行赔付。"),
    ),
    "RECOUP_OVERDUE": Kind(
        _("先行赔付逾期没有追回"),
        3 * DAY,
        False,
        _("向商家追偿，收到后登记凭证。"),
    ),
    "RETURN_FAILED": Kind(
        _("支付机构没有回补垫付"),
        DAY,
        False,
        _("看原因，然后在追偿页再请求一次，或者由店铺转账、从货款里扣。"),
    ),
    "ORPHAN_ROW": Kind(
        _("账单里有一笔没有结论的退款"),
        DAY,
        False,
        _(
            "查明是谁退的。可能是平台自己退的，也可能是不该退的钱。查明后在那一天的对账里了结；这里不会把它记成本系统的退款。"
        ),
    ),
    "MISSING_ROW": Kind(
        _("账单里没有这笔已成功的退款"),
        DAY,
        False,
        _("凭编号请支付机构核实，必要时记为撤回。"),
    ),
    "BILL_LATE": Kind(
        _("对账单没有按时出来"),
        DAY,
        False,
        _("系统每小时再取一次，也可以手工导入。"),
    ),
    "BILL_BROKEN": Kind(
        _("对账单的摘要或合计不符"),
        DAY,
        False,
        _("重新下载；再不符就联系支付机构。"),
    ),
    "REFUSED": Kind(
        _("支付机构拒绝退款"),
        HOURS,
        True,
        _("看拒绝的原因，改走先行赔付或线下付款。"),
    ),
    "ABNORMAL": Kind(
        _("钱退不进买家账户"),
        DAY,
        True,
        _("请买家提供一张银行卡；没有就退到商家的卡，再转账付给买家。"),
    ),
    "CLOSED": Kind(
        _("支付机构关闭了退款"),
        HOURS,
        True,
        _("确认付款账户余额，系统会用新编号重新付款。"),
    ),
    "NOT_ENOUGH": Kind(
        _("付款账户余额不足"),
        DAY,
        True,
        _("请商家充值；等不及就先行赔付。七天不补会被关闭。"),
    ),
    "REVERSED": Kind(
        _("已成功的退款被撤回"),
        HOURS,
        True,
        _("在支付机构处理这一笔：已关闭的，决定再付后用新编号；改付成功的，记为线下付款。"),
    ),
    "FORGED_NOTICE": Kind(
        _("收到无法验证的支付通知"),
        DAY,
        False,
        _("没有据此做任何事。查来源地址，必要时更换密钥。"),
    ),
    "UNKNOWN_NUMBER": Kind(
        _("通知里的付款编号不存在"),
        DAY,
        False,
        _("没有据此做任何事。核对是否有别的系统共用商户号。"),
    ),
    "PLATFORM_OVERLAP": Kind(
        _("平台另外退过款，合计超过实付"),
        HOURS,
        True,
        _("核对平台的退款记录。买家已经拿到这笔钱的，由两位管理员了结；还差的，请平台先退足。"),
    ),
    "INVARIANT_BROKEN": Kind(
        _("一条资金规则被打破"),
        HOURS,
        False,
        _("先停付款开关，再看检查的例子。"),
    ),
    "ANSWERS_LOST": Kind(
        _("支付机构的原始应答不在数据库里"),
        DAY,
        False,
        _(
            "恢复过旧的数据库：先把这一天和账单重新核对，再写明原因了结。没有恢复过：先停付款开关，"
            "查这些步骤是怎么记下的。"
        ),
    ),
    "NOT_AVAILABLE": Kind(
        _("这个支付渠道还不能自动付款"),
        HOURS,
        True,
        _("改走赔付通道或线下付款，凭证由两人确认。"),
    ),
    "RECORD_DIFFERS": Kind(
        _("账目与存证不一致"),
        HOURS,
        False,
        _("先停付款开关，运行 mingan verify 找出差别。"),
    ),
    "STATE_DIFFERS": Kind(
        _("账单状态与系统不一致"),
        HOURS,
        False,
        _("以支付机构为准，系统会重新查询。"),
    ),
    "WEBHOOK_OFF": Kind(
        _("平台的通知地址长期不通"),
        3 * DAY,
        False,
        _("请平台修好地址，再重新启用并补发。"),
    ),
}

STATES: dict[str, str] = {
    "OPEN": _("待处理"),
    "TAKEN": _("处理中"),
    "RESOLVED": _("已了结"),
}
OWNERS: dict[str, str] = {"OPERATOR": _("运营"), "ASSOCIATION": _("运营，消费者协会已知情")}
STEPS: dict[str, str] = {
    "OPENED": _("发现"),
    "TAKEN": _("有人接手"),
    "REMINDED": _("逾期，已提醒"),
    "OFFERED": _("逾期，可以先行赔付"),
    "RAISED": _("再次逾期，消费者协会可见"),
    "ADVANCED": _("改为平台先行赔付"),
    "CURED": _("原因已消除"),
    "RESOLVED": _("已了结"),
}
