"""What scenes look at: a house on a copy of the laboratory's, its provider, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

from sqlalchemy import select

from portal.house import House
from portal.invariants.checks import Scope, check_refunds
from portal.invariants.simulated import open_log
from portal.monitors.tables import ItemRow
from portal.refunds.tables import MovementRow
from portal.rehearsal.moving import move_clock
from tests.faults.driving import work_all
from tests.faults.laboratory import Home
from tests.faults.provider import Provider


@contextmanager
def opened(home: Home) -> Iterator[House]:
    house = home.open()
    with closing(house.log):
        yield house
        with house.sessions() as session:
            session.get_bind().dispose()


def provider(house: House) -> Provider:
    return Provider.inside(house.config.folder, house.clock.now)


def broken(house: House) -> dict[str, tuple[str, ...]]:
    log = open_log(house.config, house.clock.now)
    findings = check_refunds(house, log, Scope(grace=timedelta(0)))
    return {finding.name: finding.examples for finding in findings if not finding.ok}


def states(house: House) -> list[str]:
    with house.sessions() as session:
        return list(session.scalars(select(MovementRow.state).order_by(MovementRow.refund_no)))


def items(house: House) -> set[str]:
    with house.sessions() as session:
        return set(session.scalars(select(ItemRow.kind).where(ItemRow.open_key.is_not(None))))


def standing_fen(house: House) -> int:
    """What the provider has paid and not taken back."""
    return sum(m["amount_fen"] for m in provider(house).moves() if m["state"] == "SUCCESS")


def drive_for(house: House, span: timedelta) -> None:
    """Look every six hours: what is due in between is done then."""
    end = house.clock.now() + span
    while house.clock.now() < end:
        work_all(house)
        move_clock(house.sessions, 6 * 3_600)
