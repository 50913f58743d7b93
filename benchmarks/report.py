"""Rows, the machine they were measured on, and how both are printed."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure beside another of the same run; `ratio` is value over beside.

    `peak_mb` is of the process that measured. The waits are those of one person or caller.
    """

    name: str
    value: float
    unit: str
    beside: float
    ratio: float
    peak_mb: float
    beside_name: str = ""
    p50_ms: float | None = None
    p99_ms: float | None = None


def row(name: str, value: float, unit: str, beside: float) -> Row:
    ratio = value / beside if beside else 0.0
    return Row(name, round(value, 2), unit, round(beside, 2), round(ratio, 3), peak_mb())


def peak_mb() -> float:
    """Peak resident memory of this process so far, in MiB."""
    # Not from getrusage: there a process begins with the peak of the one that started it.
    lines = Path("/proc/self/status").read_text().splitlines()
    return round(next(int(x.split()[1]) for x in lines if x.startswith("VmHWM")) / 1024, 1)


def machine() -> dict[str, object]:
    """Facts without which no figure means anything."""
    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_mb": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "")


def print_report(facts: dict[str, object], rows: list[Row], as_json: bool) -> None:
    if as_json:
        print(json.dumps({"machine": facts, "rows": [asdict(r) for r in rows]}, indent=1))
        return
    print(" ".join(f"{name}={value}" for name, value in facts.items()))
    heads = ("what", "value", "unit", "p50 ms", "p99 ms", "beside", "", "ratio", "peak MB")
    cells = [
        (r.name, r.value, r.unit, _wait(r.p50_ms), _wait(r.p99_ms), r.beside, r.beside_name,
         r.ratio, r.peak_mb)
        for r in rows
    ]  # fmt: skip
    widths = [max(len(str(x)) for x in column) for column in zip(heads, *cells, strict=True)]
    for line in (heads, *cells):
        print("  ".join(str(x).ljust(w) for x, w in zip(line, widths, strict=True)).rstrip())


def _wait(milliseconds: float | None) -> str:
    return "" if milliseconds is None else str(milliseconds)
