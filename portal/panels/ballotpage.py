"""What a ballot's page tells its script: the panel to seal for, the limits, words for faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from flask import url_for
from flask_babel import gettext

from portal.cases.state import Case
from portal.errors import sentence as _
from portal.panels.desk import REFUSALS, HeldSeat
from portal.panels.rules import claimed_of
from portal.panels.sealing import context_of
from portal.words import LIABLE
from reviewers.parties import PARTIES
from reviewers.remedies import WITHOUT_MONEY

FAULTS: Mapping[str, str] = {
    **REFUSALS,
    "NOT_OPENED": _("请先打开下面的凭证看过，填好的内容不会丢"),
    "NO_CHOICE": _("请选择你的判断"),
    "BAD_AMOUNT": _("请写金额，例如 260 或 260.50"),
    "BAD_SHARE": _("请写百分数，例如 60 或 33.33"),
    "BAD_MOMENT": _("请按 分:秒 填写，例如 00:55"),
}
SAYS: Mapping[str, str] = {
    "sealing": _("正在你的浏览器里封存"),
    "sending": _("正在提交，封签"),
    "lost": _("没有收到答复，填好的内容还在。请再按一次，同一张票不会计两次。"),
    "differs": _("服务器答复的封签和这里算出的不同。请不要关闭本页，联系消费者协会。"),
}
NAMES: Mapping[str, str] = {
    "choice": _("你的判断"),
    "amount": _("退款"),
    "compensation": _("赔付"),
    "reasons": _("依据"),
    "citations": _("引用"),
    "liability": _("责任怎么分"),
    "text": _("理由"),
}


@dataclass(frozen=True)
class Gate:
    """Which exhibits must be opened before a ballot is taken, and which have been."""

    required: tuple[str, ...]
    opened: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(number for number in self.required if number not in self.opened)


def gate_of(case: Case, opened: tuple[str, ...]) -> Gate:
    return Gate(case.called.required if case.called else (), opened)


def told_to_script(held: HeldSeat) -> dict[str, object]:
    """As plain JSON values for js/seal.js."""
    case, seat = held.case, held.seat.number
    assert case.called is not None, "a ballot without a panel"
    assert case.drawn is not None, "a ballot without a panel"
    claimed = claimed_of(case.called).as_fields()
    return {
        "seat": seat,
        "context": asdict(context_of(case, seat)),
        "trustees": [{"name": each.name, "key": each.key} for each in case.drawn.trustees],
        "claimed": claimed | {"without_money": sorted(WITHOUT_MONEY)},
        "parties": PARTIES,
        "party_names": _said({party: LIABLE[party] for party in PARTIES}),
        "send_to": url_for("ballots.take", case_no=case.claim.case_no),
        "faults": _said(FAULTS),
        "says": _said(SAYS),
        "names": _said(NAMES),
    }


def _said(texts: Mapping[str, str]) -> dict[str, str]:
    return {code: gettext(text) for code, text in texts.items()}
