"""What a buyer may claim about: own orders, the promises heard around them, what is left to refund.

Every question carries the actor; another buyer's order does not exist here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import convert
from sqlalchemy import ColumnElement, and_, case, or_, select

from portal.access import Actor
from portal.cases.state import Case
from portal.cases.tables import CaseRow
from portal.database import AnySession
from portal.errors import NotFound
from portal.errors import sentence as _
from portal.events import FileRef, OrderLine, Payment
from portal.history import load_case
from portal.livestreams.tables import LivestreamRow, PromiseRow
from portal.orders.tables import OrderRow
from portal.refunds.state import without_attempt
from portal.times import moment

NEAR_MS = 600_000  # promises of other products count when they were heard this near the order
MOST_PROMISES = 200
ORDERS_PAGE = 50


@dataclass(frozen=True)
class OrderSummary:
    """An order in a list; `open_case` is the number of a case that is not closed yet."""

    platform: str
    order_id: str
    title: str
    paid_fen: int
    ordered_at: datetime
    delivered_at: datetime | None
    session_id: str
    shop: str
    lines: tuple[OrderLine, ...]
    open_case: str | None


@dataclass(frozen=True)
class Spent:
    """What an earlier case of the same order has taken, or may still take, from these lines."""

    case_no: str
    open: bool
    line_ids: frozenset[str]
    refund_fen: int


@dataclass(frozen=True)
class Order:
    """One order with everything a claim is made from. Money in fen."""

    platform: str
    order_id: str
    digest: str
    snapshot: FileRef
    buyer_ref: str
    shop_id: str
    merchant_id: str
    title: str
    paid_fen: int
    ordered_at: datetime
    ordered_ms: int
    delivered_at: str | None
    session_id: str
    lines: tuple[OrderLine, ...]
    payment: Payment
    spent: tuple[Spent, ...]

    def chosen(self, line_ids: Sequence[str]) -> tuple[OrderLine, ...]:
        return tuple(line for line in self.lines if line.line_id in line_ids)

    def open_case(self, line_ids: Sequence[str]) -> str | None:
        """The number of an open case about one of these lines."""
        wanted = set(line_ids)
        return next((s.case_no for s in self.spent if s.open and s.line_ids & wanted), None)

    def refundable_fen(self, line_ids: Sequence[str]) -> int:
        """What these lines may still bring back, within what is left of the payment."""
        wanted = set(line_ids)
        price = sum(line.paid_fen for line in self.chosen(line_ids))
        taken = sum(s.refund_fen for s in self.spent if s.line_ids & wanted)
        return max(0, min(price - taken, self.payment.paid_fen - self.payment.refunded_fen))


@dataclass(frozen=True)
class Promise:
    """Something the host said, with the place in the replay and the time of day."""

    promise_id: str
    kind: str
    source: str
    text: str
    context: str
    start_ms: int
    end_ms: int
    at: str
    verification: str
    multiplier: int | None
    correction: str | None
    same_product: bool


@dataclass(frozen=True)
class Broadcast:
    """The session an order was made in, as far as the platform handed it over."""

    session_id: str
    room_title: str
    host: str
    shop: str
    started_at: datetime
    duration_ms: int
    replay: FileRef


def own_orders(
    session: AnySession, actor: Actor, before: datetime | None = None, most: int = ORDERS_PAGE
) -> tuple[OrderSummary, ...]:
    """The buyer's orders, newest first."""
    query = select(OrderRow).where(_own(actor)).order_by(OrderRow.ordered_at.desc()).limit(most)
    if before is not None:
        query = query.where(OrderRow.ordered_at < before)
    rows = session.scalars(query).all()
    shops, cases = _shops(session, rows), _open_cases(session, actor, rows)
    return tuple(_summary(row, shops, cases) for row in rows)


