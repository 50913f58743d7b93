"""python -m reviewers recompute|recount BUNDLE.zip"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from reviewers.bundle import read_events
from reviewers.errors import BundleUnreadable
from reviewers.recheck import recompute, recount

CHECKS = {"recompute": recompute, "recount": recount}
BOUNDARY = (
    "This repeats the arithmetic. Whether the entries are in the log is shown by: "
    "python -m ledger verify"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was repeated; 0 when the record agrees, 1 when it differs or cannot be read."""
    chosen = _parser().parse_args(arguments)
    try:
        lines = CHECKS[chosen.check](read_events(chosen.bundle))
    except BundleUnreadable as problem:
        print(problem, file=sys.stderr)
        return 1
    for line in lines:
        print("ok  " if line.holds else "FAIL", line.text)
    print(BOUNDARY)
    return 0 if all(line.holds for line in lines) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reviewers")
    parser.add_argument("check", choices=tuple(CHECKS), help="the draw, or the count")
    parser.add_argument("bundle", type=Path, help="a case bundle (zip)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
