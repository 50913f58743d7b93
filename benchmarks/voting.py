"""The voting pages of a served portal while 500 reviewers vote at once.

Each holds a seat of their own, has a session of their own, and goes the whole way:
own list, case, exhibit noted as opened, ballot sealed here and sent. All begin in the same moment
and pause nowhere, so every wait holds the queue of those who came before; beside it stands the same
way of one reviewer who is alone. Signing in is not measured. Trustees' keys are real; the openings
that the last votes ask for are left to a worker that does not run.
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from apiflask import APIFlask

from benchmarks.filing import free_port, running
from benchmarks.report import Row, peak_mb
from portal.access import Actor, Role
from portal.config import Config
from portal.database import db
from portal.events import TrusteeKey
from portal.house import House
from portal.logkey import read_or_make_log_key
from portal.pool.commands import EnrollReviewer
from portal.responses import desk as responses
from portal.serving import Server
from portal.trustees.enrolment import enroll_configured
from portal.trustees.settings import read_trustees
from reviewers.ballot import Ballot, Choice, Reason, encode
from reviewers.envelope import Context, seal
from tests.houses import accept_all, case_of, file_a_claim, open_app, perform_todo
from tests.keyholders import keyholders
from tests.people import FAST_HASHING, enroll, sign_in

REVIEWERS = 500
ALONE = 7
PANEL = {"BUYER_SIDE": 3, "MERCHANT_SIDE": 3, "EXPERT": 1}
PANELS = -(-(REVIEWERS + ALONE) // sum(PANEL.values()))
PATIENCE = 300.0
SHOP = Actor(
    account_id=1, roles=frozenset({Role.MERCHANT}), platform="hailiao-live", shop_id="shop-1"
)
SETTINGS = "trustees/trustees.toml"
FIELD = re.compile(r'name="(csrf_token|command_id)"[^>]*value="([^"]+)"')

Waits = dict[str, list[float]]


@dataclass(frozen=True)
class Voter:
    case_no: str
    seat: int
    rules: str
    trustees: tuple[TrusteeKey, ...]
    cookie: str


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        voters = _seat_everybody(Path(folder))
        with _portal(Path(folder)) as url:
            alone = asyncio.run(_vote(url, voters[:ALONE], together=1))
            crowd = asyncio.run(_vote(url, voters[ALONE:], together=REVIEWERS))
    return [_row(page, crowd[page], alone[page]) for page in crowd]


def _row(page: str, crowd: list[float], alone: list[float]) -> Row:
    """The value is p95; p50 and p99 stand beside it."""
    cuts = statistics.quantiles(crowd, n=100)
    p95, beside = cuts[94], statistics.median(alone)
    return Row(
        name=f"{REVIEWERS} reviewers at once, p95 of {page}",
        value=round(p95, 1),
        unit="ms",
        beside=round(beside, 1),
        ratio=round(p95 / beside, 1),
        peak_mb=peak_mb(),
        beside_name="alone",
        p50_ms=round(cuts[49], 1),
        p99_ms=round(cuts[98], 1),
    )


async def _vote(url: str, voters: list[Voter], together: int) -> Waits:
    waits: Waits = defaultdict(list)
    turn = asyncio.Semaphore(together)
    # A connection for each request: one kept for later may be closed just as it is used again.
    limits = httpx.Limits(max_connections=together, max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE, limits=limits) as client:
        await asyncio.gather(*(_way(client, turn, voter, waits) for voter in voters))
    return waits


async def _way(
    client: httpx.AsyncClient, turn: asyncio.Semaphore, voter: Voter, waits: Waits
) -> None:
    """One reviewer's whole way to a ballot that is recorded."""
    page = f"/r/{voter.case_no}"

    async def ask(name: str, method: str, path: str, **options: object) -> httpx.Response:
        begun = time.perf_counter()
        headers = {"Cookie": voter.cookie, "X-CSRFToken": fields.get("csrf_token", "")}
        answer = await client.request(method, path, headers=headers, **options)  # type: ignore[arg-type]
        if answer.status_code not in (200, 201):
            raise SystemExit(f"{path} answered {answer.status_code}: {answer.text[:300]}")
        waits[name].append((time.perf_counter() - begun) * 1000)
        return answer

    async with turn:
        fields: dict[str, str] = {}
        await ask("GET /r", "GET", "/r")
        fields |= FIELD.findall((await ask("GET /r/<no>", "GET", page)).text)
        await ask("POST /r/<no>/opened", "POST", f"{page}/opened", json={"numbers": ["B1"]})
        sealed = {"command_id": fields["command_id"], "envelope": _envelope(voter).decode()}
        await ask("POST /r/<no>/sealed", "POST", f"{page}/sealed", json=sealed)


