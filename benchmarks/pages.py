"""The five main pages with 100 and with 100,000 cases in the projection: they should be alike.

The rows are copies of one real case, spread over shops and buyers; the pages are asked for through
the application as a signed-in person, without a network.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import insert

from benchmarks.report import Row, row
from portal.access import Role
from portal.cases.tables import CaseRow, EntryRow, SeatRow
from portal.house import House
from tests.houses import file_a_claim, open_app
from tests.people import enroll, sign_in
from tests.values import CASE_NO, a_claim

SIZES = (100, 100_000)
VISITS = 40
SHOPS = 50
BATCH = 5_000


@dataclass(frozen=True)
class Page:
    name: str
    email: str
    path: str


PAGES = (
    Page("buyer's list", "buyer@example.com", "/me"),
    Page("case page", "buyer@example.com", f"/cases/{CASE_NO}"),
    Page("merchant's queue", "merchant@example.com", "/shop"),
    Page("reviewer's list", "reviewer@example.com", "/r"),
    Page("association's search", "association@example.com", "/a"),
)


def measure() -> list[Row]:
    few, many = (_times(size) for size in SIZES)
    return [
        row(f"{page.name}, {name} at {SIZES[1]:,} cases (beside: at {SIZES[0]})", b, "ms", a)
        for page in PAGES
        for name, a, b in zip(("p50", "p95"), few[page], many[page], strict=True)
    ]


def _times(size: int) -> dict[Page, tuple[float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        app = open_app(Path(folder))
        house: House = app.extensions["mingan"]
        file_a_claim(house)
        _fill(house, size)
        _enroll(app)
        return {page: _visit(sign_in(app, page.email), page.path) for page in PAGES}


def _visit(client: FlaskClient, path: str) -> tuple[float, float]:
    """p50 and p95 in milliseconds; a page that does not answer 200 ends the run."""
    spent = [_once(client, path) for _ in range(VISITS)]
    cuts = statistics.quantiles(spent, n=20)
    return statistics.median(spent), cuts[-1]


def _once(client: FlaskClient, path: str) -> float:
    start = time.perf_counter()
    answer = client.get(path)
    if answer.status_code != 200:
        raise SystemExit(f"{path} answered {answer.status_code}")
    return (time.perf_counter() - start) * 1000


def _enroll(app: APIFlask) -> None:
    claim = a_claim()
    buyer = {"buyer_ref": claim.buyer_ref, "platform": claim.platform}
    enroll(app, "buyer@example.com", Role.BUYER, **buyer)
    enroll(app, "merchant@example.com", Role.MERCHANT, shop_id=claim.shop_id, merchant_id="mer-1")
    enroll(app, "reviewer@example.com", Role.REVIEWER, reviewer_id="r_bench")
    enroll(app, "association@example.com", Role.ASSOCIATION)


def _fill(house: House, size: int) -> None:
    with house.sessions() as session:
        case = _columns(session.get_one(CaseRow, CASE_NO))
        entry = _columns(session.get_one(EntryRow, 0))
    for start in range(0, size, BATCH):
        numbers = range(start, min(size, start + BATCH))
        with house.sessions.begin() as session:
            session.execute(insert(CaseRow), list(_cases(case, numbers)))
            session.execute(insert(EntryRow), list(_entries(entry, numbers)))
            session.execute(insert(SeatRow), list(_seats(numbers)))


def _columns(one: CaseRow | EntryRow) -> dict[str, object]:
    return {column.key: getattr(one, column.key) for column in one.__table__.columns}


def _cases(case: dict[str, object], numbers: range) -> Iterator[dict[str, object]]:
    for n in numbers:
        yield {
            **case,
            "case_no": f"MA-2025-{n:06d}",
            "buyer_ref": f"b_{n % 9973:018x}",
            "shop_id": f"shop-{n % SHOPS + 1}",
            "filed_at": case["filed_at"] - timedelta(minutes=n),  # type: ignore[operator]
        }


def _entries(entry: dict[str, object], numbers: range) -> Iterator[dict[str, object]]:
    for n in numbers:
        yield {**entry, "index": 1_000 + n, "stream": f"case/MA-2025-{n:06d}"}


def _seats(numbers: range) -> Iterator[dict[str, object]]:
    for n in numbers:
        yield {
            "case_no": f"MA-2025-{n:06d}",
            "number": 1,
            "state": "ACCEPTED",
            "reviewer_id": f"r_{n % 997}" if n % 10_000 else "r_bench",
            "stratum": "EXPERT",
            "voted": bool(n % 2),
        }
