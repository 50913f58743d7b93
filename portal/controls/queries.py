"""Whether a movement may go now, and what the operator's pages show of limits and approvals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from portal.cases.state import Case
from portal.controls.limits import (
    AUTHORITY_FEN,
    DUAL_FEN,
    EVERYBODY,
    LIMITS,
    SHOP_DAY_FEN,
    STOPPED,
    TOTAL_DAY_FEN,
    subjects_of,
)
from portal.controls.tables import ControlRow
from portal.database import AnySession
from portal.errors import sentence as _
from portal.formats import BEIJING
from portal.refunds.reserving import TOGETHER, Caps, day_of, shop_of
from portal.refunds.state import WITNESSES, Movement
from portal.refunds.tables import DayRow, ReservationRow

GO, NEEDS_APPROVAL, OVER_CAP, IS_STOPPED = "GO", "NEEDS_APPROVAL", "OVER_CAP", "STOPPED"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Verdict:
    """`kind`: GO, NEEDS_APPROVAL, OVER_CAP or STOPPED; `sentence` says it to a person."""

    kind: str
    sentence: str = ""
    missing: int = 0  # approvals
    until: datetime | None = None


def verdict(
    session: AnySession, case: Case, movement: Movement, provider: str, now: datetime
) -> Verdict:
    """Whether the engine may ask for this movement now."""
    values = controls(session, {STOPPED: provider, DUAL_FEN: EVERYBODY, **_of_a_day(case)})
    if values[STOPPED]:
        return Verdict(IS_STOPPED, _("这家支付机构的付款已停，恢复后自动继续。"))
    missing = _missing(movement, values[DUAL_FEN])
    if missing:
        return Verdict(NEEDS_APPROVAL, _("金额较大，等管理员批准。"), missing)
    if _over_cap(session, case, movement, _caps(movement, values), now):
        return Verdict(OVER_CAP, _("到了当天的付款上限，第二天自动继续。"), until=next_day(now))
    return Verdict(GO)


def is_stopped(session: AnySession, provider: str) -> bool:
    return control(session, STOPPED, provider) > 0


def missing_approvals(session: AnySession, movement: Movement) -> int:
    """How many people still have to let it go."""
    return _missing(movement, control(session, DUAL_FEN))


def _missing(movement: Movement, dual_fen: int) -> int:
    if movement.order.amount_fen <= dual_fen:
        return 0
    return max(0, WITNESSES - len(movement.approvals))


def caps_for(session: AnySession, case: Case, movement: Movement) -> Caps:
    """The day's limits of this movement; a person may have lifted them for it."""
    return _caps(movement, controls(session, _of_a_day(case)))


def _caps(movement: Movement, values: Mapping[str, int]) -> Caps:
    return Caps() if movement.said("CAP") else Caps(values[SHOP_DAY_FEN], values[TOTAL_DAY_FEN])


def _of_a_day(case: Case) -> dict[str, str]:
    return {SHOP_DAY_FEN: shop_of(case.claim).name, TOTAL_DAY_FEN: EVERYBODY}


def authority_of(session: AnySession, account_id: int) -> int:
    """Up to how many fen this account may let go by hand."""
    return control(session, AUTHORITY_FEN, str(account_id))


def control(session: AnySession, name: str, subject: str = EVERYBODY) -> int:
    """What holds for a subject: its own value, else the one for all, else the usual one."""
    return controls(session, {name: subject})[name]


def controls(session: AnySession, wanted: Mapping[str, str]) -> dict[str, int]:
    """The same for several names, each with its subject, by one question."""
    whose = {name: subjects_of(name, subject) for name, subject in wanted.items()}
    subjects = {each for listed in whose.values() for each in listed}
    query = select(ControlRow).where(ControlRow.name.in_(wanted), ControlRow.subject.in_(subjects))
    rows = {(row.name, row.subject): row.value for row in session.scalars(query)}
    return {
        name: next((rows[name, one] for one in listed if (name, one) in rows), LIMITS[name].usual)
        for name, listed in whose.items()
    }


def _over_cap(
    session: AnySession, case: Case, movement: Movement, caps: Caps, now: datetime
) -> bool:
    if session.get(ReservationRow, movement.refund_no) is not None:
        return False  # it counts already
    limits = {shop_of(case.claim).name: caps.shop_fen, TOGETHER: caps.total_fen}
    query = select(DayRow).where(DayRow.day == day_of(now), DayRow.whose.in_(limits))
    spent = {row.whose: row.fen for row in session.scalars(query)}
    return any(
        cap is not None and spent.get(whose, 0) + movement.order.amount_fen > cap
        for whose, cap in limits.items()
    )


def next_day(now: datetime) -> datetime:
    """The next midnight of Beijing's."""
    tomorrow = now.astimezone(BEIJING).date() + ONE_DAY
    return datetime.combine(tomorrow, time(), BEIJING)
