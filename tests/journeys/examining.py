"""What must hold of a finished case, whatever happened on its way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from ledger import Entry, read_content
from portal.cases.state import Case
from portal.checking import compare, projected_tables
from portal.claims.tables import ClaimDraft
from portal.house import House
from portal.messages.tables import MessageRow
from tests.journeys.story import Story
from tests.portal.refunds.ordering import simulate

ONCE = ("CASE_FILED", "RULING_ISSUED", "CASE_CLOSED")
ONCE_BY_PANEL = ("PANEL_CALLED", "PANEL_DRAWN", "VOTING_CLOSED", "TALLY_CLOSED")

Rows = dict[str, list[tuple[object, ...]]]


def examine(story: Story) -> Iterator[str]:
    """Everything that is wrong with a finished, paid case; nothing when all is well."""
    yield from map(str, compare(story.house))
    yield from lost_receipts(story)
    yield from doubled(story)
    yield from unpaid(story)


def lost_receipts(story: Story) -> Iterator[str]:
    """Receipts that the ledger does not bear out."""
    log = story.house.log
    entries = list(log.entries(0, log.size))
    for receipt in story.notebook.receipts:
        if not stands(receipt, entries):
            yield f"receipt {receipt['index']} is not borne out"


def stands(receipt: dict[str, Any], entries: list[Entry]) -> bool:
    """The entry at the receipt's index is the one that the receipt tells of."""
    if receipt["index"] >= len(entries):
        return False
    entry = entries[receipt["index"]]
    told = (receipt["stream"], receipt["digest"], receipt["at"])
    return told == (entry.stream, entry.leaf_hash.hex(), read_content(entry).at)


def doubled(story: Story) -> Iterator[str]:
    """What happened twice, or not at all."""
    case = story.case
    entries = story.house.log.stream_entries(f"case/{story.case_no}")
    counts = Counter(read_content(entry).type for entry in entries)
    expected = dict.fromkeys(ONCE, 1) | dict.fromkeys(ONCE_BY_PANEL, 1 if case.drawn else 0)
    expected["EXECUTION_ORDERED"] = len({m.refund_no for m in case.movements})
    if wrong := [code for code, number in expected.items() if counts[code] != number]:
        yield f"not as often as it must be: {wrong}"
    if counts["BALLOT_COMMITTED"] != len({ballot.seat for ballot in case.ballots}):
        yield "a seat voted twice"
    yield from _doubled_rows(story.house)


def _doubled_rows(house: House) -> Iterator[str]:
    with house.sessions() as session:
        drafts = session.scalars(select(ClaimDraft)).all()
        told = Counter((m.entry_index, m.recipient) for m in session.scalars(select(MessageRow)))
    if [draft.sent_at is not None for draft in drafts] != [True]:
        yield f"{len(drafts)} drafts, not one that was sent"
    if not told or max(told.values()) > 1:
        yield "somebody was told twice, or nobody anything"


def unpaid(story: Story) -> Iterator[str]:
    """The provider's own book must say: each movement once, under our number, to the fen."""
    case = story.case
    moves = simulate(story.house, "GET", "moves")["moves"]
    booked = sorted((move["number"], move["amount_fen"]) for move in moves)
    ordered = sorted((m.attempt_no, m.order.amount_fen) for m in case.movements)
    if not _is_paid(case):
        yield f"not paid: {case.state}"
    elif booked != ordered:
        yield f"the provider booked {booked}"


def _is_paid(case: Case) -> bool:
    return case.state == "EXECUTED" and all(m.is_paid for m in case.movements)


def rows_of(house: House) -> Rows:
    """Every row that can be dropped and replayed."""
    with house.sessions() as session:
        return {
            table.name: sorted(map(tuple, session.execute(select(table))), key=repr)
            for table in projected_tables()
        }
