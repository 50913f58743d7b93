"""From ORDER_RECORDED to the order's row."""

from __future__ import annotations

import json

from msgspec import to_builtins
from sqlalchemy.orm import Session

from portal.books.projector import project_reported_deposit
from portal.events import OrderRecorded
from portal.files import Files
from portal.orders.tables import OrderRow
from portal.times import moment


def project_order(session: Session, event: OrderRecorded, files: Files) -> None:
    """The newest snapshot wins the row; rules have refused an older one."""
    document = json.loads(files.read(event.snapshot))
    order = document["order"]
    session.merge(
        OrderRow(
            platform=event.platform,
            order_id=event.order_id,
            snapshot_at=moment(event.snapshot_at),
            ordered_at=moment(order["created_at"]),
            buyer_ref=order["buyer_ref"],
            shop_id=order["shop_id"],
            session_id=document["live"]["session_id"],
            title=order["lines"][0]["title"][:300],
            paid_fen=order["amounts"]["paid_cash"],
            digest=event.digest,
            document=document,
            file=to_builtins(event.snapshot),
        )
    )
    project_reported_deposit(session, document)
