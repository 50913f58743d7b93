"""Where the operator can go from the first page about money; what is not installed is left out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for
from flask_babel import lazy_gettext as _

from portal.house import house


@dataclass(frozen=True)
class Way:
    href: str
    title: str
    note: str


_WAYS = (
    ("monitors.items", _("待处理事项"), _("每一项有人负责、有期限，逾期自动升级")),
    ("controls.approvals", _("大额批准"), _("超过限额的付款由两个人批准")),
    ("controls.controls", _("限额和付款开关"), _("每天的上限，批准额度，按支付机构暂停付款")),
    ("reconciling.days", _("对账"), _("每天把支付机构的账单和存证、日记账逐笔核对")),
    ("books.trial", _("账目"), _("各账户的余额，合计为零")),
    ("books.recoups", _("先行赔付追偿"), _("平台垫付的钱，什么时候收回")),
)


def ways() -> tuple[Way, ...]:
    """With the simulator's own page where the providers are simulated by a process of its own."""
    here = [
        Way(url_for(name), str(title), str(note))
        for name, title, note in _WAYS
        if name in current_app.view_functions
    ]
    payments = house().config.payments
    if payments is not None and payments.simulated and payments.admin:
        page = payments.admin.removesuffix("/simulator") + "/"
        here.append(Way(page, str(_("模拟支付机构")), str(_("看它收到了什么，制造故障"))))
    return tuple(here)


def movement_href(refund_no: str) -> str | None:
    """The operator's page of one movement."""
    name = "controls.movement"
    known = bool(refund_no) and name in current_app.view_functions
    return url_for(name, refund_no=refund_no) if known else None
