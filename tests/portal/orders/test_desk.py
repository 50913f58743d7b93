"""Handing over orders: what is refused and where, what a later snapshot may change."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from portal.cases.tables import EntryRow
from portal.errors import BadInput
from portal.events import OrderRecorded
from portal.house import House
from portal.orders.desk import Taken, take_order
from portal.orders.tables import OrderRow
from portal.streams import order_stream
from tests.builders import platform_of
from tests.houses import open_house
from tests.portal.orders.documents import (
    DEMO_KEY,
    ORDER,
    SAMPLES,
    an_order,
    as_bytes,
    know_key,
    later,
    public_of,
    sign,
)

PLATFORM = platform_of("silk-shirt")
NUMBER = ORDER["order"]["id"]
LATER_REFUND = "2026-11-09T20:00:00+08:00"


@pytest.fixture
def house(tmp_path: Path) -> House:
    return open_house(tmp_path)


def take(house: House, document: Any) -> Taken:
    return take_order(house, PLATFORM, as_bytes(document))


def refused_field(house: House, content: bytes) -> str:
    with pytest.raises(BadInput) as refused:
        take_order(house, PLATFORM, content)
    return refused.value.field


def entries(house: House) -> int:
    with house.sessions() as session:
        return session.scalar(select(func.count()).select_from(EntryRow)) or 0


def recorded(house: House) -> OrderRecorded:
    history = house.projection.stream(order_stream(ORDER["platform"], NUMBER))
    event = history.events[-1][0]
    assert isinstance(event, OrderRecorded)
    return event


def test_an_order_is_on_record_and_in_the_rows(house: House) -> None:
    taken = take(house, ORDER)
    with house.sessions() as session:
        row = session.get(OrderRow, (ORDER["platform"], NUMBER))
    assert row is not None
    assert (taken.order_id, row.paid_fen, row.document) == (NUMBER, 32900, ORDER)


def test_what_was_sent_is_kept_byte_for_byte(house: House) -> None:
    content = (SAMPLES / "silk-shirt" / "order.json").read_bytes()
    take_order(house, PLATFORM, content)
    assert house.files.read(recorded(house).snapshot) == content


def test_the_same_order_again_gives_the_same_receipt_and_one_entry(house: House) -> None:
    first = take(house, ORDER)
    again = take_order(house, PLATFORM, json.dumps(ORDER, indent=3, sort_keys=True).encode())
    assert (again.receipt, entries(house)) == (first.receipt, 1)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("12a_negative", "order.amounts.items"),
        ("12b_sums", "order.amounts.paid_cash"),
        ("12c_floats", "body"),
    ],
)
def test_a_hostile_order_is_refused_by_its_field(house: House, name: str, field: str) -> None:
    content = (SAMPLES / "hostile" / f"{name}.order.json").read_bytes()
    assert refused_field(house, content) == field
    assert entries(house) == 0


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "body"),
        (b"[]", "body"),
        (b"\xff{}", "body"),
        (b'{"order": 1, "order": 2}', "order"),
        (b'{"order": {"amounts": {"items": 1.5}}}', "order.amounts.items"),
        (b'{"order": NaN}', "body"),
        (b'{"order": 9007199254740993}', "order"),
        (b'{"order": "\\ud800"}', "order"),
        (b'{"order": "\\u0000"}', "order"),
        (b'{"order": ' * 40 + b"1" + b"}" * 40, "order.order.order"),
        (b"[" * 100_000, "body"),
        (b"{}" + b" " * (2 << 20), "body"),
    ],
)
def test_json_with_more_than_one_meaning_is_refused(
    house: House, content: bytes, field: str
) -> None:
    assert refused_field(house, content) == field


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("order.currency", "USD", "order.currency"),
        ("order.lines.0.paid", "32900", "order.lines.0.paid"),
        ("order.lines.0.paid", True, "order.lines.0.paid"),
        ("order.created_at", "2026-13-05T20:16:32+08:00", "order.created_at"),
        ("order.buyer_ref", "Wang Fang", "order.buyer_ref"),
        ("payments", [], "payments"),
        ("payments.0.paid", ..., "payments.0.paid"),
        ("payments.0.paid", 10**8, "payments"),  # beyond the discounts: another order's money
        ("snapshot_at", "2099-01-01T00:00:00Z", "snapshot_at"),
        ("deposit.pin", "1234", "deposit.pin"),
    ],
)
def test_a_field_that_does_not_fit_is_named(
    house: House, path: str, value: Any, field: str
) -> None:
    assert refused_field(house, as_bytes(an_order(path, value))) == field


def test_more_refunded_than_paid_is_refused(house: House) -> None:
    refund = {"no": "r1", "amount": 32901, "at": "2026-11-09T10:02:00+08:00"}
    document = an_order("payments.0.already_refunded", [refund])
    assert refused_field(house, as_bytes(document)) == "payments.0.already_refunded"


def test_a_platform_hands_over_only_its_own_orders(house: House) -> None:
    assert refused_field(house, as_bytes(an_order(platform="another-live"))) == "platform"


def test_a_signature_of_a_known_key_is_recorded_as_valid(house: House) -> None:
    know_key(house.config.keys_folder, ORDER["signature"]["key_id"], DEMO_KEY)
    take(house, ORDER)
    assert recorded(house).signature == "VALID"


def test_a_signature_of_an_unknown_key_is_recorded_as_such(house: House) -> None:
    take(house, ORDER)
    assert recorded(house).signature == "UNKNOWN_KEY"


def test_a_known_keys_signature_under_other_content_is_refused(house: House) -> None:
    know_key(house.config.keys_folder, ORDER["signature"]["key_id"], DEMO_KEY)
    document = an_order("after_sale.platform_status", "CLOSED")
    assert refused_field(house, as_bytes(document)) == "signature.value"


def test_a_later_snapshot_that_its_platform_signed_is_taken(house: House) -> None:
    key = Ed25519PrivateKey.generate()
    know_key(house.config.keys_folder, "k2", public_of(key))
    take(house, ORDER)
    take(house, sign(later("order.status", "finished"), key, "k2"))
    assert (recorded(house).signature, entries(house)) == ("VALID", 2)


def test_the_name_of_a_key_is_never_a_path(house: House, tmp_path: Path) -> None:
    (tmp_path / "outside.pub").write_text(DEMO_KEY)
    take(house, an_order("signature.key_id", "../../outside"))
    assert recorded(house).signature == "UNKNOWN_KEY"


def test_a_later_snapshot_may_add_a_refund(house: House) -> None:
    refund = {"no": "r1", "amount": 900, "at": LATER_REFUND}
    take(house, ORDER)
    take(house, later("payments.0.already_refunded", [refund]))
    assert recorded(house).refunded == {"pay-1": 900}


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("order.shop_id", "shop-other", "order.shop_id"),
        ("order.buyer_ref", "b_0000000000000000", "order.buyer_ref"),
        ("order.lines.0.title", "Another shirt", "order.lines"),
        ("live.session_id", "ls-other", "live.session_id"),
        ("payments.0.provider_txn", "4200000000", "payments.pay-1"),
        ("payments.0.id", "pay-2", "payments.pay-1"),
    ],
)
def test_a_later_snapshot_cannot_rewrite_what_is_known(
    house: House, path: str, value: Any, field: str
) -> None:
    take(house, ORDER)
    assert refused_field(house, as_bytes(later(path, value))) == field
    assert entries(house) == 1


def test_a_refund_cannot_disappear(house: House) -> None:
    refund = {"no": "r1", "amount": 900, "at": LATER_REFUND}
    take(house, an_order("payments.0.already_refunded", [refund]))
    field = refused_field(house, as_bytes(later()))
    assert field == "payments.pay-1.already_refunded"


def test_an_older_snapshot_does_not_replace_a_newer_one(house: House) -> None:
    take(house, later())
    assert refused_field(house, as_bytes(ORDER)) == "snapshot_at"
