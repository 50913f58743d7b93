"""What a person does with a proposal: look into it through the docket, or put it aside."""

from __future__ import annotations

from dataclasses import dataclass

from portal.access import Actor
from portal.database import AnySession
from portal.errors import BadInput, Refused
from portal.errors import sentence as _
from portal.house import House
from portal.integrity import desk as integrity
from portal.quality.queries import proposal
from portal.quality.tables import QualityProposal

MOST_NOTE = 500


@dataclass(frozen=True)
class Choice:
    """`take` False puts the proposal aside; the note says why, either way."""

    key: str
    take: bool
    note: str


def choose(session: AnySession, house: House, actor: Actor, wish: Choice) -> None:
    """A proposal that is taken becomes a report of the docket about each named reviewer, so that
    they may answer. Repeating it finishes it. Raises NotFound, Refused, BadInput."""
    row = proposal(session, wish.key)
    if row.state != "NEW":
        raise Refused(_("这条提示已经处理过"))
    if not 0 < len(wish.note.strip()) <= MOST_NOTE:
        raise BadInput("note", _("请写明原因，最多 %(most)s 个字"), most=MOST_NOTE)
    numbers = [_report(session, house, actor, row, who, wish) for who in row.about if wish.take]
    row = proposal(session, wish.key)
    row.state = "TAKEN" if wish.take else "DISMISSED"
    row.note, row.report_no = wish.note.strip(), numbers[0] if numbers else ""
    session.commit()


def _report(
    session: AnySession,
    house: House,
    actor: Actor,
    row: QualityProposal,
    who: str,
    wish: Choice,
) -> str:
    facts = ", ".join(f"{name}={value}" for name, value in sorted(row.facts.items()))
    text = f"{wish.note.strip()}\n{', '.join(row.about)}: {facts}"
    sent = integrity.Report(row.flag, who, "", text, sender="")
    return integrity.report(session, house, actor, sent, f"quality/{wish.key}/{who}")
