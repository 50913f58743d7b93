"""Reports, answers and decisions, with what a decision does beyond the docket."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from portal.access import Actor, Role
from portal.database import AnySession
from portal.errors import Refused
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.integrity.commands import AnswerReport, DecideReport, FileReport
from portal.integrity.queries import report_about, report_of
from portal.integrity.tables import SenderRow
from portal.pool import desk as pool
from portal.pool.commands import SetReviewerState
from portal.pool.state import BEIJING

MOST_A_DAY = 10


@dataclass(frozen=True)
class Report:
    """What was filled in; `sender` is the address it came from, kept for a day as a digest."""

    flag: str
    about: str
    case_no: str
    text: str
    sender: str


def report_no_of(house: House, name: str) -> str:
    """``JB-`` and sixteen signs, 80 bits: the number alone opens the report. Made from the wish
    with the house's secret, so that the same wish has the same number and nobody can guess it."""
    secret = house.config.secret_key.encode()
    drawn = hmac.new(secret, f"report/{name}".encode(), hashlib.sha256).digest()[:10]
    signs = base64.b32encode(drawn).decode()
    return "-".join(["JB", *(signs[n : n + 4] for n in range(0, 16, 4))])


def report(session: AnySession, house: House, actor: Actor, wish: Report, name: str) -> str:
    """Record one report; returns the number by which it is followed. `name` is the command id.

    Raises Refused beyond MOST_A_DAY from one address, BadInput.
    """
    number = report_no_of(house, name)
    if house.log.recorded(name):
        return number
    _check_rate(session, house, wish.sender)
    command = FileReport(
        report_no=number,
        flag=wish.flag,
        about=wish.about.strip(),
        case_no=wish.case_no.strip().upper(),
        text=wish.text,
        reported_by=_role(actor),
    )
    # By the role alone: whoever reports is not to be found in the record.
    house.recorder.record(command, by=command.reported_by, command_id=name)
    _count(session, house, wish.sender)
    return number


def answer(session: AnySession, house: House, actor: Actor, wish: AnswerReport, name: str) -> None:
    """Raises NotFound for anybody whom the report is not about, Refused, BadInput."""
    report_about(session, actor, wish.report_no)
    house.recorder.record(wish, by=by(actor), command_id=name)


def decide(session: AnySession, house: House, actor: Actor, wish: DecideReport, name: str) -> None:
    """Record the decision, then do what it says to the pool. Repeating it finishes it."""
    about = report_of(session, wish.report_no).about
    house.recorder.record(wish, by=by(actor), command_id=name)
    state = {"PAUSE": "PAUSED", "REMOVE": "REMOVED"}.get(wish.action)
    if state is not None:
        change = SetReviewerState(about, state, wish.text.strip()[:500])
        pool.set_state(house, actor, change, f"{wish.stream}/pool")


def check_reviewer(session: AnySession, action: str, report_no: str) -> None:
    """A decision against a reviewer needs one: asked before anything is recorded."""
    if action in ("PAUSE", "REMOVE"):
        row = pool.member(session, report_of(session, report_no).about)
        if row.state == "REMOVED" or (action, row.state) == ("PAUSE", "PAUSED"):
            raise Refused(_("这位评审员已经是这个状态"))


def _role(actor: Actor) -> str:
    roles = [str(role) for role in Role if actor.has(role)]
    return roles[0] if roles else "ANYBODY"


def _check_rate(session: AnySession, house: House, sender: str) -> None:
    row = session.get(SenderRow, _key(house, sender))
    if row is not None and row.count >= MOST_A_DAY:
        raise Refused(_("今天从这个地址收到的举报已经够多，请明天再来"))


def _count(session: AnySession, house: House, sender: str) -> None:
    day, digest = _key(house, sender)
    session.execute(delete(SenderRow).where(SenderRow.day < day))
    row = session.get(SenderRow, (day, digest)) or SenderRow(day=day, sender=digest, count=0)
    row.count += 1
    session.add(row)
    session.commit()


def _key(house: House, sender: str) -> tuple[str, str]:
    """The day in Beijing, and a digest that is another one tomorrow."""
    day = _day(house.clock.now())
    secret = house.config.secret_key.encode()
    return day, hmac.new(secret, f"{day}/{sender}".encode(), hashlib.sha256).hexdigest()


def _day(now: datetime) -> str:
    return now.astimezone(BEIJING).date().isoformat()
