"""POST /api/v1/orders: a platform hands over what it knows of an order."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel

from portal.access import Role, allow, current_actor
from portal.documents import MAX_BYTES
from portal.house import house
from portal.orders.desk import take_order
from portal.receipts import ReceiptOut, receipt_out

bp = APIBlueprint("orders_api", __name__, url_prefix="/api/v1", tag="orders")


class OrderTaken(BaseModel):
    platform: str
    order_id: str
    receipt: ReceiptOut


@bp.post("/orders")
@allow(Role.PLATFORM)
@bp.output(OrderTaken, status_code=201)
def take() -> OrderTaken:
    """Record an order-snapshot/1, sent as the JSON body; the same document gives the same receipt.

    A later snapshot may add shipments and refunds; amounts, lines, buyer and payments stay.
    """
    content = request.stream.read(MAX_BYTES + 1)
    taken = take_order(house(), current_actor(), content)
    return OrderTaken(
        platform=taken.platform, order_id=taken.order_id, receipt=receipt_out(taken.receipt)
    )
