"""Cases that a panel has judged, through the portal's own doors, and the people who read of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from apiflask import APIFlask
from flask.testing import FlaskClient

from portal.access import Actor, Role
from portal.appeals import desk as appeals
from portal.cases.commands import ExpireClock
from portal.clock import Clock
from portal.panels.desk import Vote
from tests.builders import house_of
from tests.houses import accept_all, case_of, enroll_one, perform_todo
from tests.people import enroll, sign_in
from tests.portal.rooms import SHOP_ACTOR, a_vote, cast, seat_a_panel
from tests.values import CASE_NO, a_claim

NOTHING_GRANTED = {"amount_fen": 0, "compensation_fen": 0}
ACTORS = {
    "MERCHANT": SHOP_ACTOR,
    "BUYER": Actor(
        account_id=51,
        roles=frozenset({Role.BUYER}),
        buyer_ref=a_claim().buyer_ref,
        platform=a_claim().platform,
    ),
}


def judge(app: APIFlask, *votes: Vote, **changes: Any) -> None:
    """A panel of seven votes in the order of its seats; fewer votes end by the deadline."""
    for seat, vote in zip(seat_a_panel(app, **changes), votes, strict=False):
        cast(app, seat, vote)
    if len(votes) < 7:
        expire(app)
    perform_todo(house_of(app))


def said(choice: str, text: str = "吊牌与口播不符。", **changes: Any) -> Vote:
    return a_vote(choice, text=text, **NOTHING_GRANTED | changes)


def for_the_claim(app: APIFlask, **changes: Any) -> None:
    """All seven for the claim as made; the merchant may appeal."""
    judge(app, *[said("SUPPORT_CLAIMANT")] * 7, **changes)


def for_a_part(app: APIFlask, **changes: Any) -> None:
    """All seven for 100 yuan without a return; both may appeal."""
    vote = said("PARTIAL", remedy="PARTIAL_REFUND", amount_fen=10_000)
    judge(app, *[vote] * 7, **changes)


def undecided(app: APIFlask, **changes: Any) -> None:
    """Three of seven doubt: an officer's turn."""
    votes = [said("SUPPORT_CLAIMANT")] * 4 + [said("CANNOT_DETERMINE", "看不清")] * 3
    judge(app, *votes, **changes)


def expire(app: APIFlask, hours: float = 24 * 40, case_no: str = CASE_NO) -> None:
    """Let the running clock run out, as the worker would find it."""
    house = house_of(app)
    clock = case_of(house, case_no).clock
    assert clock is not None
    later = Clock(lambda: timedelta(hours=hours))
    wish = ExpireClock(case_no, clock.clock, clock.due_at)
    wish_id = f"expire/{case_no}/{clock.clock}@{clock.due_at}"
    replace(house.recorder, clock=later).record(wish, by="SYSTEM", command_id=wish_id)


def accept(app: APIFlask, *sides: str) -> None:
    """These sides accept the ruling; what the system then owes is done."""
    for side in sides:
        appeals.accept(house_of(app), ACTORS[side], CASE_NO, f"accept/{side}")
    perform_todo(house_of(app))


def appeal(app: APIFlask, side: str = "MERCHANT", ground: str = "RULE_MISAPPLIED") -> None:
    appeals.appeal(house_of(app), ACTORS[side], CASE_NO, ground, "第 1 条用错了", f"appeal/{side}")


def hear(app: APIFlask, *votes: Vote, answer: str = "BUYER") -> None:
    """The other side answers; fifteen fresh reviewers vote, or as many as there are votes."""
    house = house_of(app)
    for stratum in ("BUYER_SIDE", "MERCHANT_SIDE", "EXPERT"):
        for number in range(6):
            enroll_one(app, house, f"fresh_{stratum.lower()}_{number}", stratum)
    appeals.answer(house, ACTORS[answer], CASE_NO, "没有用错", "answer")
    perform_todo(house)
    accept_all(house)
    for seat, vote in zip(case_of(house).seats, votes, strict=False):
        cast(app, seat, vote, f"appeal/{seat.number}")
    if len(votes) < 15:
        expire(app)
    perform_todo(house)


def a_buyer(app: APIFlask) -> FlaskClient:
    claim = a_claim()
    enroll(app, "b@example.com", Role.BUYER, buyer_ref=claim.buyer_ref, platform=claim.platform)
    return sign_in(app, "b@example.com")


def an_operator(app: APIFlask) -> FlaskClient:
    enroll(app, "ops@example.com", Role.OPERATOR)
    return sign_in(app, "ops@example.com")


def somebody(app: APIFlask, role: Role) -> FlaskClient:
    """A person of this role who has nothing to do with the case."""
    email = f"{role.lower()}@example.com"
    enroll(
        app,
        email,
        role,
        buyer_ref="b_x",
        platform="hailiao-live",
        shop_id="shop-x",
        reviewer_id="r_x" if role is Role.REVIEWER else None,
    )
    return sign_in(app, email)