def own_order(session: AnySession, actor: Actor, platform: str, order_id: str) -> Order:
    """One order of the buyer. Raises NotFound."""
    here = (OrderRow.platform == platform) & (OrderRow.order_id == order_id)
    row = session.scalar(select(OrderRow).where(_own(actor), here))
    if row is None:
        raise NotFound(_("没有这笔订单，或者它不是你的订单"))
    return _order(row, _spent(session, row))


def broadcast_of(session: AnySession, order: Order) -> Broadcast | None:
    """The order's session; None when the platform has not handed it over."""
    row = session.get(LivestreamRow, (order.platform, order.session_id))
    if row is None:
        return None
    return Broadcast(
        session_id=row.session_id,
        room_title=row.room_title,
        host=row.host,
        shop=row.shop,
        started_at=row.started_at,
        duration_ms=row.duration_ms,
        replay=convert(row.replay, FileRef),
    )


def promises_for(
    session: AnySession, order: Order, line_ids: Sequence[str] = ()
) -> tuple[Promise, ...]:
    """Promises about the ordered products, then others heard within ten minutes of the order."""
    lines = order.chosen(line_ids) or order.lines
    products = [line.product_id for line in lines]
    same = PromiseRow.product_id.in_(products)
    near = PromiseRow.start_ms.between(order.ordered_ms - NEAR_MS, order.ordered_ms + NEAR_MS)
    first = case((same, 0), else_=1)
    query = (
        select(PromiseRow)
        .where(_of_session(order), or_(same, near))
        .order_by(first, PromiseRow.start_ms)
        .limit(MOST_PROMISES)
    )
    return tuple(_promise(row, products) for row in session.scalars(query))


def cited_promises(
    session: AnySession, order: Order, promise_ids: Sequence[str]
) -> tuple[Promise, ...]:
    """Promises of the order's session by id, in the order in which they were said."""
    wanted = PromiseRow.promise_id.in_(promise_ids)
    query = select(PromiseRow).where(_of_session(order), wanted).order_by(PromiseRow.start_ms)
    products = [line.product_id for line in order.lines]
    return tuple(_promise(row, products) for row in session.scalars(query))


def _own(actor: Actor) -> ColumnElement[bool]:
    return and_(OrderRow.buyer_ref == actor.buyer_ref, OrderRow.platform == actor.platform)


def _of_session(order: Order) -> ColumnElement[bool]:
    return and_(PromiseRow.platform == order.platform, PromiseRow.session_id == order.session_id)


def _shops(session: AnySession, rows: Sequence[OrderRow]) -> dict[str, str]:
    ids = {row.session_id for row in rows}
    query = select(LivestreamRow.session_id, LivestreamRow.shop)
    found = session.execute(query.where(LivestreamRow.session_id.in_(ids))).all()
    return dict(found)


def _open_cases(session: AnySession, actor: Actor, rows: Sequence[OrderRow]) -> dict[str, str]:
    mine = (CaseRow.buyer_ref == actor.buyer_ref) & (CaseRow.platform == actor.platform)
    these = CaseRow.order_id.in_([row.order_id for row in rows])
    query = select(CaseRow.order_id, CaseRow.case_no).where(mine, these, CaseRow.open.is_(True))
    return dict(session.execute(query).all())


def _summary(row: OrderRow, shops: dict[str, str], cases: dict[str, str]) -> OrderSummary:
    delivered = _delivered_at(row.document)
    return OrderSummary(
        platform=row.platform,
        order_id=row.order_id,
        title=row.title,
        paid_fen=row.paid_fen,
        ordered_at=row.ordered_at,
        delivered_at=moment(delivered) if delivered else None,
        session_id=row.session_id,
        shop=shops.get(row.session_id, row.shop_id),
        lines=_lines(row.document),
        open_case=cases.get(row.order_id),
    )


