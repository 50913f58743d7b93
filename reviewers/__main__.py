"""python -m reviewers recompute|recount BUNDLE.zip [--pool POOL.zip]"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reviewers.bundle import read_bundle, read_events
from reviewers.errors import BundleUnreadable
from reviewers.recheck import Line, recompute, recount

BOUNDARY = (
    "This repeats the arithmetic. Whether the entries are in the log is shown by: "
    "python -m ledger verify"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was repeated; 0 when the record agrees, 1 when it differs or cannot be read."""
    chosen = _parser().parse_args(arguments)
    try:
        lines = _check(chosen.check, chosen.bundle, chosen.pool)
    except BundleUnreadable as problem:
        print(problem, file=sys.stderr)
        return 1
    for line in lines:
        print("ok  " if line.holds else "FAIL", line.text)
    print(BOUNDARY)
    return 0 if all(line.holds for line in lines) else 1


def _check(check: str, path: Path, pool: Path | None) -> tuple[Line, ...]:
    bundle = read_bundle(path)
    if check == "recount":
        return recount(bundle)
    return recompute(bundle, read_events(pool) if pool else None)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reviewers")
    parser.add_argument("check", choices=("recompute", "recount"), help="the draw, or the count")
    parser.add_argument("bundle", type=Path, help="a case bundle (zip)")
    parser.add_argument("--pool", type=Path, help="a bundle of the stream `pool` (recompute)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
