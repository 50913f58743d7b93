"""What must hold at the end of a trial: the eighteen invariants; for every movement the money, or
an honest state with somebody to look at it; and what the provider did wrong was met and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.history import load_case
from portal.house import House
from portal.invariants.checks import Scope, check_refunds
from portal.invariants.simulated import open_log
from portal.monitors.tables import ItemRow
from portal.refunds.tables import MovementRow
from tests.faults.late import SlowLine
from tests.faults.provider import NOW, Provider
from tests.faults.settings import Setting

ENDED_UNPAID = ("CLOSED", "ABNORMAL", "REVERSED")


def examine(house: House, setting: Setting, slow: Path) -> Iterator[str]:
    """What is wrong at the end."""
    provider = Provider.inside(house.config.folder, house.clock.now)
    log = open_log(house.config, house.clock.now)
    for finding in check_refunds(house, log, Scope(grace=timedelta(0))):
        yield from (f"{finding.name} {example}" for example in finding.examples)
    moves = provider.moves()
    with house.sessions() as session:
        yield from _unpaid(session, setting, moves)
        for move in moves:
            yield from _untold(session, move)
    yield from _unmet(setting, provider, slow)


def _unpaid(session: Session, setting: Setting, moves: list[dict[str, Any]]) -> Iterator[str]:
    """Whoever has no money must be in a state that the setting allows, with an item."""
    standing: Counter[str] = Counter()
    for move in moves:
        standing[_refund_no(move)] += move["amount_fen"] * (move["state"] == "SUCCESS")
    for row in session.scalars(select(MovementRow).where(MovementRow.over.is_(False))):
        if row.state not in setting.unpaid:
            yield f"{row.refund_no} ends as {row.state}"
        elif standing[row.refund_no]:
            yield f"{row.refund_no} is paid and called {row.state}"
        elif row.state not in _items(session, row.refund_no):
            yield f"{row.refund_no} is {row.state} and nobody knows"


def _untold(session: Session, move: dict[str, Any]) -> Iterator[str]:
    """What became of a movement at the provider stands in the ledger."""
    row = session.get(MovementRow, _refund_no(move))
    if row is None:
        return  # I16 has it
    if move["deposit"] == "F" or move["route"] == "BALANCE":
        told = (row.state, row.route, "ROUTE_DIFFERS" in _items(session, row.refund_no))
        if told != ("ARRIVED", "BALANCE", True):
            yield f"{move['number']} went another way and is told as {told}"
    if move["state"] in ENDED_UNPAID:
        attempt = int(move["number"].rpartition("a")[2])
        movement = load_case(session, row.case_no).movement(row.refund_no)
        states = movement.states if movement else ()
        if not any(e.attempt == attempt and e.state in ENDED_UNPAID for e, _at in states):
            yield f"{move['number']} was {move['state']} and nobody heard"


def _unmet(setting: Setting, provider: Provider, slow: Path) -> Iterator[str]:
    """A trial whose fault nobody met has shown nothing."""
    if setting.fault == "SLOW":
        yield from (f"never arrived: {name}" for name in SlowLine(slow, NOW).waits)
    elif setting.fault and not any(each["fault"] == setting.fault for each in provider.asked()):
        yield f"nobody met {setting.fault}"


def _items(session: Session, refund_no: str) -> set[str]:
    """Kinds of items that are open about a movement."""
    mine = ItemRow.refund_no == refund_no, ItemRow.open_key.is_not(None)
    return set(session.scalars(select(ItemRow.kind).where(*mine)))


def _refund_no(move: dict[str, Any]) -> str:
    number: str = move["number"]
    return number.rpartition("a")[0]
