"""Refunds: domestic ones, those of platforms (收付通, with advance), and abnormal ones."""

from __future__ import annotations

import sqlite3
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1
from flask import Blueprint, Response, request

from portal.simulator.bank import (
    ABNORMAL,
    REFUND,
    SUCCESS,
    Move,
    Order,
    Rejected,
    Terms,
    Why,
    balance_of,
    change_balance,
    find_by_ref,
    find_move,
    submit,
)
from portal.simulator.faults import QUERY, RETURN, SUBMIT, Fault, Kind
from portal.simulator.settling import pay_to_card
from portal.simulator.store import read_switch, text_of, time_of
from portal.simulator.times import beijing
from portal.simulator.wechat.door import Door, check_number, malformed, read_body, refused, unknown
from portal.simulator.wire import OTHER, Reply, as_json, digest_of

MOST_FEN = 10**12
ADVANCE, AVAILABLE = "REFUND_SOURCE_PARTNER_ADVANCE", "AVAILABLE"
OTHER_CARD = "OTHER_BANKCARD"
_SLOWLY = 60.0  # seconds that a return takes which is not done at once
# In the book they differ; WeChat calls both the same.
_ROUTES = {"USER_BANK_CARD": OTHER_CARD, "MERCHANT_BANK_CARD": "MERCHANT_BANKCARD"}


class Amount(msgspec.Struct, rename={"from_": "from"}):
    """Fen, all of it."""

    refund: int
    total: int
    currency: str = "CNY"
    from_: list[dict[str, Any]] = []


class RefundBody(msgspec.Struct):
    """Domestic and of a platform alike; what is not named here is read by nobody."""

    out_refund_no: str
    amount: Amount
    transaction_id: str = ""
    out_trade_no: str = ""
    reason: str = ""
    notify_url: str = ""
    sub_mchid: str = ""
    sp_appid: str = ""
    refund_account: str = ""
    funds_account: str = ""

    @property
    def is_advanced(self) -> bool:
        """Out of the platform's own money, or of the balance beside the day's takings."""
        return self.refund_account == ADVANCE or self.funds_account == AVAILABLE


class CardBody(msgspec.Struct):
    """Where an abnormal refund is to go instead; name and account are sealed for us."""

    out_refund_no: str
    type: str
    bank_type: str = ""
    bank_account: str = ""
    real_name: str = ""
    sub_mchid: str = ""


class ReturnBody(msgspec.Struct):
    sub_mchid: str


