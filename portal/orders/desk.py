"""Taking an order snapshot: read it, check it, store the document, record it.

Used by the API and by the command line. The same document handed over twice gives the same
receipt: the command is named by the document's digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.access import Actor
from portal.documents import canonical_digest, read_document, validated
from portal.errors import BadInput
from portal.errors import sentence as _
from portal.house import House
from portal.idempotency import by
from portal.orders.commands import RecordOrder
from portal.orders.signature import check_signature
from portal.orders.snapshot import Snapshot
from portal.receipts import earlier_receipt
from portal.recorder import Receipt
from portal.streams import order_stream

UNCHANGING = ("shop_id", "created_at", "buyer_ref", "currency", "amounts", "lines")
CHANGING = ("already_refunded", "refundable_until")


@dataclass(frozen=True)
class Taken:
    """An order that is on record."""

    platform: str
    order_id: str
    receipt: Receipt


def take_order(house: House, actor: Actor, content: bytes) -> Taken:
    """Record a snapshot as the platform sent it. Raises BadInput, Refused, Unconfirmed."""
    document = read_document(content)
    snapshot = validated(Snapshot, document)
    if snapshot.platform != actor.platform:
        raise BadInput("platform", _("只能提交自己平台的记录"))
    signature = check_signature(document, house.config.keys_folder / "platform")
    digest = canonical_digest(document)
    command_id = f"order/{snapshot.platform}/{snapshot.order.id}/{digest}"
    receipt = earlier_receipt(house, command_id)
    if receipt is None:
        command = _command(house, snapshot, document, content, digest, signature)
        receipt = house.recorder.record(command, by=by(actor), command_id=command_id)
    return Taken(snapshot.platform, snapshot.order.id, receipt)


def _command(
    house: House,
    snapshot: Snapshot,
    document: Mapping[str, Any],
    content: bytes,
    digest: str,
    signature: str,
) -> RecordOrder:
    stream = order_stream(snapshot.platform, snapshot.order.id)
    kid = house.projection.stream(stream).kid or house.keyring.make().kid
    return RecordOrder(
        platform=snapshot.platform,
        order_id=snapshot.order.id,
        snapshot_at=snapshot.snapshot_at,
        digest=digest,
        signature=signature,
        core=core_of(document),
        refunded=refunded_of(snapshot),
        snapshot=house.files.put_bytes(content, kid, "application/json"),
    )


def core_of(document: Mapping[str, Any]) -> dict[str, str]:
    """A digest for each part that no later snapshot may change."""
    order = document["order"]
    parts = {"platform": document["platform"], "live.session_id": document["live"]["session_id"]}
    parts |= {f"order.{name}": order[name] for name in UNCHANGING}
    parts |= {f"payments.{p['id']}": _lasting(p) for p in document["payments"]}
    return {name: canonical_digest(part) for name, part in parts.items()}


def _lasting(payment: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in payment.items() if name not in CHANGING}


def refunded_of(snapshot: Snapshot) -> dict[str, int]:
    """Fen already refunded, by payment."""
    return {p.id: sum(r.amount for r in p.already_refunded) for p in snapshot.payments}
