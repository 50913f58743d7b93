"""Claims filed per second through gunicorn beside a bare Flask that inserts a row into SQLite.

Both run under gunicorn with one process of sixteen threads on loopback, and are asked by the same
eight clients. The bare one validates nothing, seals nothing, proves nothing: it is the price floor.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

from benchmarks.report import Row, row

CLAIMS = 120
CLIENTS = 8
ROUNDS = 3
PATIENCE = 60.0

BARE = """
import os, sqlite3
from flask import Flask, request
app = Flask(__name__)
db = sqlite3.connect(os.environ["BARE_DB"], check_same_thread=False, isolation_level=None)
db.executescript("pragma journal_mode=wal; pragma synchronous=full;"
                 "create table if not exists claim (id integer primary key, body text)")
@app.post("/claims")
def file():
    body = request.get_data(as_text=True)
    return {"id": db.execute("insert into claim (body) values (?)", (body,)).lastrowid}
"""


SAMPLE = Path(__file__).parent.parent / "tests" / "samples" / "silk-shirt"


def measure() -> list[Row]:
    with (
        tempfile.TemporaryDirectory() as folder,
        _portal(Path(folder)) as send,
        _bare(Path(folder)) as insert,
    ):
        rates = [(_rate(send), _rate(insert)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*rates, strict=True))
    return [row("claims filed (beside: bare Flask + SQLite insert)", ours, "1/s", theirs)]


def _rate(file_one: Callable[[], None]) -> float:
    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        for done in [threads.submit(file_one) for _ in range(CLAIMS)]:
            done.result()
    return CLAIMS / (time.perf_counter() - start)


@contextmanager
def _portal(folder: Path) -> Iterator[Callable[[], None]]:
    """A portal of its own; each call sends a claim that was drafted before the clock ran."""
    port = free_port()
    home = {"MINGAN_HOME": str(folder / "home"), "MINGAN_PORT": str(port), "MINGAN_REHEARSAL": "1"}
    url = f"http://127.0.0.1:{port}"
    with running([sys.executable, "-m", "portal", "serve", "--init"], home, f"{url}/health"):
        operator = (folder / "home" / "operator.token").read_text().strip()
        with httpx.Client(base_url=f"{url}/api/v1", timeout=PATIENCE) as client:
            drafts = iter(_drafts(client, operator, CLAIMS * ROUNDS))
            buyer = _token(client, operator, "BUYER", _sample("order.json")["order"]["buyer_ref"])

            def send() -> None:
                _ok(client.post(f"/claims/{next(drafts)}/send", headers=buyer))

            yield send


def _drafts(client: httpx.Client, operator: str, count: int) -> list[str]:
    order = _sample("order.json")
    platform = _token(client, operator, "PLATFORM", order["platform"])
    buyer = _token(client, operator, "BUYER", order["order"]["buyer_ref"])
    return [_draft(client, platform, buyer, order, number) for number in range(count)]


def _draft(
    client: httpx.Client,
    platform: dict[str, str],
    buyer: dict[str, str],
    order: dict,
    number: int,
) -> str:
    order["order"]["id"] = f"BENCH{number:06d}"
    _ok(client.post("/orders", json=order, headers=platform))
    claim = {
        "platform": order["platform"],
        "order_id": order["order"]["id"],
        "line_ids": ["ln-1"],
        "reason_code": "P01_MATERIAL",
        "secondary_codes": [],
        "received_goods": True,
    }
    draft = str(_ok(client.post("/claims", json=claim, headers=buyer))["draft_id"])
    rest = {
        "text": "主播说百分百桑蚕丝，吊牌写聚酯纤维。",
        "remedies": [{"code": "REFUND_RETURN", "amount_fen": 32900}],
    }
    _ok(client.patch(f"/claims/{draft}", json=rest, headers=buyer))
    return draft


def _token(client: httpx.Client, operator: str, role: str, reference: str) -> dict[str, str]:
    wish = {"role": role, "reference": reference, "platform": _sample("order.json")["platform"]}
    headers = {"Authorization": f"Bearer {operator}"}
    made = _ok(client.post("/rehearsal/tokens", json=wish, headers=headers))
    return {"Authorization": f"Bearer {made['token']}"}


def _sample(name: str) -> dict:
    return json.loads((SAMPLE / name).read_text())


def _ok(answer: httpx.Response) -> dict:
    if answer.status_code >= 300:
        raise SystemExit(f"{answer.request.url.path} answered {answer.status_code}: {answer.text}")
    return answer.json()


@contextmanager
def _bare(folder: Path) -> Iterator[Callable[[], None]]:
    (folder / "bare.py").write_text(BARE)
    port = free_port()
    server = ["-m", "gunicorn", "-w", "1", "-k", "gthread", "--threads", "16"]
    place = ["--chdir", str(folder), "-b", f"127.0.0.1:{port}", "bare:app"]
    url = f"http://127.0.0.1:{port}"
    settings = {"BARE_DB": str(folder / "bare.sqlite")}
    with (
        running([sys.executable, *server, *place], settings, url),
        httpx.Client(base_url=url, timeout=PATIENCE) as client,
    ):

        def insert() -> None:
            client.post("/claims", json={"text": "x" * 400}).raise_for_status()

        yield insert


@contextmanager
def running(command: list[str], settings: dict[str, str], url: str) -> Iterator[None]:
    """A server of our own until the block ends; ready when it answers at all."""
    server = subprocess.Popen(
        command,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(server, url)
        yield
    finally:
        server.terminate()
        server.wait(PATIENCE)


def _wait(server: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(url, timeout=2)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise SystemExit(f"the server at {url} did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
