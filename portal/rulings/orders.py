"""From a decision to the orders that carry it out; shared by settlement, default and panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.cases.state import Case
from portal.errors import sentence as _
from portal.events import (
    CaseClosed,
    Event,
    ExecutionOrdered,
    Owed,
    Reason,
    Remedy,
    RulingIssued,
    SettlementReached,
    StatutoryConfirmed,
)
from portal.obligations.ordering import obligations_of
from portal.rulebook import VERSIONS
from portal.timers import start_clock
from portal.words import IN_KIND, REFUNDS, STATUTORY


def settle(case: Case, remedies: Sequence[Remedy], now: datetime) -> tuple[Event, ...]:
    """Both sides agree: the agreed remedies are ordered at once."""
    ruling = RulingIssued(
        outcome="SETTLED",
        basis="SETTLEMENT",
        remedy=_leading(remedies),
        refund_fen=refund_of(remedies),
        return_goods=any(r.code == "REFUND_RETURN" for r in remedies),
        owed=owed_of(remedies),
        reasons=(Reason(_("双方对处理方案达成一致。")),),
        clause=VERSIONS[case.claim.rules_version].clause(4),
        counts={},
    )
    return (SettlementReached(remedies=tuple(remedies)), ruling, *execute(case, ruling, now))


def default(case: Case, now: datetime) -> tuple[Event, ...]:
    """The merchant stayed silent: decided on the file, as far as the record supports the claim."""
    granted = _supported(case, [r for r in case.claim.remedies if r.code not in STATUTORY])
    ruling = RulingIssued(
        outcome="DEFAULT_UPHELD" if granted else "REJECTED",
        basis="DEFAULT",
        remedy=_leading(granted) if granted else "DISMISS",
        refund_fen=refund_of(granted),
        return_goods=any(r.code == "REFUND_RETURN" for r in granted),
        owed=owed_of(granted),
        reasons=_default_reasons(case) if granted else (*_default_reasons(case), _UNSUPPORTED),
        clause=VERSIONS[case.claim.rules_version].clause(3),
        counts={},
    )
    return (ruling, *execute(case, ruling, now))


_UNSUPPORTED = Reason(_("只凭现有记录，不能支持这些诉求。"))


def _leading(remedies: Sequence[Remedy]) -> str:
    """The refund, whatever comes first, names the ruling."""
    return next((r.code for r in remedies if r.code in REFUNDS), remedies[0].code)


def _supported(case: Case, remedies: Sequence[Remedy]) -> list[Remedy]:
    """Silence proves neither a promise nor a loss: a promised penalty is granted up to what a
    recorded promise says, any other sum beyond the refund up to the price paid."""
    price = sum(line.paid_fen for line in case.claim.lines)
    times = max((p.multiplier or 0 for p in case.claim.promises if not p.correction), default=0)
    promised = {"CONTRACT_PENALTY": times * price}
    capped = [_capped(r, promised.get(r.code, price)) for r in remedies]
    return [r for r in capped if r.amount_fen != 0]


def _capped(remedy: Remedy, ceiling: int) -> Remedy:
    if remedy.amount_fen is None or remedy.code in REFUNDS:
        return remedy
    return Remedy(code=remedy.code, amount_fen=min(remedy.amount_fen, ceiling))


def _default_reasons(case: Case) -> tuple[Reason, ...]:
    said = tuple(
        Reason(_("主播的承诺有直播记录。"), (f"{p.start_ms / 1000:.3f}",))
        for p in case.claim.promises
        if not p.correction
    )
    shown = tuple(x.number for x in case.exhibits if x.side == "BUYER")
    filed = (Reason(_("买家提交的凭证在案。"), shown),) if shown else ()
    return (Reason(_("商家在期限内没有答复。")), *said, *filed)


def execute(case: Case, ruling: RulingIssued, now: datetime) -> tuple[Event, ...]:
    """Money moves and goods are owed only by an order; a decision that orders nothing closes the
    case."""
    in_kind = obligations_of(case, ruling, now)
    orders = (*_refund_order(case, ruling), *payout_order(case, ruling, case.statutory))
    if ruling.return_goods:
        return (*orders, *in_kind, start_clock("RETURN_GOODS", now, case.claim.rules_version))
    if not orders and case.statutory is None and not all(o.confirmed for o in ruling.owed):
        return (*in_kind, start_clock("CONFIRM_STATUTORY", now, case.claim.rules_version))
    return (*orders, *in_kind) or (CaseClosed(reason="NO_MOVEMENT"),)


def _refund_order(case: Case, ruling: RulingIssued) -> tuple[ExecutionOrdered, ...]:
    if not ruling.refund_fen:
        return ()
    return (order(case, "n1", ruling.refund_fen, return_first=ruling.return_goods),)


def payout_order(
    case: Case, ruling: RulingIssued, statutory: StatutoryConfirmed | None
) -> tuple[ExecutionOrdered, ...]:
    """One order for all the money granted beyond the price; it waits whole for an officer's word on
    a statutory part, since a ruling has one payout."""
    granted = [o for o in ruling.owed if o.amount_fen and o.code not in IN_KIND]
    if statutory is None and not all(o.confirmed for o in granted):
        return ()
    amount_fen = sum(
        o.amount_fen or 0 for o in granted if o.confirmed or (statutory and statutory.confirmed)
    )
    if not amount_fen:
        return ()
    return (order(case, "p1", amount_fen, rail="PAYOUT"),)


def order(
    case: Case, line: str, amount_fen: int, rail: str = "REFUND", *, return_first: bool = False
) -> ExecutionOrdered:
    """EXECUTION_ORDERED of one movement on the claim's payment; `line`: which of the case's."""
    payment = case.claim.payment
    return ExecutionOrdered(
        refund_no=movement_number(case.claim.case_no, line),
        amount_fen=amount_fen,
        payment_id=payment.payment_id,
        channel=payment.channel,
        return_first=return_first,
        rail=rail,
    )


def movement_number(case_no: str, line: str) -> str:
    """R, the case, which movement of it: with an attempt behind it at most 32 letters and digits,
    which every provider takes."""
    return f"R{''.join(c for c in case_no if c.isalnum())}{line}"


def refund_of(remedies: Sequence[Remedy]) -> int:
    return sum(r.amount_fen or 0 for r in remedies if r.code in REFUNDS)


def owed_of(remedies: Sequence[Remedy]) -> tuple[Owed, ...]:
    """What was granted beyond the refund: recorded as owed, with or without an amount."""
    return tuple(
        Owed(code=r.code, amount_fen=r.amount_fen, confirmed=r.code not in STATUTORY)
        for r in remedies
        if r.code not in REFUNDS
    )
