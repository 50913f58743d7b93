"""How the trustees are right now, asked while the operator looks, and which cases wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sqlalchemy import select

from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.history import load_case
from portal.trustees.asking import Away, Misbehaved, look
from portal.trustees.settings import Trustee

MOST_SHOWN = 50


@dataclass(frozen=True)
class Standing:
    """`state`: OK, AWAY, or OTHER_KEY when somebody else answers at its address."""

    trustee: Trustee
    state: str
    witnessed: bool = False
    opened: int = 0


@dataclass(frozen=True)
class Waiting:
    """A case whose ballots cannot be opened yet."""

    case_no: str
    missing: tuple[str, ...]


def standings(trustees: Sequence[Trustee]) -> tuple[Standing, ...]:
    """Asked all at once: who is away costs its second only once."""
    if not trustees:
        return ()
    with ThreadPoolExecutor(len(trustees)) as pool:
        return tuple(pool.map(_standing, trustees))


def waiting_cases(session: AnySession) -> tuple[Waiting, ...]:
    """Closed, and told to be waiting; the oldest first."""
    query = (
        select(CaseRow.case_no)
        .where(CaseRow.state == "TALLY")
        .order_by(CaseRow.updated_at)
        .limit(MOST_SHOWN)
    )
    cases = (load_case(session, number) for number in session.scalars(query).all())
    return tuple(
        Waiting(case.claim.case_no, case.round.delayed.missing)
        for case in cases
        if case.round.delayed is not None
    )


def _standing(trustee: Trustee) -> Standing:
    try:
        said = look(trustee)
    except (Away, Misbehaved):
        return Standing(trustee, "AWAY")
    if (said.get("name"), said.get("key")) != (trustee.name, trustee.key):
        return Standing(trustee, "OTHER_KEY")
    opened = said.get("opened")
    return Standing(
        trustee,
        "OK",
        witnessed=said.get("witnessed") is True,
        opened=opened if isinstance(opened, int) else 0,
    )
