"""Cases at each stage, as values: every function gives the events that lead there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from portal import events as e
from portal.cases.evolving import fold
from portal.cases.state import Case
from portal.timers import start_clock
from portal.times import stamp
from reviewers.ballot import Ballot, Choice, Reason, encode
from tests.values import CASE_NO, FILE, a_claim, an_exhibit

NOW = datetime(2026, 11, 20, 3, 10, tzinfo=UTC)
PAID_FEN = 32_900


def case_after(*events: e.Event, at: datetime = NOW) -> Case:
    return fold((event, stamp(at)) for event in events)


def filed(**changes: Any) -> tuple[e.Event, ...]:
    """A claim with one exhibit, waiting for the merchant since NOW."""
    clock = start_clock("MERCHANT_RESPOND", NOW, "2026-12")
    return (a_claim(**changes), an_exhibit("B1"), clock)


def denied(**changes: Any) -> tuple[e.Event, ...]:
    return (*filed(**changes), e.ResponseFiled("DENY", "详情页写明聚酯纤维", "AS_SAID"))


def offered(remedy: e.Remedy | None = None, **changes: Any) -> tuple[e.Event, ...]:
    offer = e.OfferSealed(remedy or e.Remedy("REFUND_ONLY", 26000))
    clock = start_clock("BUYER_DECIDE", NOW, "2026-12")
    return (*filed(**changes), e.ResponseFiled("OFFER", "愿意协商", ""), offer, clock)


STRATA = ("BUYER_SIDE",) * 3 + ("MERCHANT_SIDE",) * 3 + ("EXPERT",)


def called(case: Case) -> e.PanelCalled:
    return e.PanelCalled(
        case_no=CASE_NO,
        track="STANDARD",
        seats={"BUYER_SIDE": 3, "MERCHANT_SIDE": 3, "EXPERT": 1},
        pool=FILE,
        counts={"BUYER_SIDE": 3, "MERCHANT_SIDE": 3, "EXPERT": 1},
        exclusions={},
        pool_length=7,
        claimed=case.claimed,
        round=case.round.number,
        kind=case.round.kind,
        required=tuple(x.number for x in case.exhibits),
    )


def drawn(reserves: int = 0) -> e.PanelDrawn:
    """r_1 to r_7 on the seats; `reserves` for each stratum, such as x_EXPERT_1."""
    spare = range(1, reserves + 1)
    return e.PanelDrawn(
        checkpoint="mingan.example/log\n1\nAAAA\n",
        seed="5f" * 32,
        seats=tuple(e.Seat(n, f"r_{n}", stratum) for n, stratum in enumerate(STRATA, 1)),
        reserves={s: tuple(f"x_{s}_{n}" for n in spare) for s in dict.fromkeys(STRATA)},
        panel_kid="panel-kid",
    )


def invited(reserves: int = 0, **changes: Any) -> tuple[e.Event, ...]:
    """A denied claim before a panel of seven: r_1 to r_7, asked since NOW."""
    before = denied(**changes)
    clock = start_clock("SEATING", NOW, "2026-12")
    return (*before, called(case_after(*before)), drawn(reserves), clock)


def seated(reserves: int = 0, **changes: Any) -> tuple[e.Event, ...]:
    """All seven have accepted and may vote since NOW."""
    accepted = tuple(e.SeatAccepted(n, f"r_{n}") for n in range(1, len(STRATA) + 1))
    clock = start_clock("DELIBERATION", NOW, "2026-12")
    return (*invited(reserves, **changes), *accepted, clock)


def a_ballot(seat: int = 1, **changes: Any) -> Ballot:
    values: dict[str, Any] = {
        "seat": seat,
        "choice": Choice.SUPPORT_CLAIMANT,
        "amount_fen": PAID_FEN,
        "compensation_fen": 3 * PAID_FEN,
        "remedy": None,
        "reasons": (Reason.PROMISE_PROVED,),
        "text": f"第 {seat} 席的理由",
        "citations": ("B1",),
        "cast_at": stamp(NOW),
    }
    return Ballot(**values | changes)


def a_rejection(seat: int) -> Ballot:
    return a_ballot(seat, choice=Choice.SUPPORT_RESPONDENT, amount_fen=0, compensation_fen=0)


def a_doubt(seat: int) -> Ballot:
    return a_ballot(seat, choice=Choice.CANNOT_DETERMINE, amount_fen=0, compensation_fen=0)


def closed(seats: tuple[int, ...], why: str = "ALL_VOTED", **changes: Any) -> tuple[e.Event, ...]:
    """A panel whose voting is over; the given seats have voted."""
    votes = tuple(e.BallotCommitted(seat, FILE, slip_of(seat)) for seat in seats)
    over = e.VotingClosed(why, seats, tuple(map(slip_of, seats)))
    return (*seated(**changes), *votes, over)


def slip_of(seat: int) -> str:
    return f"{seat:064x}"


def opened(*ballots: Ballot) -> tuple[tuple[int, bytes | None], ...]:
    return tuple((ballot.seat, encode(ballot)) for ballot in ballots)


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)