def _envelope(voter: Voter) -> bytes:
    ballot = Ballot(
        seat=voter.seat,
        choice=Choice.SUPPORT_RESPONDENT,
        amount_fen=0,
        compensation_fen=0,
        remedy=None,
        reasons=(Reason.PROMISE_NOT_PROVED,),
        text="看不出是哪一件。",
        citations=("B1",),
        cast_at="2026-11-22T05:00:00.000Z",
    )
    keys = [(each.name, base64.b64decode(each.key)) for each in voter.trustees]
    context = Context(voter.case_no, 1, voter.seat, voter.rules)
    return seal(encode(ballot), context, keys, os.urandom(32), os.urandom(12))


def _seat_everybody(folder: Path) -> list[Voter]:
    """As many panels as it takes; nobody sits twice, for the quota is one."""
    config = Config.for_folder(folder)
    log = read_or_make_log_key(config.keys_folder / "log.key", config.origin)
    with keyholders(folder / "trustees", (each.vkey for each in log.verifiers)):
        app = open_app(folder, trustees=read_trustees(str(folder / SETTINGS)))
        house: House = app.extensions["mingan"]
        house.projection.catch_up()
        enroll_configured(house.recorder, house.sessions, house.config.trustees)
    for stratum, seats in PANEL.items():
        for number in range(seats * PANELS):
            _enroll(app, house, f"r_{stratum.lower()}_{number}", stratum)
    voters = [voter for n in range(PANELS) for voter in _seat_one(app, house, n)]
    _close(app, house)
    return voters[: ALONE + REVIEWERS]


def _enroll(app: APIFlask, house: House, reviewer_id: str, stratum: str) -> None:
    enroll(app, _email(reviewer_id), Role.REVIEWER, reviewer_id=reviewer_id)
    wish = EnrollReviewer(reviewer_id, stratum, quota=1)
    house.recorder.record(wish, by="OPERATOR", command_id=f"enroll/{reviewer_id}")


def _seat_one(app: APIFlask, house: House, number: int) -> Iterator[Voter]:
    case_no = f"MA-2026-{number + 1:06}"
    file_a_claim(house, f"claim/{number}", case_no=case_no, order_id=f"HL{number}")
    answer = responses.Answer("DENY", "详情页写明聚酯纤维", "AS_SAID")
    responses.respond(house, SHOP, case_no, answer, f"answer/{number}")
    perform_todo(house, case_no)
    accept_all(house, case_no)
    case = case_of(house, case_no)
    assert case.drawn is not None, "a panel that was not drawn"
    for seat in case.seats:
        browser = sign_in(app, _email(seat.reviewer_id))
        cookie = browser.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None, "a reviewer who was not let in"
        held = f"{cookie.key}={cookie.value}"
        yield Voter(case_no, seat.number, case.claim.rules_version, case.drawn.trustees, held)


def _email(reviewer_id: str) -> str:
    return f"{reviewer_id}@example.com"


def _close(app: APIFlask, house: House) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    house.log.close()


@contextmanager
def _portal(folder: Path) -> Iterator[str]:
    """The portal on that folder, under gunicorn as `python -m portal web` has it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "benchmarks.voting", str(folder), str(port)]
    with running(command, {}, f"{url}/health"):
        yield url


def _serve(folder: Path, port: int) -> None:
    trustees = read_trustees(str(folder / SETTINGS))
    config = Config.for_folder(folder, port=port, trustees=trustees, hashing=FAST_HASHING)
    Server(config, embedded=False).run()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), int(sys.argv[2]))