class Refunds:
    """The views of one dialect. `terms` are its limits."""

    def __init__(self, door: Door, terms: Terms) -> None:
        self.door = door
        self.terms = terms
        self.desk = door.desk
        self.provider = door.dialect.name

    def add_to(self, blueprint: Blueprint) -> None:
        """Its addresses."""
        domestic = f"{self.door.dialect.root}/refund/domestic/refunds"
        partner = f"{self.door.dialect.root}/ecommerce/refunds"
        add: Callable[..., None] = blueprint.add_url_rule
        add(domestic, "refund", self.refund, methods=["POST"])
        add(f"{domestic}/<number>", "query", self.query)
        add(f"{domestic}/<ref>/apply-abnormal-refund", "card", self.to_card, methods=["POST"])
        add(f"{partner}/apply", "apply", self.apply, methods=["POST"])
        add(f"{partner}/out-refund-no/<number>", "applied", self.query_applied)
        add(f"{partner}/id/<ref>", "applied_ref", self.query_ref)
        add(f"{partner}/<ref>/apply-abnormal-refund", "card_p", self.to_card, methods=["POST"])
        add(f"{partner}/<ref>/return-advance", "give_back", self.give_back, methods=["POST"])
        add(f"{partner}/<ref>/return-advance", "given_back", self.given_back)

    def refund(self) -> Response:
        return self._submit(read_body(RefundBody), refund_fields)

    def apply(self) -> Response:
        body = read_body(RefundBody)
        if not body.sub_mchid or not body.sp_appid:
            raise malformed("缺少 sub_mchid 或 sp_appid")
        return self._submit(body, applied_fields)

    def query(self, number: str) -> Response:
        return self._query(number, refund_fields)

    def query_applied(self, number: str) -> Response:
        if not request.args.get("sub_mchid"):
            raise malformed("缺少 sub_mchid")
        return self._query(number, queried_fields)

    def query_ref(self, ref: str) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            return as_json(200, queried_fields(self._by_ref(connection, ref)))

        return self.door.serve(QUERY, "", act)

    def to_card(self, ref: str) -> Response:
        body = read_body(CardBody)
        if body.type not in _ROUTES:
            raise malformed("type 不对")
        if body.type == "USER_BANK_CARD":
            self._open(body.real_name)
            self._open(body.bank_account)

        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            move = self._by_ref(connection, ref)
            if move.state != ABNORMAL or move.number != body.out_refund_no:
                raise refused(Why.OTHER_CONTENT)
            pay_to_card(connection, move, _ROUTES[body.type], self.desk.now())
            return as_json(200, refund_fields(self._by_ref(connection, ref)))

        return self.door.serve(OTHER, body.out_refund_no, act)

    def give_back(self, ref: str) -> Response:
        """The merchant's account pays back what the platform advanced, once."""
        read_body(ReturnBody)

        def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
            move = self._by_ref(connection, ref)
            if not move.advance or move.state != SUCCESS:
                raise refused(Why.OTHER_CONTENT)
            made = _give_back(connection, move, fault, self.desk.now())
            return as_json(200, self._returned(connection, move), applied=made)

        return self.door.serve(RETURN, self._number_of(ref), act)

    def given_back(self, ref: str) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            return as_json(200, self._returned(connection, self._by_ref(connection, ref)))

        return self.door.serve(OTHER, self._number_of(ref), act)

    def _returned(self, connection: sqlite3.Connection, move: Move) -> dict[str, Any]:
        """The newest of it; a provider that forgets may have taken it more than once."""
        row = connection.execute("SELECT * FROM returned WHERE ref = ?", (move.ref,)).fetchone()
        if row is None:
            raise unknown()
        done = time_of(row["at"]) <= self.desk.now()
        result = "FAILED" if not row["amount_fen"] else "SUCCESS" if done else "PROCESSING"
        known = {"success_time": beijing(row["at"])} if result == "SUCCESS" else {}
        return {
            "refund_id": move.ref,
            "advance_return_id": row["id"],
            "return_amount": move.amount_fen,
            "result": result,
        } | known

    def _number_of(self, ref: str) -> str:
        """The customer's own number of the refund, for the log: the request has none."""
        with self.desk.store.reading() as connection:
            move = find_by_ref(connection, ref)
        return move.number if move else ""

    def _submit(self, body: RefundBody, fields: Callable[[Move], dict[str, Any]]) -> Response:
        order = self._order(body)

        def act(connection: sqlite3.Connection, fault: Fault | None) -> Reply:
            move, made = submit(connection, order, self.terms, fault, self.desk.now())
            return as_json(200, fields(move), applied=made)

        return self.door.serve(SUBMIT, order.number, act)

    def _query(self, number: str, fields: Callable[[Move], dict[str, Any]]) -> Response:
        def act(connection: sqlite3.Connection, _fault: Fault | None) -> Reply:
            move = find_move(connection, self.provider, REFUND, number)
            if move is None:
                raise unknown()
            return as_json(200, fields(move))

        return self.door.serve(QUERY, number, act)

    def _order(self, body: RefundBody) -> Order:
        amount = body.amount
        if not 0 < amount.refund <= amount.total <= MOST_FEN or amount.currency != "CNY":
            raise malformed("金额不对")
        if not body.transaction_id and not body.out_trade_no:
            raise malformed("缺少 transaction_id 或 out_trade_no")
        content = request.get_data()
        return Order(
            provider=self.provider,
            kind=REFUND,
            number=check_number(body.out_refund_no),
            amount_fen=amount.refund,
            digest=digest_of(content),
            provider_txn=body.transaction_id,
            merchant_txn=body.out_trade_no,
            total_fen=amount.total,
            advance=body.is_advanced,
            reason=body.reason,
            notify_url=body.notify_url,
        )

    def _by_ref(self, connection: sqlite3.Connection, ref: str) -> Move:
        move = find_by_ref(connection, ref)
        if move is None or move.provider != self.provider:
            raise unknown()
        return move

    def _open(self, sealed: str) -> bytes:
        # SHA-1 here is WeChat's own choice of mask; it signs nothing.
        padding = OAEP(mgf=MGF1(SHA1()), algorithm=SHA1(), label=None)  # noqa: S303
        key = self.desk.keys.private(f"{self.provider}.platform")
        try:
            return key.decrypt(b64decode(sealed, validate=True), padding)
        except (ValueError, Base64Error) as error:
            raise malformed("敏感信息没有用平台公钥加密") from error


