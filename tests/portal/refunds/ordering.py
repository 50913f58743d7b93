"""Refunds that were ordered, the engine's turns, and the simulator's faults, for tests."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import select

from portal import events as e
from portal.cases.state import Case
from portal.controls.commands import OverrideMoney
from portal.house import House
from portal.monitors.tables import ItemRow
from portal.orders.tables import OrderRow
from portal.refunds.state import Movement
from portal.refunds.tables import CallRow, PaymentRow, ReservationRow, TurnRow
from portal.rehearsal.moving import move_clock
from portal.responses.commands import FileResponse
from tests.houses import case_of, file_a_claim
from tests.values import PAYMENT

FEN = 12_000


def case_no_of(number: int) -> str:
    return f"MA-2026-{number:06}"


def refund_no_of(number: int) -> str:
    return f"RMA2026{number:06}n1"


def order_refund(house: House, number: int = 1, fen: int = FEN, **changes: Any) -> str:
    """A claim that the merchant agrees to: a refund of `fen` is ordered; answers its number."""
    payment = {
        "payment_id": f"pay-{number}",
        "provider_txn": f"4200{number:04}",
        "paid_fen": 1_000_000,
        "merchant_txn": f"order-{number}",
    }
    given = {key: changes.pop(key) for key in tuple(changes) if key in PAYMENT.__struct_fields__}
    claim = {
        "case_no": case_no_of(number),
        "order_id": f"HL{number}",
        "payment": replace(PAYMENT, **payment | given),
        "lines": (e.OrderLine("ln-1", "p-1", "缎面衬衫", "M", 1, 1_000_000),),
        "remedies": (e.Remedy("REFUND_ONLY", fen),),
    }
    file_a_claim(house, f"claim/{number}", **claim | changes)
    agreed = FileResponse(case_no_of(number), "AGREE", "同意", "", None, (), ())
    house.recorder.record(agreed, by="MERCHANT", command_id=f"agree/{number}")
    return refund_no_of(number)


def platform_refunds(house: House, number: int, fen: int) -> None:
    """The platform's newest word about the order: so much it has paid back on its own."""
    claim, now = case_of(house, case_no_of(number)).claim, house.clock.now()
    refund = {"no": "PL-1", "amount": fen}
    payment = {"id": claim.payment.payment_id, "already_refunded": [refund] if fen else []}
    told = {"document": {"payments": [payment]}, "file": {}, "paid_fen": claim.payment.paid_fen}
    texts = dict.fromkeys(("buyer_ref", "shop_id", "session_id", "title", "digest"), "")
    key = {"platform": claim.platform, "order_id": claim.order_id}
    with house.sessions.begin() as session:
        session.merge(OrderRow(snapshot_at=now, ordered_at=now, **key, **told, **texts))


def pay(house: House, number: int = 1) -> Movement:
    """One turn of the engine; the movement after it."""
    house.duties.perform("PAY", case_no_of(number), refund_no_of(number))
    return movement_of(house, number)


def pay_after(house: House, seconds: int, number: int = 1) -> Movement:
    move_clock(house.sessions, seconds)
    return pay(house, number)


def movement_of(house: House, number: int = 1) -> Movement:
    movement = case_of(house, case_no_of(number)).movement(refund_no_of(number))
    assert movement is not None
    return movement


def case_after(house: House, number: int = 1) -> Case:
    return case_of(house, case_no_of(number))


def steps_of(movement: Movement) -> list[str]:
    return [event.state for event, _at in movement.states]


def simulate(house: House, method: str, what: str, body: Any = None) -> Any:
    """A request to the simulator's own interface."""
    rehearsed: Any = house.providers.named("wechat")
    content = json.dumps(body).encode() if body is not None else b""
    headers = {"Content-Type": "application/json"}
    reply = rehearsed.caller.call(method, f"{rehearsed.admin}/{what}", headers, content)
    assert reply.status < 300, reply
    return json.loads(reply.content) if reply.content else None


def fault(house: House, kind: str, times: int = 1, **more: Any) -> None:
    body = {"provider": "wechat", "kind": kind, "times": times} | more
    simulate(house, "POST", "faults", body)


def moved(house: House, number: int = 1) -> list[int]:
    """What the provider really paid for a movement, by its own book."""
    moves = simulate(house, "GET", "moves")["moves"]
    mine = refund_no_of(number)
    return [move["amount_fen"] for move in moves if move["number"].startswith(mine)]


def turn_of(house: House, number: int = 1) -> TurnRow:
    with house.sessions() as session:
        return session.get_one(TurnRow, refund_no_of(number))


def wait_of(house: House, number: int = 1) -> float:
    """Seconds until the next look."""
    next_at = turn_of(house, number).next_at
    assert isinstance(next_at, datetime)
    return (next_at - house.clock.now()).total_seconds()


def reservation_of(house: House, number: int = 1) -> ReservationRow | None:
    with house.sessions() as session:
        return session.get(ReservationRow, refund_no_of(number))


def payment_of(house: House, number: int = 1) -> PaymentRow:
    with house.sessions() as session:
        return session.scalars(
            select(PaymentRow).where(PaymentRow.provider_txn == f"4200{number:04}")
        ).one()


def calls_of(house: House, number: int = 1) -> list[tuple[str, str, str]]:
    """(kind, number, outcome) of each call, oldest first."""
    query = select(CallRow).where(CallRow.refund_no == refund_no_of(number)).order_by(CallRow.id)
    with house.sessions() as session:
        return [(row.kind, row.number, row.outcome) for row in session.scalars(query)]


def items_of(house: House, number: int = 1) -> set[str]:
    query = select(ItemRow.kind).where(ItemRow.refund_no == refund_no_of(number))
    with house.sessions() as session:
        return set(session.scalars(query))


def all_items(house: House) -> set[str]:
    with house.sessions() as session:
        return set(session.scalars(select(ItemRow.kind)))


def decide(house: House, number: int, what: str, who: int = 1) -> None:
    """A person's word about a movement."""
    person = f"OPERATOR:{who}"
    wish = OverrideMoney(case_no_of(number), refund_no_of(number), what, "已核实", person)
    house.recorder.record(wish, by=person, command_id=f"{what}/{number}/{who}")


def kinds(house: House, number: int) -> list[str]:
    return [kind for kind, _number, _outcome in calls_of(house, number)]