def _order(row: OrderRow, spent: tuple[tuple[Spent, str], ...]) -> Order:
    document = row.document
    return Order(
        platform=row.platform,
        order_id=row.order_id,
        digest=row.digest,
        snapshot=convert(row.file, FileRef),
        buyer_ref=row.buyer_ref,
        shop_id=row.shop_id,
        merchant_id=document["live"]["merchant_id"],
        title=row.title,
        paid_fen=row.paid_fen,
        ordered_at=row.ordered_at,
        ordered_ms=document["live"]["ordered_at_offset_ms"],
        delivered_at=_delivered_at(document),
        session_id=row.session_id,
        lines=_lines(document),
        payment=_payment(document, spent),
        spent=tuple(each for each, _refund_no in spent),
    )


def _lines(document: dict[str, Any]) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            line_id=line["id"],
            product_id=line["product_id"],
            title=line["title"],
            spec=_spec(line["spec"]),
            qty=line["qty"],
            paid_fen=line["paid"],
        )
        for line in document["order"]["lines"]
    )


def _spec(named: dict[str, Any]) -> str:
    """The choices with their names: "56" alone says nothing."""
    return "，".join(f"{name} {value}" for name, value in named.items() if value is not None)


def _delivered_at(document: dict[str, Any]) -> str | None:
    arrived = (s["delivered_at"] for s in document["shipments"] if s["direction"] == "outbound")
    return max(filter(None, arrived), default=None)


def _payment(document: dict[str, Any], spent: Sequence[tuple[Spent, str]]) -> Payment:
    """The payment with most left. What we ordered back ourselves counts as refunded, unless the
    platform's newer snapshot already lists it under our number, with an attempt or without."""
    payment = max(document["payments"], key=_left_of)
    listed = {without_attempt(refund["no"]) for refund in payment["already_refunded"]}
    ours = sum(each.refund_fen for each, number in spent if number not in listed)
    return Payment(
        payment_id=payment["id"],
        channel=payment["channel"],
        method=payment["method"],
        provider_txn=payment["provider_txn"],
        paid_fen=payment["payer_cash"],
        refunded_fen=sum(refund["amount"] for refund in payment["already_refunded"]) + ours,
        refundable_until=payment["refundable_until"],
        merchant_txn=payment["merchant_txn"],
        merchant_account=payment["merchant_account"],
        sub_merchant=payment["sub_merchant"] or "",
        paid_at=payment["paid_at"],
        total_fen=payment["paid"],
    )


def _left_of(payment: dict[str, Any]) -> int:
    refunded = sum(refund["amount"] for refund in payment["already_refunded"])
    return int(payment["payer_cash"] - refunded)


def _spent(session: AnySession, row: OrderRow) -> tuple[tuple[Spent, str], ...]:
    """Earlier cases of the order with the refund number of each."""
    here = (CaseRow.platform == row.platform) & (CaseRow.order_id == row.order_id)
    numbers = session.scalars(select(CaseRow.case_no).where(here).order_by(CaseRow.case_no)).all()
    cases = [load_case(session, number) for number in numbers]
    return tuple((_spent_by(each), each.order.refund_no if each.order else "") for each in cases)


def _spent_by(earlier: Case) -> Spent:
    given_up = earlier.closed is not None and earlier.closed.reason == "ABANDONED"
    ordered = earlier.order.amount_fen if earlier.order and not given_up else 0
    return Spent(
        case_no=earlier.claim.case_no,
        open=earlier.closed is None,
        line_ids=frozenset(line.line_id for line in earlier.claim.lines),
        refund_fen=ordered,
    )


def _promise(row: PromiseRow, products: Sequence[str]) -> Promise:
    return Promise(
        promise_id=row.promise_id,
        kind=row.kind,
        source=row.source,
        text=row.text,
        context=row.context,
        start_ms=row.start_ms,
        end_ms=row.end_ms,
        at=row.at,
        verification=row.verification,
        multiplier=row.multiplier,
        correction=row.correction,
        same_product=row.product_id in products,
    )
