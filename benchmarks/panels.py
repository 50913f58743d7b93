"""Draws from pools of 10,000 to a million, tallies, the draw in a browser, voters at once.

Beside a draw stands what one would write without thinking: random.choices over the whole pool for
each seat, the one who was drawn taken out of the list. It proves nothing and cannot be repeated.
Each size is measured in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import TypeVar

from playwright.sync_api import sync_playwright

from benchmarks import voting
from benchmarks.report import Row, peak_mb, row
from reviewers.ballot import Ballot, Choice, Claimed, Reason
from reviewers.candidates import Fixed, encode
from reviewers.draw import draw
from reviewers.eligibility import NO_TIES, Parties, Profile, screen
from reviewers.pool import Reviewer
from reviewers.tally import tally
from tests.browser import find_chromium

Result = TypeVar("Result")

SIZES = (10_000, 100_000, 1_000_000)
STRATA = tuple(f"EXPERT/F{n:02}" for n in range(20))
SEATS, RESERVES = 1, 7  # in each stratum
CONFLICTS = 10_000  # of a million; fewer of fewer
TALLIES = 10_000
IN_BROWSER = 100_000
ROUNDS = 3
SCRIPTS = Path(__file__).parent.parent / "portal" / "static"
SEED = bytes(range(32))
PARTIES = Parties("b_1", "mer-1", "shop-1")
CLAIM = Claimed("REFUND_RETURN", 32_900, 98_700, frozenset({"B1"}), 0, "CONTRACT_PENALTY")


def measure() -> list[Row]:
    return [*_draws(), _tallies(), *_browser(), *voting.measure()]


def _draws() -> Iterator[Row]:
    for size in SIZES:
        found = _alone(size)
        yield Row(
            name=f"draw_{size}: {len(STRATA)} strata",
            value=found["draw"],
            unit="s",
            beside=found["naive"],
            ratio=round(found["draw"] / found["naive"], 3),
            peak_mb=found["peak_mb"],
            beside_name="random.choices",
        )
        yield Row(
            name=f"screen_{size}: {found['conflicts']:.0f} conflicts",
            value=found["screen"],
            unit="s",
            beside=found["draw"],
            ratio=round(found["screen"] / found["draw"], 3),
            peak_mb=found["peak_mb"],
            beside_name="the draw",
        )


def _alone(size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.panels", str(size)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def time_one_size(size: int) -> dict[str, float]:
    """Seconds of screening and of drawing, and the peak before the naive way is tried."""
    pool, profiles = _pool(size)
    screened, fixed = _timed(partial(screen, pool, PARTIES, profiles))
    seats = dict.fromkeys(STRATA, SEATS)
    drawn, _ = _timed(partial(draw, SEED, fixed.candidates, seats, RESERVES))
    peak = peak_mb()
    naive, _ = _timed(partial(_draw_naively, fixed))
    return {
        "screen": round(screened, 3),
        "draw": round(drawn, 3),
        "naive": round(naive, 3),
        "conflicts": len(fixed.excluded),
        "peak_mb": peak,
    }


def _pool(size: int) -> tuple[list[Reviewer], dict[str, Profile]]:
    every = max(SIZES) // CONFLICTS
    bought = Profile(bought_from=frozenset({"shop-1"}))
    profiles = {f"r_{n:07}": bought if n % every == 0 else NO_TIES for n in range(size)}
    pool = [Reviewer(i, STRATA[n % 20], 1 + n % 5) for n, i in enumerate(profiles)]
    return pool, profiles


def _timed(act: Callable[[], Result]) -> tuple[float, Result]:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = act()
        times.append(time.perf_counter() - start)
    return median(times), result


def _draw_naively(fixed: Fixed) -> list[str]:
    chance, taken = random.Random(1), []
    for stratum in STRATA:
        ids = [id_ for id_, _ in fixed.candidates[stratum]]
        weights = [weight for _, weight in fixed.candidates[stratum]]
        for _ in range(SEATS + RESERVES):
            place = chance.choices(range(len(ids)), weights)[0]
            taken.append(ids.pop(place))
            del weights[place]
    return taken


def _tallies() -> Row:
    panels = [[_ballot(seat, (panel + seat) % 3) for seat in range(1, 8)] for panel in range(100)]
    ours, _ = _timed(lambda: [tally(panels[n % 100], 7, CLAIM) for n in range(TALLIES)])
    bare, _ = _timed(lambda: [_count_barely(panels[n % 100]) for n in range(TALLIES)])
    name = "tallies of 7 ballots (beside: Counter and median)"
    return row(name, TALLIES / ours, "1/s", TALLIES / bare)


def _count_barely(ballots: list[Ballot]) -> tuple[object, float]:
    side = Counter(ballot.choice for ballot in ballots).most_common(1)[0][0]
    return side, median(ballot.amount_fen for ballot in ballots)


def _ballot(seat: int, kind: int) -> Ballot:
    return Ballot(
        seat=seat,
        choice=list(Choice)[kind],
        amount_fen=10_000 + seat,
        compensation_fen=0,
        remedy=None,
        reasons=(Reason.PROMISE_PROVED,),
        text="吊牌与口播不符。",
        citations=("B1",),
        cast_at="2026-11-20T00:00:00Z",
        liability={"MERCHANT": 6_000, "HOST": 4_000},
    )


def _browser() -> list[Row]:
    """The same draw in Chromium, from the file's bytes to the last reserve."""
    chromium = find_chromium()
    if chromium is None:
        print("SKIPPED: no Chromium, the draw was not repeated in a browser", file=sys.stderr)
        return []
    pool, profiles = _pool(IN_BROWSER)
    fixed = screen(pool, PARTIES, profiles)
    content = encode(fixed).decode()
    seats = dict.fromkeys(STRATA, SEATS)
    ours, _ = _timed(partial(draw, SEED, fixed.candidates, seats, RESERVES))
    with _scripts() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{base}/seal.svg")
        asked = [f"{base}/js/lots.js", content, SEED.hex(), list(seats.items()), RESERVES]
        spent = median(page.evaluate(REPEAT, asked) for _ in range(ROUNDS))
        browser.close()
    name = f"browser_{IN_BROWSER}: digest, reading, checking, drawing (beside: drawing in Python)"
    return [row(name, spent / 1000, "s", ours)]


REPEAT = """async ([url, file, seed, seats, reserves]) => {
  const lots = await import(url);
  const bytes = new TextEncoder().encode(file);
  const start = performance.now();
  await crypto.subtle.digest("SHA-256", bytes);
  const { strata } = lots.readPool(bytes);
  await lots.drawPanel(lots.fromHex(seed), strata, seats, reserves);
  return performance.now() - start;
}"""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *parts: object) -> None:
        """Nobody asked for a log."""


@contextmanager
def _scripts() -> Iterator[str]:
    """The portal's own scripts on loopback: a browser gives no cryptography to files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=SCRIPTS)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


if __name__ == "__main__":
    print(json.dumps(time_one_size(int(sys.argv[1]))))
