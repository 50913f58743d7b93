"""Run one benchmark, or all of them."""

from __future__ import annotations

import argparse
import sys

from benchmarks import filing, ledger, pages, panels, refunds
from benchmarks.report import machine, print_report

BENCHMARKS = {
    "ledger": ledger.measure,
    "filing": filing.measure,
    "pages": pages.measure,
    "panels": panels.measure,
    "refunds": refunds.measure,
}
# Minutes long, and some ten gigabytes of disk: only if it is asked for by name.
LONG = {"ledger-large": ledger.measure_large}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, *LONG, "all"])
    parser.add_argument("--json", action="store_true", help="machine and rows as one JSON object")
    asked = parser.parse_args()
    names = list(BENCHMARKS) if asked.name == "all" else [asked.name]
    facts = machine()
    print_report(facts, [row for name in names for row in (BENCHMARKS | LONG)[name]()], asked.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