def refund_fields(move: Move) -> dict[str, Any]:
    """A refund as the domestic calls describe it."""
    fields = {
        "refund_id": move.ref,
        "out_refund_no": move.number,
        "transaction_id": move.provider_txn,
        "out_trade_no": move.merchant_txn,
        "channel": channel_of(move),
        "user_received_account": received_account(move),
        "create_time": beijing(move.at),
        "status": move.state,
        "funds_account": AVAILABLE if move.advance else "UNSETTLED",
        "amount": amounts(move),
    }
    return fields | success_time(move)


def applied_fields(move: Move) -> dict[str, Any]:
    """A platform's refund when it is asked for; who pays is known later."""
    return {
        "refund_id": move.ref,
        "out_refund_no": move.number,
        "create_time": beijing(move.at),
        "amount": amounts(move),
    } | _payer(move)


def queried_fields(move: Move) -> dict[str, Any]:
    """A platform's refund when it is looked up."""
    return refund_fields(move) | _payer(move)


def amounts(move: Move) -> dict[str, Any]:
    """The sums; the difference of refund and payer_refund came from coupons."""
    cash_total = move.total_fen if move.cash_fen == move.amount_fen else None
    known = {} if cash_total is None else {"payer_total": cash_total}
    return {
        "total": move.total_fen,
        "refund": move.amount_fen,
        "from": [],
        "payer_refund": move.cash_fen,
        "discount_refund": move.amount_fen - move.cash_fen,
        "settlement_refund": move.amount_fen,
        "settlement_total": move.total_fen,
        "currency": "CNY",
    } | known


def channel_of(move: Move) -> str:
    """Which way it went, as WeChat names it."""
    return OTHER_CARD if "BANKCARD" in move.route else move.route


def received_account(move: Move) -> str:
    """Where it went, in words."""
    return "银行卡" if move.deposit or "BANKCARD" in move.route else "支付用户零钱"


def success_time(move: Move) -> dict[str, str]:
    """Only a refund that succeeded has one."""
    return {"success_time": beijing(move.succeeded_at)} if move.state == SUCCESS else {}


def _payer(move: Move) -> dict[str, Any]:
    return {"refund_account": ADVANCE if move.advance else "REFUND_SOURCE_SUB_MERCHANT"}


def _give_back(
    connection: sqlite3.Connection, move: Move, fault: Fault | None, now: datetime
) -> bool:
    """Whether it was taken now: once, unless the provider was told to be forgetful."""
    query = "SELECT 1 FROM returned WHERE ref = ? AND amount_fen > 0"
    known = connection.execute(query, (move.ref,)).fetchone()
    if known and read_switch(connection, "idempotent", True):
        return False
    if fault is not None and fault.kind is Kind.CLOSED:
        failed = (move.ref, f"A{move.ref}F", 0, text_of(now))
        connection.execute("INSERT OR REPLACE INTO returned VALUES (?, ?, ?, ?)", failed)
        return False
    has = balance_of(connection, move.provider)
    short = fault is not None and fault.kind is Kind.NOT_ENOUGH
    if short or (has is not None and has < move.amount_fen):
        raise Rejected(Why.NOT_ENOUGH)
    change_balance(connection, move.provider, -move.amount_fen)
    waits = fault.after(_SLOWLY) if fault and fault.kind is Kind.PROCESSING else 0.0
    connection.execute(
        "INSERT INTO returned VALUES (?, ?, ?, ?) ON CONFLICT (ref)"
        " DO UPDATE SET amount_fen = amount_fen + excluded.amount_fen, id = excluded.id,"
        " at = excluded.at",
        (move.ref, f"A{move.ref}", move.amount_fen, text_of(now + timedelta(seconds=waits))),
    )
    return True
