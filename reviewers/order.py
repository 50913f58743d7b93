"""What must not happen twice or out of turn in one panel's record, and what the count binds."""

from __future__ import annotations

from collections.abc import Iterator

from reviewers.bundle import Event
from reviewers.panels import Panel
from reviewers.remedies import REFUNDS
from reviewers.report import Line, required, same, whole
from reviewers.tally import Tally

ONCE = ("PANEL_DRAWN", "VOTING_CLOSED", "TALLY_CLOSED")


def once_each(panel: Panel) -> Iterator[Line]:
    """Whoever may draw, close or count a second time may choose."""
    for type_ in ONCE:
        if len(panel.all(type_)) > 1:
            yield Line(f"{type_} stands {len(panel.all(type_))} times in one round.", False)


def in_turn(panel: Panel) -> Iterator[Line]:
    """A seat votes once, while somebody holds it, before the voting is closed."""
    voted: set[int] = set()
    vacant: set[int] = set()
    closed = False
    for event in panel.entries:
        closed = closed or event.type == "VOTING_CLOSED"
        if event.type == "RECUSAL":
            voted.discard(whole(event, "seat"))
            vacant.add(whole(event, "seat"))
        elif event.type == "SEAT_FILLED":
            vacant.discard(whole(event, "seat"))
        elif event.type == "BALLOT_COMMITTED":
            seat = whole(event, "seat")
            for wrong, what in _faults(seat, voted, vacant, closed):
                if wrong:
                    yield Line(f"entry {event.index}: seat {seat} voted {what}", False)
            voted.add(seat)


def _faults(
    seat: int, voted: set[int], vacant: set[int], closed: bool
) -> tuple[tuple[bool, str], ...]:
    return (
        (seat in voted, "a second time"),
        (seat in vacant, "although nobody held it"),
        (closed, "after the voting was closed"),
    )


def ruled(panel: Panel, again: Tally) -> Iterator[Line]:
    """The ruling says what the count gives. What it owes beyond the refund is named from the claim
    and stands in the ruling; here its refund, outcome, counts and shares are compared."""
    ruling = _ruling_of(panel)
    if ruling is None:
        return
    fields = again.as_fields()
    basis = ruling.fields.get("basis")
    appeal = panel.called.fields.get("kind") == "APPEAL"
    if again.decided is None and not appeal:
        yield Line(f"ruled by {basis}: the panel decided nothing", basis == "OFFICER")
        return
    yield same("ruling, basis", basis, "APPEAL" if appeal else "PANEL")
    yield same("ruling, counts", ruling.fields.get("counts"), fields["counts"])
    if again.decided is None:
        yield same("ruling, appeal", ruling.fields.get("appeal"), "UPHOLDS")
        return
    remedy = again.remedy or "DISMISS"
    yield same("ruling, outcome", ruling.fields.get("outcome"), again.outcome)
    yield same("ruling, remedy", ruling.fields.get("remedy"), remedy)
    refund_fen = again.refund_fen if remedy in REFUNDS else 0
    yield same("ruling, refund", ruling.fields.get("refund_fen"), refund_fen)
    yield same("ruling, dissent", required(ruling, "dissent", list), fields["dissent"])
    yield same("ruling, liability", ruling.fields.get("liability"), fields["liability"])


def _ruling_of(panel: Panel) -> Event | None:
    """The first after the count, which the panel or, where it decided nothing, an officer gave."""
    counted = panel.first("TALLY_CLOSED")
    after = (one for one in panel.all("RULING_ISSUED") if counted and one.index > counted.index)
    return next(after, None)
