"""Notices come until they are taken, by the provider's own schedule, and only to our address."""

from __future__ import annotations

import json
import threading
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.portal.simulator.shops import Shop

# Seconds between one try and the next, as WeChat documents them.
WECHAT = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600]


@dataclass
class Mailbox:
    """A portal that takes notices, or does not."""

    url: str
    status: int = 500
    answer: bytes = b""
    came: list[tuple[str, bytes]] = field(default_factory=list)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            box.came.append((self.path, content))
            self.send_response(box.status)
            self.send_header("Content-Length", str(len(box.answer)))
            self.end_headers()
            self.wfile.write(box.answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    box = Mailbox(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield box
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def told(tmp_path: Path, keys: Path, mailbox: Mailbox) -> Iterator[Shop]:
    """A shop whose simulator writes to the mailbox."""
    (tmp_path / "keys").symlink_to(keys)
    shop = Shop(tmp_path, notices=mailbox.url)
    yield shop
    shop.client.close()


def push(shop: Shop) -> int:
    return shop.client.post("/simulator/push").json()["sent"]


def test_a_notice_that_is_not_taken_comes_again_for_a_day(told: Shop, mailbox: Mailbox) -> None:
    told.pay()
    told.refund("R1", 1)
    assert (push(told), len(mailbox.came)) == (0, 1)
    for number, seconds in enumerate(WECHAT, 2):
        told.wait(seconds=seconds - 1)
        push(told)
        assert len(mailbox.came) == number - 1
        told.wait(seconds=1)
        push(told)
        assert len(mailbox.came) == number
    told.wait(days=2)
    push(told)
    assert len(mailbox.came) == len(WECHAT) + 1  # given up
    assert {path for path, _ in mailbox.came} == {"/notices/wechat"}


def test_a_notice_that_was_taken_is_not_sent_again(told: Shop, mailbox: Mailbox) -> None:
    mailbox.status = 204
    told.pay()
    told.refund("R1", 1)
    assert push(told) == 1
    told.wait(days=1)
    assert (push(told), len(mailbox.came)) == (0, 1)


def test_alipay_takes_only_the_word_success(told: Shop, mailbox: Mailbox) -> None:
    mailbox.status, mailbox.answer = 200, b"fail"
    told.pay("alipay")
    told.alipay("alipay.trade.refund", trade_no="T1", refund_amount="1", out_request_no="R1")
    assert push(told) == 0
    mailbox.answer = b"success"
    told.wait(minutes=4)
    assert push(told) == 1


def test_a_refund_is_sealed_for_its_merchant(told: Shop, mailbox: Mailbox) -> None:
    mailbox.status = 204
    told.pay()
    told.refund("REFUND-OF-ONE-SHIRT", 700)  # longer than what a sealed text says by chance
    push(told)
    notice = json.loads(mailbox.came[0][1])
    sealed = notice["resource"]
    opened = AESGCM(told.key("wechat", "apiv3_key")).decrypt(
        sealed["nonce"].encode(), b64decode(sealed["ciphertext"]), b"refund"
    )
    said = json.loads(opened)
    assert notice["event_type"] == "REFUND.SUCCESS"
    assert (said["out_refund_no"], said["refund_status"]) == ("REFUND-OF-ONE-SHIRT", "SUCCESS")
    assert (said["mchid"], said["amount"]["refund"]) == (told.settings["wechat"]["mchid"], 700)
    assert b"REFUND-OF-ONE-SHIRT" not in mailbox.came[0][1]


def test_notices_go_nowhere_else_whatever_a_request_asks(told: Shop, mailbox: Mailbox) -> None:
    mailbox.status = 204
    told.pay()
    told.refund("R1", 1, notify_url="http://127.0.0.1:1/elsewhere")
    assert (push(told), mailbox.came[0][0]) == (1, "/notices/wechat")


def test_a_close_is_told_when_it_happens(told: Shop, mailbox: Mailbox) -> None:
    mailbox.status = 204
    told.pay()
    told.tell("faults", kind="CLOSED")
    told.refund("R1", 1)
    assert push(told) == 0
    told.wait(days=7)
    assert push(told) == 1
    assert json.loads(mailbox.came[0][1])["event_type"] == "REFUND.CLOSED"
